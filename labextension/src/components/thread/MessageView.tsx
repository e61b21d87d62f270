import { checkIcon, copyIcon, editIcon } from '@jupyterlab/ui-components';
import { memo, useState } from 'react';

import type { Message } from '../../api/schema';
import { continueIcon, regenerateIcon } from '../../icons';
import type { ChatModel } from '../../model/chat';
import { isRunning, textOf, type Node } from '../../model/node';
import { copyText } from '../clipboard';
import { Button, IconButton } from '../controls';
import { useServices } from '../context';
import { useFlash, useModel, useNode } from '../hooks';
import { BranchPicker } from './BranchPicker';
import { EditBox, editKey } from './EditBox';
import { ErrorCard } from './ErrorCard';
import { Parts } from './Parts';
import { WaitWords } from './WaitWords';

interface Props {
  chat: ChatModel;
  id: string;
  isLast: boolean;
}

/** One message with what can be done with it. */
export const MessageView = memo(function MessageView({ chat, id, isLast }: Props) {
  const { hub, trans } = useServices();
  const node = useNode(chat, id);
  const [isEditing, setEditing] = useState(() => hub.drafts.get(editKey(id)).text !== '');
  if (!node) {
    return null;
  }
  const { message } = node;
  const isUser = message.role === 'user';
  return (
    <article
      className={`jp-llmhub-message jp-llmhub-${message.role}`}
      data-testid="llmhub-message"
      data-role={message.role}
      data-status={message.status}
      data-message-id={message.id}
      aria-label={isUser ? trans.__('You') : trans.__('Answer')}
      aria-busy={isRunning(message)}
    >
      {isEditing ? (
        <EditBox
          chat={chat}
          message={message}
          onClose={() => {
            setEditing(false);
          }}
        />
      ) : (
        <div className="jp-llmhub-body">
          <Parts node={node} />
          <WaitWords node={node} />
        </div>
      )}
      {!isEditing && <Ending chat={chat} node={node} isLast={isLast} />}
      {!isEditing && (
        <Toolbar
          chat={chat}
          message={message}
          isLast={isLast}
          onEdit={() => {
            setEditing(true);
          }}
        />
      )}
    </article>
  );
});

/** How an answer ended, if not well, and how to go on. */
function Ending({ chat, node, isLast }: { chat: ChatModel; node: Node; isLast: boolean }) {
  const { trans, session } = useServices();
  useModel(chat);
  const { message } = node;
  if (message.role !== 'assistant' || isRunning(message)) {
    return null;
  }
  const isIdle = !chat.running && !chat.isPosting;
  const wasCut = message.finish_reason === 'length';
  const canContinue =
    isLast && isIdle && message.parts.length > 0 && (message.status !== 'complete' || wasCut);
  const retry = isLast && isIdle ? () => void chat.regenerate(message.id, session.model) : null;
  const goOn = (
    <Button
      icon={continueIcon}
      testId="llmhub-continue"
      onClick={() => {
        void chat.continueAnswer(message.id, session.model);
      }}
    >
      {trans.__('Continue')}
    </Button>
  );
  if (message.error) {
    return (
      <ErrorCard
        error={message.error}
        title={message.status === 'interrupted' ? trans.__('Interrupted') : undefined}
        since={message.created_at}
        onRetry={retry}
      >
        {canContinue && goOn}
      </ErrorCard>
    );
  }
  const words = {
    stopped: trans.__('Stopped'),
    interrupted: trans.__('Interrupted'),
    failed: trans.__('Failed'),
    complete: wasCut ? trans.__('Cut off: the answer reached its length limit') : null,
    running: null,
    waiting: null
  }[message.status];
  if (!words) {
    return null;
  }
  return (
    <div className="jp-llmhub-ending">
      <span>{words}</span>
      {canContinue && goOn}
      {message.status === 'failed' && retry && (
        <Button testId="llmhub-retry" onClick={retry}>
          {trans.__('Retry')}
        </Button>
      )}
    </div>
  );
}

interface ToolbarProps {
  chat: ChatModel;
  message: Message;
  isLast: boolean;
  onEdit: () => void;
}

function Toolbar({ chat, message, isLast, onEdit }: ToolbarProps) {
  const { trans, hub, session } = useServices();
  useModel(chat);
  const [copied, flash] = useFlash();
  const isUser = message.role === 'user';
  const text = textOf(message.parts);
  const isBusy = isRunning(message);
  const isIdle = !chat.running && !chat.isPosting;
  const copy = (): void => {
    copyText(text);
    flash();
  };
  return (
    <div
      className="jp-llmhub-toolbar"
      data-last={isLast || undefined}
      role="toolbar"
      aria-label={trans.__('Message actions')}
    >
      <BranchPicker chat={chat} message={message} />
      <span className="jp-llmhub-actions">
        {text && !isBusy && (
          <IconButton
            icon={copied ? checkIcon : copyIcon}
            label={copied ? trans.__('Copied') : trans.__('Copy')}
            testId="llmhub-copy"
            onClick={copy}
          />
        )}
        {isUser && isIdle && (
          <IconButton
            icon={editIcon}
            label={trans.__('Edit and send again')}
            testId="llmhub-edit"
            onClick={onEdit}
          />
        )}
        {!isUser && !isBusy && isIdle && (
          <IconButton
            icon={regenerateIcon}
            label={trans.__('Answer again')}
            testId="llmhub-regenerate"
            onClick={() => {
              void chat.regenerate(message.id, session.model);
            }}
          />
        )}
      </span>
      {!isUser && message.model && (
        <span className="jp-llmhub-model-note">{hub.catalogue.label(message.model)}</span>
      )}
    </div>
  );
}
