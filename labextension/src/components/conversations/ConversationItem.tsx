import { deleteIcon, editIcon } from '@jupyterlab/ui-components';
import { useState } from 'react';

import type { Conversation } from '../../api/schema';
import { IconButton } from '../controls';
import { useServices } from '../context';
import { moment } from '../format';
import { TitleField } from '../TitleField';

/** One line of the list. */
export function ConversationItem({
  conversation,
  isCurrent
}: {
  conversation: Conversation;
  isCurrent: boolean;
}) {
  const { hub, trans, session } = useServices();
  const [isRenaming, setRenaming] = useState(false);
  const title = conversation.title ?? trans.__('New chat');
  return (
    <li
      className="jp-llmhub-item"
      data-testid="llmhub-conversation-item"
      data-conversation-id={conversation.id}
      data-running={conversation.running || undefined}
      data-current={isCurrent || undefined}
    >
      {isRenaming ? (
        <TitleField
          title={conversation.title ?? ''}
          onDone={changed => {
            setRenaming(false);
            if (changed) {
              void hub.conversations.rename(conversation.id, changed);
            }
          }}
        />
      ) : (
        <button
          type="button"
          className="jp-llmhub-item-open"
          aria-current={isCurrent}
          onClick={() => {
            void session.open(conversation.id);
          }}
          onDoubleClick={() => {
            setRenaming(true);
          }}
        >
          {conversation.running && (
            <span className="jp-llmhub-running" role="img" aria-label={trans.__('Answering')} />
          )}
          <span className="jp-llmhub-item-title">{title}</span>
          <span className="jp-llmhub-item-time">{moment(conversation.updated_at)}</span>
        </button>
      )}
      {!isRenaming && (
        <span className="jp-llmhub-item-actions">
          <IconButton
            icon={editIcon}
            label={trans.__('Rename “%1”', title)}
            testId="llmhub-conversation-rename"
            onClick={() => {
              setRenaming(true);
            }}
          />
          <IconButton
            icon={deleteIcon}
            label={trans.__('Delete “%1”', title)}
            testId="llmhub-conversation-delete"
            onClick={() => {
              hub.deleteConversation(conversation.id);
            }}
          />
        </span>
      )}
    </li>
  );
}
