import { checkIcon, errorIcon } from '@jupyterlab/ui-components';
import { type KeyboardEvent, type PointerEvent, useEffect, useId, useLayoutEffect, useRef } from 'react';

import { stopSquareIcon } from '../../icons';
import type { ChatModel } from '../../model/chat';
import { isRunning, type Node } from '../../model/node';
import { Button, IconButton } from '../controls';
import { useServices } from '../context';
import { useChosen, useNode, useRoom } from '../hooks';
import { MessageView } from './MessageView';

/** With so much room, answers stand side by side; with less, one of them does, under tabs. Pixels. */
const ROOM = 560;
/** So far a finger goes for the next one. Pixels. */
const SWIPE = 48;

interface Props {
  chat: ChatModel;
  id: string;
  isLast: boolean;
  position: number;
  count: number;
}

/** A message; or, where several models were asked, all their answers. */
export function MessagePlace(props: Props) {
  const { chat, id } = props;
  const compared = useChosen(chat, () => chat.comparisons.of(id)?.join(' ') ?? null);
  return compared === null ? (
    <MessageView {...props} />
  ) : (
    <Comparison {...props} answers={compared.split(' ')} />
  );
}

/** Answers of several models to one question. Each lives by itself; one of them is gone on with. */
function Comparison({ chat, id, answers, isLast, position, count }: Props & { answers: readonly string[] }) {
  const { trans } = useServices();
  const box = useRef<HTMLElement>(null);
  const isWide = useRoom(box, ROOM);
  const shown = useChosen(chat, () => chat.comparisons.at(id));
  const name = useId();
  const swipe = useSwipe(step => {
    go(step);
  });
  const known = answers.filter(one => chat.node(one)).length;

  useEffect(() => {
    if (known < answers.length) {
      void chat.comparisons.load(id);
    }
  }, [chat, id, known, answers.length]);

  const go = (step: -1 | 1): string | undefined => {
    const next = answers[answers.indexOf(shown) + step];
    if (next !== undefined && !isWide) {
      chat.comparisons.look(id, next);
    }
    return next;
  };
  // As on a single answer, where these keys lead to the branch beside it.
  const onKeyDownCapture = (event: KeyboardEvent): void => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key] as -1 | 1 | undefined;
    const isWriting = event.target instanceof HTMLElement && event.target.matches('input, textarea');
    if (!step || isWriting || !event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    if (isWide) {
      const columns = [...(box.current?.querySelectorAll('.jp-llmhub-column') ?? [])];
      const at = columns.findIndex(column => column.contains(document.activeElement));
      columns[at + step]?.querySelector<HTMLElement>('[data-message-id]')?.focus();
    } else {
      go(step);
      box.current?.focus();
    }
  };

  const draw = (one: string) => (
    <Column
      key={chat.node(one)?.key ?? one}
      chat={chat}
      id={one}
      isLast={isLast}
      isShown={one === shown}
      tab={isWide ? null : `${name}-${one}`}
    />
  );
  return (
    <article
      ref={box}
      className="jp-llmhub-comparison"
      data-testid="llmhub-comparison"
      data-wide={isWide || undefined}
      aria-label={trans._n('%1 answer', '%1 answers', answers.length)}
      aria-posinset={position}
      aria-setsize={count}
      tabIndex={-1}
      onKeyDownCapture={onKeyDownCapture}
      {...(isWide ? {} : swipe)}
    >
      {isWide ? (
        <div
          className="jp-llmhub-columns"
          style={{ ['--jp-llmhub-columns' as string]: answers.length }}
          tabIndex={0}
          role="group"
          aria-label={trans.__('Answers side by side')}
        >
          {answers.map(draw)}
        </div>
      ) : (
        <>
          <Tabs chat={chat} id={id} answers={answers} shown={shown} name={name} />
          {draw(shown)}
        </>
      )}
    </article>
  );
}

interface TabsProps {
  chat: ChatModel;
  id: string;
  answers: readonly string[];
  shown: string;
  name: string;
}

function Tabs({ chat, id, answers, shown, name }: TabsProps) {
  const { trans } = useServices();
  const list = useRef<HTMLDivElement>(null);

  useLayoutEffect(() => {
    const { current } = list;
    const tab = current?.querySelector<HTMLElement>('[aria-selected="true"]');
    if (current && tab) {
      // Not `scrollIntoView`, which would move the thread too.
      const { offsetLeft: left, offsetWidth: width } = tab;
      current.scrollLeft = Math.max(left + width - current.clientWidth, Math.min(left, current.scrollLeft));
    }
  }, [shown]);

  const onKeyDown = (event: KeyboardEvent): void => {
    const at = answers.indexOf(shown);
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: answers.length - 1 }[event.key];
    const next = to === undefined ? undefined : answers[(to + answers.length) % answers.length];
    if (next !== undefined) {
      event.preventDefault();
      event.stopPropagation();
      chat.comparisons.look(id, next);
      list.current?.querySelector<HTMLElement>(`[data-answer="${next}"]`)?.focus();
    }
  };
  return (
    <div
      className="jp-llmhub-answer-tabs"
      role="tablist"
      aria-label={trans.__('Answers')}
      ref={list}
      onKeyDown={onKeyDown}
    >
      {answers.map(one => (
        <Tab
          key={chat.node(one)?.key ?? one}
          chat={chat}
          id={one}
          name={`${name}-${one}`}
          isShown={one === shown}
          onShow={() => {
            chat.comparisons.look(id, one);
          }}
        />
      ))}
    </div>
  );
}

interface TabProps {
  chat: ChatModel;
  id: string;
  name: string;
  isShown: boolean;
  onShow: () => void;
}

function Tab({ chat, id, name, isShown, onShow }: TabProps) {
  const { hub } = useServices();
  const node = useNode(chat, id);
  const label = hub.catalogue.label(node?.message.model);
  return (
    <button
      type="button"
      className="jp-llmhub-answer-tab"
      role="tab"
      id={`${name}-tab`}
      aria-selected={isShown}
      aria-controls={isShown ? name : undefined}
      tabIndex={isShown ? 0 : -1}
      title={label}
      data-answer={id}
      data-testid="llmhub-answer-tab"
      onClick={onShow}
    >
      <State node={node} />
      <span>{label}</span>
    </button>
  );
}

interface ColumnProps {
  chat: ChatModel;
  id: string;
  isLast: boolean;
  isShown: boolean;
  /** The name of its tab's panel, where there are tabs. */
  tab: string | null;
}

function Column({ chat, id, isLast, isShown, tab }: ColumnProps) {
  const { hub, trans, session } = useServices();
  const node = useNode(chat, id);
  const isPosting = useChosen(chat, () => chat.isPosting);
  const isBusy = node !== undefined && isRunning(node.message);
  const label = hub.catalogue.label(node?.message.model);
  return (
    <section
      className="jp-llmhub-column"
      data-testid="llmhub-column"
      data-model={node?.message.model}
      data-shown={isShown || undefined}
      {...(tab === null
        ? { 'aria-label': label }
        : { id: tab, role: 'tabpanel', 'aria-labelledby': `${tab}-tab` })}
    >
      {tab === null && (
        <header>
          <State node={node} />
          <strong title={node?.message.model ?? label}>{label}</strong>
        </header>
      )}
      {node ? (
        <MessageView chat={chat} id={id} isLast={isLast} isCompared />
      ) : (
        <div className="jp-llmhub-awaited" aria-busy="true" />
      )}
      <footer>
        <Button
          testId="llmhub-choose"
          disabled={isPosting || id.startsWith('local-')}
          onClick={() => {
            void session.continueWith(id);
          }}
        >
          {trans.__('Continue with this one')}
        </Button>
        {isBusy && node.message.run_id && (
          <IconButton
            icon={stopSquareIcon}
            label={trans.__('Stop %1', label)}
            testId="llmhub-column-stop"
            onClick={() => {
              void chat.stopOne(id);
            }}
          />
        )}
      </footer>
    </section>
  );
}

/** How an answer is doing, in a sign. */
function State({ node }: { node: Node | undefined }) {
  const { trans } = useServices();
  const status = node?.message.status ?? 'waiting';
  const words = {
    running: trans.__('is being written'),
    waiting: trans.__('waits'),
    complete: trans.__('complete'),
    stopped: trans.__('stopped'),
    interrupted: trans.__('interrupted'),
    failed: trans.__('failed')
  }[status];
  const isBad = status === 'failed' || status === 'interrupted';
  return (
    <span className="jp-llmhub-state" data-state={status} role="img" aria-label={words} title={words}>
      {status === 'complete' && <checkIcon.react tag={null} />}
      {status === 'stopped' && <stopSquareIcon.react tag={null} />}
      {isBad && <errorIcon.react tag={null} />}
    </span>
  );
}

/** Tells when a finger goes sideways over something that does not itself scroll that way. */
function useSwipe(onSwipe: (step: -1 | 1) => void): {
  onPointerDown: (event: PointerEvent) => void;
  onPointerUp: (event: PointerEvent) => void;
} {
  const from = useRef<{ x: number; y: number } | null>(null);
  return {
    onPointerDown: ({ pointerType, target, currentTarget, clientX: x, clientY: y }) => {
      from.current = pointerType === 'touch' && !scrollsSideways(target, currentTarget) ? { x, y } : null;
    },
    onPointerUp: ({ clientX, clientY }) => {
      const { x, y } = from.current ?? { x: clientX, y: clientY };
      from.current = null;
      const over = clientX - x;
      if (Math.abs(over) > SWIPE && Math.abs(over) > 2 * Math.abs(clientY - y)) {
        onSwipe(over < 0 ? 1 : -1);
      }
    }
  };
}

function scrollsSideways(target: EventTarget, end: EventTarget): boolean {
  let at = target instanceof Element ? target : null;
  while (at && at !== end) {
    if (at.scrollWidth > at.clientWidth + 1 && getComputedStyle(at).overflowX !== 'visible') {
      return true;
    }
    at = at.parentElement;
  }
  return false;
}
