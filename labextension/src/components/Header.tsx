import {
  caretDownEmptyThinIcon,
  folderIcon,
  launchIcon,
  listIcon,
  settingsIcon
} from '@jupyterlab/ui-components';

import { eyeIcon, mapIcon, newChatIcon, usageIcon } from '../icons';
import { useServices } from './context';
import { IconButton } from './controls';
import { useModel } from './hooks';
import { openMenu } from './menu';
import { TitleField } from './TitleField';
import { Icon } from './Icon';
import { loadMap } from './views';

/** In the menu of new chats; the others are reached in the list. */
const MOST_FOLDERS = 12;

/** The top of the panel: where one is, and the ways to elsewhere. */
export function Header() {
  const { hub, openTab, openUsage, trans, session } = useServices();
  useModel(session);
  useModel(hub.folders);
  const { conversation, folder, isTemporary } = useModel(session.chat);
  const place = hub.folders.pathName(folder);
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
      {isThread && place && (
        <span
          className="jp-llmhub-place"
          data-testid="llmhub-place"
          title={[place, hub.folders.instructionsOf(folder)].filter(Boolean).join('\n\n')}
        >
          <Icon of={folderIcon} />
          {hub.folders.get(folder)?.name}
        </span>
      )}
      {conversation && (
        <IconButton
          icon={mapIcon}
          label={trans.__('Map of the conversation')}
          testId="llmhub-show-map"
          aria-pressed={session.screen.view === 'map'}
          onPointerEnter={() => {
            // It fails again, and says so, when it is shown.
            loadMap().catch(() => undefined);
          }}
          onClick={() => {
            session.screen.show(session.screen.view === 'map' ? 'thread' : 'map');
          }}
        />
      )}
      {isThread && conversation && !isTemporary && openTab && !session.isTab && (
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
      <IconButton
        icon={caretDownEmptyThinIcon}
        className="jp-llmhub-new-chat-more"
        label={trans.__('New chat, temporary or in a folder')}
        testId="llmhub-new-chat-menu"
        aria-haspopup="menu"
        onClick={({ currentTarget }) => {
          openMenu(currentTarget, trans.__('New chat'), [
            {
              label: trans.__('New temporary chat'),
              icon: eyeIcon,
              testId: 'llmhub-new-temporary',
              onSelect: () => {
                session.newChat({ folder: null, temporary: true });
              }
            },
            ...hub.folders.rows.slice(0, MOST_FOLDERS).map(({ folder }, index) => ({
              label: trans.__('New chat in “%1”', hub.folders.pathName(folder.id)),
              icon: folderIcon,
              isApart: index === 0,
              onSelect: () => {
                session.newChat({ folder: folder.id, temporary: false });
              }
            }))
          ]);
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
