import { closeIcon } from '@jupyterlab/ui-components';
import { useEffect, useRef, useState } from 'react';

import type { StarredMessage } from '../../api/schema';
import { starFilledIcon } from '../../icons';
import { Stars } from '../../model/stars';
import { useServices } from '../context';
import { Button, IconButton } from '../controls';
import { moment } from '../format';
import { useModel } from '../hooks';
import { errorWords } from '../message/errorWords';
import { counted } from '../../counts';

/** Messages that somebody wants to find again, of all conversations. */
export function View() {
  const { trans, hub, session } = useServices();
  const [stars] = useState(() => new Stars(hub.client));
  const { items, error, isLoading, hasMore } = useModel(stars);
  useModel(hub.catalogue);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    void stars.load();
    box.current?.focus({ preventScroll: true });
  }, [stars]);
  const back = (): void => {
    session.screen.show('thread');
  };
  const words = error && errorWords(error, null, trans);
  return (
    <div
      ref={box}
      className="jp-llmhub-branches-view"
      data-testid="llmhub-stars"
      role="region"
      aria-label={trans.__('Starred messages')}
      aria-busy={isLoading}
      tabIndex={-1}
      onKeyDown={event => {
        if (event.key === 'Escape') {
          event.stopPropagation();
          back();
        }
      }}
    >
      <div className="jp-llmhub-branches-tools">
        <span className="jp-llmhub-line-words" role="status">
          {items.length > 0 && !hasMore && trans._n('%1 message', '%1 messages', counted(items.length))}
        </span>
        <IconButton icon={closeIcon} label={trans.__('Back to the conversation')} onClick={back} />
      </div>
      {words && (
        <p className="jp-llmhub-error" role="alert">
          {[words.title, error.message, words.hint].filter(Boolean).join(' ')}{' '}
          <Button
            onClick={() => {
              void stars.load();
            }}
          >
            {trans.__('Try again')}
          </Button>
        </p>
      )}
      {items.length === 0 && !words && (
        <div className="jp-llmhub-empty">
          {isLoading
            ? trans.__('Loading…')
            : trans.__('No message has a star yet. Give one under ⋯ below a message, to find it here again.')}
        </div>
      )}
      {items.length > 0 && (
        <ul className="jp-llmhub-stars">
          {items.map(item => (
            <li key={item.message_id}>
              <button
                type="button"
                className="jp-llmhub-star-entry"
                data-testid="llmhub-star-entry"
                onClick={() => {
                  void session.goTo(item.conversation_id, item.message_id);
                }}
              >
                <span className="jp-llmhub-star-words">{item.excerpt || trans.__('No text')}</span>
                <span className="jp-llmhub-hint">
                  {[nameOf(item), item.title ?? trans.__('New chat'), moment(item.created_at)].join(' · ')}
                </span>
              </button>
              <IconButton
                icon={starFilledIcon}
                label={trans.__('Take the star away')}
                testId="llmhub-star-remove"
                onClick={() => {
                  void stars.remove(item);
                }}
              />
            </li>
          ))}
          {hasMore && (
            <Button
              disabled={isLoading}
              onClick={() => {
                void stars.more();
              }}
            >
              {trans.__('Show more')}
            </Button>
          )}
        </ul>
      )}
    </div>
  );

  function nameOf({ role, model }: StarredMessage): string {
    return role === 'user' ? trans.__('You') : hub.catalogue.label(model) || trans.__('Answer');
  }
}
