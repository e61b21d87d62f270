import { deleteIcon, editIcon } from '@jupyterlab/ui-components';
import { memo, type MouseEvent, useEffect, useRef } from 'react';

import type { Conversation } from '../../api/schema';
import { IconButton } from '../controls';
import { useServices } from '../context';
import { moment } from '../format';
import { TitleField } from '../TitleField';
import { beginDrag } from './dragging';
import { match } from './match';

/** Frames. */
const MOST_TRIES = 20;
/** On a line; there is little room. */
const MOST_TAGS = 2;

export type Act = (
  action: 'open' | 'tab' | 'rename' | 'renamed' | 'delete' | 'focus' | 'choose' | 'extend',
  id: string,
  title?: string
) => void;

interface Props {
  conversation: Conversation;
  row: number;
  /** What is looked for: it is marked in the title. */
  query: string;
  isCurrent: boolean;
  /** It is one of several that are chosen. */
  isChosen: boolean;
  /** The one line of the list that the Tab key reaches. */
  isActive: boolean;
  /** Take the focus now. */
  takesFocus: boolean;
  isRenaming: boolean;
  /** Only so that "12:04" becomes "Mon" in time. */
  today: string;
  /** What is dragged with it. */
  around: (id: string) => readonly string[];
  act: Act;
}

/** One line of the list. */
export const ConversationItem = memo(function ConversationItem({
  conversation,
  row,
  query,
  isCurrent,
  isChosen,
  isActive,
  takesFocus,
  isRenaming,
  around,
  act
}: Props) {
  const { trans } = useServices();
  const { id, running, unread, tags } = conversation;
  const title = conversation.title ?? trans.__('New chat');
  const button = useRef<HTMLButtonElement>(null);

  useEffect(() => {
    if (!takesFocus || isRenaming) {
      return;
    }
    let frame = 0;
    let tries = 0;
    // A line that was far from the view is hidden until it has been measured; till then it takes no focus.
    const take = (): void => {
      button.current?.focus({ preventScroll: true });
      if (document.activeElement !== button.current && tries++ < MOST_TRIES) {
        frame = requestAnimationFrame(take);
      }
    };
    take();
    return () => {
      cancelAnimationFrame(frame);
    };
  }, [takesFocus, isRenaming]);

  const onClick = (event: MouseEvent): void => {
    if (event.shiftKey) {
      act('extend', id);
    } else if (event.ctrlKey || event.metaKey) {
      act('choose', id);
    } else if (event.detail <= 1) {
      act('open', id);
    }
  };
  const onAuxClick = (event: MouseEvent): void => {
    if (event.button === 1) {
      event.preventDefault();
      act('tab', id);
    }
  };
  return (
    <div
      className="jp-llmhub-item"
      role="row"
      aria-rowindex={row}
      aria-selected={isChosen}
      aria-current={isCurrent || undefined}
      data-testid="llmhub-conversation-item"
      data-conversation-id={id}
      data-running={running || undefined}
      data-unread={unread || undefined}
      data-current={isCurrent || undefined}
      data-chosen={isChosen || undefined}
      draggable={!isRenaming}
      onDragStart={event => {
        beginDrag(event, { ids: around(id) }, title);
      }}
    >
      {isRenaming ? (
        <span className="jp-llmhub-item-field" role="gridcell">
          <TitleField
            title={conversation.title ?? ''}
            onDone={changed => {
              act('renamed', id, changed ?? undefined);
            }}
          />
        </span>
      ) : (
        <>
          <span className="jp-llmhub-item-cell" role="gridcell">
            <button
              ref={button}
              type="button"
              className="jp-llmhub-item-open"
              tabIndex={isActive ? 0 : -1}
              title={title}
              onClick={onClick}
              onAuxClick={onAuxClick}
              onDoubleClick={() => {
                act('rename', id);
              }}
              onFocus={() => {
                act('focus', id);
              }}
            >
              {running ? (
                <span className="jp-llmhub-running" role="img" aria-label={trans.__('Answering')} />
              ) : (
                unread && <span className="jp-llmhub-unread" role="img" aria-label={trans.__('Unread')} />
              )}
              <span className="jp-llmhub-item-title">
                <Marked title={title} query={query} />
              </span>
              {tags.slice(0, MOST_TAGS).map(tag => (
                <span key={tag} className="jp-llmhub-item-tag">
                  {tag}
                </span>
              ))}
              <span className="jp-llmhub-item-time">{moment(conversation.updated_at)}</span>
            </button>
          </span>
          <span className="jp-llmhub-item-actions" role="gridcell">
            <IconButton
              icon={editIcon}
              label={trans.__('Rename “%1”', title)}
              testId="llmhub-conversation-rename"
              tabIndex={isActive ? 0 : -1}
              onClick={() => {
                act('rename', id);
              }}
            />
            <IconButton
              icon={deleteIcon}
              label={trans.__('Delete “%1”', title)}
              testId="llmhub-conversation-delete"
              tabIndex={isActive ? 0 : -1}
              onClick={() => {
                act('delete', id);
              }}
            />
          </span>
        </>
      )}
    </div>
  );
});

function Marked({ title, query }: { title: string; query: string }) {
  const found = match(title, query);
  return found ? (
    <>
      {title.slice(0, found.from)}
      <mark className="jp-llmhub-match">{title.slice(found.from, found.to)}</mark>
      {title.slice(found.to)}
    </>
  ) : (
    <>{title}</>
  );
}
