import { type KeyboardEvent, memo, useLayoutEffect, useRef, useState } from 'react';

import { OVER_CEILING } from '../../api/errors';
import { arrowDownIcon } from '../../icons';
import type { ChatModel, Where } from '../../model/chat';
import { textOf } from '../../model/node';
import { Button } from '../controls';
import { useServices } from '../context';
import { useChosen, useModel } from '../hooks';
import { LeisureProvider } from '../leisure';
import { QuoteButton } from '../message/QuoteButton';
import { ErrorCard } from '../message/ErrorCard';
import { MessagePlace } from '../message/Comparison';
import type { Marks } from './marks';
import { Viewport } from './viewport';

/** The messages of a conversation. Only those near the view are in the page. */
export function Thread({ chat }: { chat: ChatModel }) {
  const { hub } = useServices();
  const [viewport] = useState(() => new Viewport(chat, hub.heights, hub.spots));
  return (
    <LeisureProvider value={viewport.leisure}>
      <div className="jp-llmhub-thread">
        <Rows chat={chat} viewport={viewport} />
        <QuestionAbove chat={chat} marks={viewport.marks} />
        <JumpToLatest chat={chat} marks={viewport.marks} />
      </div>
      <Failure chat={chat} />
    </LeisureProvider>
  );
}

function Rows({ chat, viewport }: { chat: ChatModel; viewport: Viewport }) {
  const { trans } = useServices();
  useModel(viewport);
  const view = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const above = useRef<HTMLDivElement>(null);
  const rows = useRef<HTMLDivElement>(null);
  const below = useRef<HTMLDivElement>(null);
  const reserve = useRef<HTMLDivElement>(null);
  const { path, first, end } = viewport;

  useLayoutEffect(() => {
    if (!view.current || !content.current || !above.current) {
      return;
    }
    if (!rows.current || !below.current || !reserve.current) {
      return;
    }
    return viewport.attach({
      view: view.current,
      content: content.current,
      above: above.current,
      rows: rows.current,
      below: below.current,
      reserve: reserve.current
    });
  }, [viewport]);

  useLayoutEffect(() => {
    viewport.drawn();
  });

  const onKeyDown = (event: KeyboardEvent): void => {
    const where = placeOf(event);
    if (where) {
      event.preventDefault();
      chat.go(where);
    }
  };

  return (
    <>
      <div
        className="jp-llmhub-scroll"
        ref={view}
        tabIndex={0}
        role="feed"
        aria-label={trans.__('Conversation')}
        data-testid="llmhub-thread"
        data-finding={viewport.isFinding || undefined}
        onKeyDown={onKeyDown}
      >
        <div className="jp-llmhub-messages" ref={content}>
          <div ref={above} />
          <div className="jp-llmhub-rows" ref={rows}>
            {path.slice(first, end).map((id, at) => {
              const index = first + at;
              const node = chat.node(id);
              return (
                <Row
                  key={node?.key ?? id}
                  rowKey={node?.key ?? id}
                  chat={chat}
                  viewport={viewport}
                  id={id}
                  isLoaded={node !== undefined}
                  height={node ? 0 : viewport.heightOf(index)}
                  isLast={index === path.length - 1}
                  position={index + 1}
                  count={chat.tree.isWhole ? path.length : -1}
                />
              );
            })}
          </div>
          <div ref={below} />
          <div ref={reserve} />
        </div>
      </div>
      <QuoteButton root={view} />
    </>
  );
}

interface RowProps {
  rowKey: string;
  chat: ChatModel;
  viewport: Viewport;
  id: string;
  isLoaded: boolean;
  /** Of a message that is not here yet. */
  height: number;
  isLast: boolean;
  position: number;
  count: number;
}

const Row = memo(function Row(props: RowProps) {
  const { rowKey, chat, viewport, id, isLoaded, height, isLast, position, count } = props;
  const row = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => (row.current ? viewport.watch(row.current) : undefined), [viewport]);
  return (
    <div
      className="jp-llmhub-row"
      ref={row}
      data-key={rowKey}
      data-loaded={isLoaded || undefined}
      style={isLoaded ? undefined : { height }}
    >
      {isLoaded ? (
        <MessagePlace chat={chat} id={id} isLast={isLast} position={position} count={count} />
      ) : (
        <div className="jp-llmhub-awaited" aria-busy="true" />
      )}
    </div>
  );
});

/** The question whose answer is read, while it is out of view. */
function QuestionAbove({ chat, marks }: { chat: ChatModel; marks: Marks }) {
  const { trans } = useServices();
  const { question } = useModel(marks);
  const message = question === null ? undefined : chat.node(question)?.message;
  const text = message ? textOf(message.parts).trim() : '';
  if (question === null || !text) {
    return null;
  }
  return (
    <button
      type="button"
      className="jp-llmhub-question-above"
      title={trans.__('Show the question')}
      data-testid="llmhub-question-above"
      onClick={() => {
        chat.go({ id: question });
      }}
    >
      {/* No more of it than can be seen. */}
      <span>{text.slice(0, 300)}</span>
    </button>
  );
}

function JumpToLatest({ chat, marks }: { chat: ChatModel; marks: Marks }) {
  const { trans } = useServices();
  const { isEndBelow, isUnread } = useModel(marks);
  if (!isEndBelow) {
    return null;
  }
  return (
    <Button
      className="jp-llmhub-jump"
      icon={arrowDownIcon}
      hint={trans.__('Jump to latest')}
      testId="llmhub-jump"
      onClick={() => {
        chat.go('end');
      }}
    >
      <span className="jp-llmhub-jump-words">{trans.__('Jump to latest')}</span>
      {isUnread && <Unread chat={chat} />}
    </Button>
  );
}

function Unread({ chat }: { chat: ChatModel }) {
  const { trans } = useServices();
  const isLive = useChosen(chat, () => chat.running !== null);
  return (
    <span
      className="jp-llmhub-unread"
      data-testid="llmhub-unread"
      data-live={isLive || undefined}
      role="img"
      aria-label={trans.__('There is something new')}
    />
  );
}

/** Why something was not done. It stands below the messages, wherever one is in them. */
function Failure({ chat }: { chat: ChatModel }) {
  const { failure } = useModel(chat);
  if (!failure || failure.error.code === OVER_CEILING) {
    return null; // it is said above the composer, where it can be decided
  }
  return (
    <div className="jp-llmhub-failure">
      <ErrorCard
        error={failure.error}
        onRetry={failure.retry}
        onDismiss={() => {
          chat.dismiss();
        }}
      />
    </div>
  );
}

/** Where a key leads to. The others are commands, or the browser's own. */
function placeOf(event: KeyboardEvent): Where | null {
  const isWriting = event.target instanceof HTMLElement && event.target.matches('input, textarea, select');
  if (isWriting || event.ctrlKey || event.metaKey || event.shiftKey) {
    return null;
  }
  switch (event.key) {
    case 'Home':
      return 'start';
    case 'End':
      return 'end';
    case 'ArrowUp':
      return event.altKey ? 'previous' : null;
    case 'ArrowDown':
      return event.altKey ? 'next' : null;
    default:
      return null;
  }
}
