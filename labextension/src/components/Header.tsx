import { launchIcon, listIcon, settingsIcon } from '@jupyterlab/ui-components';

import { mapIcon, newChatIcon, usageIcon } from '../icons';
import { useServices } from './context';
import { IconButton } from './controls';
import { useModel } from './hooks';
import { TitleField } from './TitleField';

/** The top of the panel: where one is, and the ways to elsewhere. */
export function Header() {
  const { openTab, openUsage, trans, session } = useServices();
  useModel(session);
  const { conversation } = useModel(session.chat);
  const title = {
    thread: conversation?.title ?? trans.__('New chat'),
    conversations: trans.__('Conversations'),
    providers: trans.__('Providers'),
    map: trans.__('Map: %1', conversation?.title ?? trans.__('New chat')),
    branches: trans.__('Two branches'),
    stars: trans.__('Starred messages')
  }[session.screen.view];
  const isThread = session.screen.view === 'thread';
  return (
    <header className="jp-llmhub-header">
      <IconButton
        icon={listIcon}
        label={trans.__('Conversations')}
        testId="llmhub-list-toggle"
        aria-pressed={session.screen.hasList}
        onClick={() => {
          session.screen.toggleList();
        }}
      />
      {isThread && conversation && session.titling.isHere ? (
        <TitleField
          title={conversation.title ?? ''}
          onDone={changed => {
            session.titling.end();
            if (changed) {
              void session.rename(changed);
            }
          }}
        />
      ) : isThread && conversation ? (
        <button
          type="button"
          className="jp-llmhub-title"
          data-testid="llmhub-title"
          title={trans.__('Rename')}
          onClick={() => {
            session.beginRename();
          }}
        >
          {title}
        </button>
      ) : (
        <h2 className="jp-llmhub-title" data-testid="llmhub-title">
          {title}
        </h2>
      )}
      {conversation && (
        <IconButton
          icon={mapIcon}
          label={trans.__('Map of the conversation')}
          testId="llmhub-show-map"
          aria-pressed={session.screen.view === 'map'}
          onClick={() => {
            session.screen.show(session.screen.view === 'map' ? 'thread' : 'map');
          }}
        />
      )}
      {isThread && conversation && openTab && !session.isTab && (
        <IconButton
          icon={launchIcon}
          label={trans.__('Open in a tab')}
          testId="llmhub-open-tab"
          onClick={() => {
            openTab(conversation.id);
          }}
        />
      )}
      <IconButton
        icon={newChatIcon}
        label={trans.__('New chat')}
        testId="llmhub-new-chat"
        onClick={() => {
          session.newChat();
        }}
      />
      {openUsage && (
        <IconButton
          icon={usageIcon}
          className="jp-llmhub-to-usage"
          label={trans.__('Usage and costs')}
          testId="llmhub-usage"
          onClick={openUsage}
        />
      )}
      <IconButton
        icon={settingsIcon}
        label={trans.__('Providers')}
        testId="llmhub-providers"
        aria-pressed={session.screen.view === 'providers'}
        onClick={() => {
          session.screen.show(session.screen.view === 'providers' ? 'thread' : 'providers');
        }}
      />
    </header>
  );
}
