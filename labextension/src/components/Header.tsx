import { listIcon, settingsIcon } from '@jupyterlab/ui-components';
import { useState } from 'react';

import { newChatIcon } from '../icons';
import { useServices } from './context';
import { IconButton } from './controls';
import { useModel } from './hooks';
import { TitleField } from './TitleField';

/** The top of the panel: where one is, and the ways to elsewhere. */
export function Header() {
  const { hub, trans, session } = useServices();
  useModel(session);
  const { conversation } = useModel(session.chat);
  const [isRenaming, setRenaming] = useState(false);
  const title = {
    thread: conversation?.title ?? trans.__('New chat'),
    conversations: trans.__('Conversations'),
    providers: trans.__('Providers')
  }[session.view];
  const isThread = session.view === 'thread';
  return (
    <header className="jp-llmhub-header">
      <IconButton
        icon={listIcon}
        label={trans.__('Conversations')}
        testId="llmhub-list-toggle"
        aria-pressed={session.view === 'conversations'}
        onClick={() => {
          session.show(session.view === 'conversations' ? 'thread' : 'conversations');
        }}
      />
      {isThread && conversation && isRenaming ? (
        <TitleField
          title={conversation.title ?? ''}
          onDone={changed => {
            setRenaming(false);
            if (changed) {
              session.chat.setConversation({ title: changed });
              void hub.conversations.rename(conversation.id, changed);
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
            setRenaming(true);
          }}
        >
          {title}
        </button>
      ) : (
        <h2 className="jp-llmhub-title" data-testid="llmhub-title">
          {title}
        </h2>
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
        icon={settingsIcon}
        label={trans.__('Providers')}
        testId="llmhub-providers"
        aria-pressed={session.view === 'providers'}
        onClick={() => {
          session.show(session.view === 'providers' ? 'thread' : 'providers');
        }}
      />
    </header>
  );
}
