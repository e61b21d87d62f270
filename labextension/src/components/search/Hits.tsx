import { type KeyboardEvent, useImperativeHandle, useRef, type Ref } from 'react';

import type { SearchHit } from '../../api/schema';
import type { Finding } from '../../model/finding';
import { useServices } from '../context';
import { moment } from '../format';
import { useModel } from '../hooks';
import { flash } from './flash';
import { noteWords } from './noteWords';
import { piecesOf, Snippet } from './snippet';
import { counted } from '../../counts';

/** Fetch what is further down before the end comes into view. Pixels. */
const NEAR_END = 600;

/** What the search field does with the hits below it. */
export interface HitsHandle {
  /** Give the first hit the focus; false if there is none. */
  focusFirst: () => boolean;
  /** Open the first hit; false if there is none. */
  openFirst: () => boolean;
}

interface Props {
  finding: Finding;
  handle: Ref<HitsHandle>;
  /** Conversations whose titles are listed above already. */
  listed: ReadonlySet<string>;
  /** The focus goes up, out of the hits. */
  onLeave: () => void;
}

/** Messages in which something was found, below the titles, grouped by conversation. Arrow keys go from hit to hit. */
export function Hits({ finding, handle, listed, onLeave }: Props) {
  const { trans, session, hub } = useServices();
  useModel(finding);
  const root = useRef<HTMLElement>(null);
  const buttons = (): HTMLButtonElement[] => [
    ...(root.current?.querySelectorAll<HTMLButtonElement>('.jp-llmhub-hit') ?? [])
  ];
  const groups = finding.groups
    .map(group => ({
      ...group,
      hits: group.hits.filter(hit => hit.message_id !== null || !listed.has(group.id))
    }))
    .filter(group => group.hits.length > 0 && !hub.conversations.isRemoved(group.id));

  const open = (hit: SearchHit): void => {
    const panel = root.current?.closest('.jp-llmhub-views')?.parentElement ?? document.body;
    const words = piecesOf(hit.snippet).flatMap(piece => (piece.isMatch ? [piece.text] : []));
    if (hit.message_id === null) {
      void session.open(hit.conversation_id);
      session.focusComposer();
    } else {
      flash(panel, hit.message_id, words);
      void session.openAt(hit.conversation_id, hit.message_id);
    }
  };
  useImperativeHandle(handle, () => ({
    focusFirst: () => {
      const [first] = buttons();
      first?.focus();
      return first !== undefined;
    },
    openFirst: () => {
      const hit = groups[0]?.hits[0];
      if (hit) {
        open(hit);
      }
      return hit !== undefined;
    }
  }));

  const onKeyDown = (event: KeyboardEvent): void => {
    const all = buttons();
    const at = all.indexOf(event.target as HTMLButtonElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (to === undefined || at < 0 || event.altKey) {
      return;
    }
    event.preventDefault();
    if (to < 0) {
      onLeave();
    } else {
      all[Math.min(to, all.length - 1)]?.focus();
    }
  };
  const count = groups.reduce((sum, group) => sum + group.hits.length, 0);
  const { error } = finding;
  return (
    <section
      ref={root}
      className="jp-llmhub-hits"
      aria-label={trans.__('Found in messages')}
      data-testid="llmhub-search-hits"
      data-behind={finding.isBehind || undefined}
      onKeyDown={onKeyDown}
      onScroll={event => {
        const { scrollHeight, scrollTop, clientHeight } = event.currentTarget;
        if (scrollHeight - scrollTop - clientHeight < NEAR_END) {
          void finding.more();
        }
      }}
    >
      <div className="jp-llmhub-hits-state" role="status">
        {error ? (
          <p>
            {error.message} {error.hint}
          </p>
        ) : (
          <p>
            {finding.isBehind && count === 0
              ? trans.__('Searching…')
              : count === 0
                ? listed.size > 0
                  ? trans.__('No message says this.')
                  : trans.__('Nothing says “%1”.', finding.query.trim())
                : finding.hasMore
                  ? trans._n('More than %1 message', 'More than %1 messages', counted(count))
                  : trans._n('%1 message', '%1 messages', counted(count))}
          </p>
        )}
        {finding.notes.map(note => (
          <p key={note.code + note.operator + note.value}>{noteWords(note, trans)}</p>
        ))}
        {finding.unindexed > 0 && (
          <p>
            {trans._n(
              '%1 older message is still being indexed.',
              '%1 older messages are still being indexed.',
              counted(finding.unindexed)
            )}
          </p>
        )}
      </div>
      {groups.map(group => (
        <div
          key={group.id}
          className="jp-llmhub-hit-group"
          role="group"
          aria-label={group.title ?? trans.__('New chat')}
        >
          <div className="jp-llmhub-hit-title" aria-hidden="true">
            {group.title ?? trans.__('New chat')}
          </div>
          {group.hits.map(hit => (
            <button
              key={hit.message_id ?? ''}
              type="button"
              className="jp-llmhub-hit"
              data-testid="llmhub-search-hit"
              onClick={() => {
                open(hit);
              }}
            >
              <span className="jp-llmhub-hit-snippet">
                <Snippet snippet={hit.snippet} isMarkdown={hit.role === 'assistant'} />
              </span>
              <span className="jp-llmhub-hit-facts">
                <span>{who(hit)}</span>
                <time dateTime={hit.created_at}>{moment(hit.created_at)}</time>
              </span>
            </button>
          ))}
        </div>
      ))}
    </section>
  );

  function who({ role, model, message_id: message }: SearchHit): string {
    if (message === null) {
      return trans.__('Title or tag');
    }
    switch (role) {
      case 'user':
        return trans.__('You');
      case 'tool':
        return trans.__('Tool');
      case 'system':
        return trans.__('Instructions');
      default:
        return model ? model.slice(model.indexOf('/') + 1) : trans.__('Answer');
    }
  }
}
