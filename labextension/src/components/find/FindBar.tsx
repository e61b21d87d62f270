import { caretDownIcon, caretUpIcon, closeIcon } from '@jupyterlab/ui-components';
import { type KeyboardEvent, type RefObject, useEffect, useMemo, useRef } from 'react';

import { Mentions } from '../../model/mentions';
import { useServices } from '../context';
import { IconButton } from '../controls';
import { useModel } from '../hooks';
import { Highlights } from './highlights';

/** A bar above the thread that finds words in the open conversation, also in messages that are not in the page. */
export function View() {
  const { trans, session } = useServices();
  const chat = useModel(session.chat);
  const { screen } = session;
  const field = useRef<HTMLInputElement>(null);
  const bar = useRef<HTMLDivElement>(null);
  const mentions = useMentions(bar);
  const { path } = chat.tree;

  // Marks follow what is found, what is looked at, and what is drawn.
  const highlights = useRef<Highlights | null>(null);
  useEffect(() => {
    const root = threadOf(bar.current);
    const made = root && new Highlights(root);
    highlights.current = made;
    return () => {
      made?.dispose();
    };
  }, [chat]);
  const { text, spot, at, total, isBehind, error } = mentions;
  const { id, nth } = spot ?? { id: null, nth: 0 };
  useEffect(() => {
    if (id !== null && !isBehind) {
      chat.go({ id, quiet: true });
    }
    highlights.current?.show(text, id === null ? null : { id, nth }, id !== null && !isBehind);
  }, [chat, text, id, nth, isBehind]);
  const end = path.at(-1);
  const isWriting = chat.running !== null;
  useEffect(() => {
    mentions.again();
  }, [mentions, end, isWriting]);
  useEffect(
    () =>
      screen.onFindHere(() => {
        field.current?.focus();
        field.current?.select();
      }),
    [screen]
  );

  const close = (): void => {
    screen.findHere(false);
    session.focusComposer();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      close();
    } else if (event.key === 'Enter' && event.target === field.current && !event.nativeEvent.isComposing) {
      event.preventDefault();
      mentions.step(event.shiftKey ? -1 : 1);
    }
  };
  return (
    <div
      ref={bar}
      className="jp-llmhub-find"
      role="search"
      aria-label={trans.__('Find in this conversation')}
      data-testid="llmhub-find-bar"
      onKeyDown={onKeyDown}
    >
      <input
        ref={field}
        className="jp-llmhub-field"
        type="text"
        value={text}
        placeholder={trans.__('Find in this conversation')}
        aria-label={trans.__('Find in this conversation')}
        data-testid="llmhub-find-field"
        onChange={event => {
          mentions.find(event.target.value);
        }}
      />
      <span
        className="jp-llmhub-find-count"
        role="status"
        data-testid="llmhub-find-count"
        data-behind={isBehind || undefined}
      >
        {error
          ? error.message
          : text.trim() === ''
            ? ''
            : isBehind && total === 0
              ? trans.__('Searching…')
              : total === 0
                ? trans.__('Not found')
                : trans.__('%1 of %2', at + 1, total)}
      </span>
      <IconButton
        icon={caretUpIcon}
        label={trans.__('Previous match (Shift+Enter)')}
        testId="llmhub-find-previous"
        disabled={total === 0}
        onClick={() => {
          mentions.step(-1);
        }}
      />
      <IconButton
        icon={caretDownIcon}
        label={trans.__('Next match (Enter)')}
        testId="llmhub-find-next"
        disabled={total === 0}
        onClick={() => {
          mentions.step(1);
        }}
      />
      <IconButton icon={closeIcon} label={trans.__('Close')} testId="llmhub-find-close" onClick={close} />
    </div>
  );
}

/** What is found in this panel's conversation. */
function useMentions(bar: RefObject<HTMLElement | null>): Mentions {
  const { hub, session } = useServices();
  const made = useMemo(
    () =>
      new Mentions(
        hub.client,
        () => ({ id: session.chat.id, leaf: session.chat.tree.path.at(-1) ?? null }),
        ids => nearest(bar.current, session.chat.tree.path, ids)
      ),
    [hub, session, bar]
  );
  useEffect(
    () => () => {
      made.dispose();
    },
    [made]
  );
  return useModel(made);
}

function threadOf(bar: HTMLElement | null): HTMLElement | null {
  return bar?.parentElement?.querySelector<HTMLElement>('.jp-llmhub-scroll') ?? null;
}

/** Which of the messages is the first at or below what is at the top of the view. */
function nearest(bar: HTMLElement | null, path: readonly string[], ids: readonly string[]): number {
  const thread = threadOf(bar);
  const top = thread?.getBoundingClientRect().top ?? 0;
  const seen = [...(thread?.querySelectorAll<HTMLElement>('[data-message-id]') ?? [])].find(
    message => message.getBoundingClientRect().bottom > top
  );
  const places = new Map(path.map((id, index) => [id, index]));
  const here = places.get(seen?.dataset['messageId'] ?? '') ?? 0;
  const at = ids.findIndex(id => (places.get(id) ?? -1) >= here);
  return at < 0 ? 0 : at;
}
