import { type KeyboardEvent, memo } from 'react';

import type { ChatModel } from '../../model/chat';
import { isRunning } from '../../model/node';
import { Ending } from './Ending';
import { Toolbar } from './Toolbar';
import { Button } from '../controls';
import { useServices } from '../context';
import { useChosen, useNode } from '../hooks';
import { EditBox, editKey } from './EditBox';
import { Parts } from './Parts';
import { SummaryMark } from './SummaryMark';
import { WaitWords } from './WaitWords';

interface Props {
  chat: ChatModel;
  id: string;
  isLast: boolean;
  /** Which of how many it is, from 1; -1: nobody knows yet how many there are. */
  position?: number;
  count?: number;
  /** Others to the same question stand beside it. */
  isCompared?: boolean;
}

/** One message with what can be done with it. */
export const MessageView = memo(function MessageView(props: Props) {
  const { chat, id, isLast, position, count, isCompared = false } = props;
  const { trans, session } = useServices();
  const node = useNode(chat, id);
  const isEditing = useChosen(chat, () => chat.edits.has(id));
  const isBranchPoint = useChosen(chat, () => chat.branchPoint === id);
  const isAfter = useChosen(chat, () => isBeyond(chat, id));
  if (!node) {
    return null;
  }
  const { message } = node;
  const isUser = message.role === 'user';
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key] as -1 | 1 | undefined;
    if (step && isPlainAlt(event) && !isWriting(event.target)) {
      event.preventDefault();
      event.stopPropagation();
      chat.holds.keep(id, { top: null, step, isFocused: true });
      void session.latest.stepBranch(step, id);
    }
  };
  return (
    <article
      className={`jp-llmhub-message jp-llmhub-${message.role}`}
      data-testid="llmhub-message"
      data-role={message.role}
      data-status={message.status}
      data-message-id={message.id}
      data-pinned={message.pinned || undefined}
      data-beyond={isAfter || undefined}
      tabIndex={-1}
      aria-posinset={position}
      aria-setsize={count}
      aria-label={isUser ? trans.__('You') : trans.__('Answer')}
      aria-busy={isRunning(message)}
      onKeyDown={onKeyDown}
    >
      {isEditing ? (
        <EditBox chat={chat} message={message} />
      ) : (
        <>
          <div className="jp-llmhub-body">
            <Parts node={node} />
            <WaitWords node={node} />
          </div>
          <Ending chat={chat} node={node} isLast={isLast} />
          <UnsentEdit chat={chat} id={id} />
          <Toolbar chat={chat} message={message} isLast={isLast} isCompared={isCompared} />
          {isBranchPoint && <BranchNotice chat={chat} />}
          <SummaryMark chat={chat} id={id} />
        </>
      )}
    </article>
  );
});

/** Other words for a message that were begun and left. */
function UnsentEdit({ chat, id }: { chat: ChatModel; id: string }) {
  const { hub, trans } = useServices();
  const text = useChosen(hub.drafts, drafts => drafts.get(editKey(id)).text);
  if (!text) {
    return null;
  }
  return (
    <div className="jp-llmhub-ending" data-testid="llmhub-unsent-edit">
      <span>{trans.__('An edit was begun')}</span>
      <Button
        testId="llmhub-resume-edit"
        onClick={() => {
          chat.edits.begin(id);
        }}
      >
        {trans.__('Go on')}
      </Button>
      <Button
        onClick={() => {
          hub.drafts.forget(editKey(id));
        }}
      >
        {trans.__('Discard')}
      </Button>
    </div>
  );
}

/** Says that what is written next goes here, and not to the end. */
function BranchNotice({ chat }: { chat: ChatModel }) {
  const { trans } = useServices();
  return (
    <div className="jp-llmhub-branch-notice" role="status" data-testid="llmhub-branch-notice">
      <span>{trans.__('What you write next goes on from here, on a branch of its own.')}</span>
      <Button
        onClick={() => {
          chat.branchFrom(null);
        }}
      >
        {trans.__('Cancel')}
      </Button>
    </div>
  );
}

/** Below where the next branch begins. */
function isBeyond(chat: ChatModel, id: string): boolean {
  const { branchPoint } = chat;
  return branchPoint !== null && chat.tree.path.indexOf(id) > chat.tree.path.indexOf(branchPoint);
}

function isPlainAlt(event: KeyboardEvent): boolean {
  return event.altKey && !event.ctrlKey && !event.metaKey && !event.shiftKey;
}

function isWriting(target: EventTarget): boolean {
  return target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable]');
}
