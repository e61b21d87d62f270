import { checkIcon, errorIcon } from '@jupyterlab/ui-components';
import {
  type HTMLAttributes,
  type KeyboardEvent,
  type PointerEvent,
  type ReactNode,
  useId,
  useLayoutEffect,
  useRef
} from 'react';

import type { Message } from '../../api/schema';
import { stopSquareIcon } from '../../icons';
import { useDrawing } from '../context';
import { useRoom } from '../hooks';
import { Icon } from '../Icon';

/** With so much room, answers stand side by side; with less, one of them does, under tabs. Pixels. */
const ROOM = 560;
/** So far a finger goes for the next one. Pixels. */
const SWIPE = 48;

/** An answer as it stands beside others. */
export interface Side {
  /** Who gives it, in words. */
  readonly label: string;
  readonly model: string | null | undefined;
  /** Undefined: it has not been fetched yet. */
  readonly status: Message['status'] | undefined;
}

interface Props extends HTMLAttributes<HTMLElement> {
  /** Their ids, in order. */
  answers: readonly string[];
  /** The one that is gone on with. */
  shown: string;
  /** The one that is looked at where there is room for one only. */
  seen: string;
  /** Stays the same when the server gives an answer its id. */
  keyOf: (id: string) => string;
  /** A hook: the answer of that id, drawn again when it changes. */
  useSide: (id: string) => Side;
  /** What it says. */
  body: (id: string) => ReactNode;
  /** What can be done with it. */
  foot: (id: string) => ReactNode;
  onShow: (id: string) => void;
}

/** Answers to one question, side by side or under tabs: in the panel, and in a cell's output. */
export function SideBySide({ answers, shown, seen, keyOf, useSide, body, foot, onShow, ...rest }: Props) {
  const { trans } = useDrawing();
  const box = useRef<HTMLElement>(null);
  const isWide = useRoom(box, ROOM);
  const name = useId();
  const swipe = useSwipe(step => {
    go(step);
  });

  const go = (step: -1 | 1): string | undefined => {
    const next = answers[answers.indexOf(seen) + step];
    if (next !== undefined && !isWide) {
      onShow(next);
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
      key={keyOf(one)}
      id={one}
      useSide={useSide}
      body={body}
      foot={foot}
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
      tabIndex={-1}
      onKeyDownCapture={onKeyDownCapture}
      {...rest}
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
          <Tabs answers={answers} seen={seen} keyOf={keyOf} useSide={useSide} onShow={onShow} name={name} />
          {draw(seen)}
        </>
      )}
    </article>
  );
}

interface TabsProps extends Pick<Props, 'answers' | 'seen' | 'keyOf' | 'useSide' | 'onShow'> {
  name: string;
}

function Tabs({ answers, seen, keyOf, useSide, onShow, name }: TabsProps) {
  const { trans } = useDrawing();
  const list = useRef<HTMLDivElement>(null);

  useLayoutEffect(() => {
    const { current } = list;
    const tab = current?.querySelector<HTMLElement>('[aria-selected="true"]');
    if (current && tab) {
      // Not `scrollIntoView`, which would move the thread too.
      const { offsetLeft: left, offsetWidth: width } = tab;
      current.scrollLeft = Math.max(left + width - current.clientWidth, Math.min(left, current.scrollLeft));
    }
  }, [seen]);

  const onKeyDown = (event: KeyboardEvent): void => {
    const at = answers.indexOf(seen);
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: answers.length - 1 }[event.key];
    const next = to === undefined ? undefined : answers[(to + answers.length) % answers.length];
    if (next !== undefined) {
      event.preventDefault();
      event.stopPropagation();
      onShow(next);
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
          key={keyOf(one)}
          id={one}
          useSide={useSide}
          name={`${name}-${one}`}
          isShown={one === seen}
          onShow={onShow}
        />
      ))}
    </div>
  );
}

interface TabProps extends Pick<Props, 'useSide' | 'onShow'> {
  id: string;
  name: string;
  isShown: boolean;
}

function Tab({ id, useSide, name, isShown, onShow }: TabProps) {
  const { label, status } = useSide(id);
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
      onClick={() => {
        onShow(id);
      }}
    >
      <State status={status} />
      <span>{label}</span>
    </button>
  );
}

interface ColumnProps extends Pick<Props, 'useSide' | 'body' | 'foot'> {
  id: string;
  isShown: boolean;
  /** The name of its tab's panel, where there are tabs. */
  tab: string | null;
}

function Column({ id, useSide, body, foot, isShown, tab }: ColumnProps) {
  const { label, model, status } = useSide(id);
  return (
    <section
      className="jp-llmhub-column"
      data-testid="llmhub-column"
      data-model={model}
      data-shown={isShown || undefined}
      {...(tab === null
        ? { 'aria-label': label }
        : { id: tab, role: 'tabpanel', 'aria-labelledby': `${tab}-tab` })}
    >
      {tab === null && (
        <header>
          <State status={status} />
          <strong title={model ?? label}>{label}</strong>
        </header>
      )}
      {status ? body(id) : <div className="jp-llmhub-awaited" aria-busy="true" />}
      <footer>{foot(id)}</footer>
    </section>
  );
}

/** How an answer is doing, in a sign. */
function State({ status = 'waiting' }: { status: Side['status'] }) {
  const { trans } = useDrawing();
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
      {status === 'complete' && <Icon of={checkIcon} />}
      {status === 'stopped' && <Icon of={stopSquareIcon} />}
      {isBad && <Icon of={errorIcon} />}
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
