import {
  caretDownIcon,
  checkIcon,
  copyIcon,
  deleteIcon,
  editIcon,
  ellipsesIcon,
  infoIcon
} from '@jupyterlab/ui-components';
import { type MouseEvent, useRef, useState } from 'react';

import type { Message } from '../../api/schema';
import {
  branchIcon,
  forkIcon,
  pinIcon,
  quoteIcon,
  regenerateIcon,
  starFilledIcon,
  starIcon,
  thumbDownIcon,
  thumbUpIcon
} from '../../icons';
import type { ChatModel } from '../../model/chat';
import { isRunning, textOf } from '../../model/node';
import { copyText } from '../clipboard';
import { IconButton } from '../controls';
import { useServices } from '../context';
import { useChosen, useFlash } from '../hooks';
import { useLeisure } from '../leisure';
import { type MenuItem, openMenu } from '../menu';
import { BranchPicker } from './BranchPicker';
import { ForkChoice } from './ForkChoice';
import { instructions } from './instructions';
import { ModelChoice } from './ModelChoice';
import { ModelNote } from './ModelNote';
import { Rating } from './Rating';
import { useRoving } from './roving';
import { selectedIn } from './selection';
import { Icon } from '../Icon';

interface Props {
  chat: ChatModel;
  message: Message;
  isLast: boolean;
  /** Others to the same question stand beside it. */
  isCompared: boolean;
}

/** What can be done with a message, always in the same order. What does not fit is in the menu at its end. */
export function Toolbar({ chat, message, isLast, isCompared }: Props) {
  const { trans, hub, session } = useServices();
  const isPosting = useChosen(chat, () => chat.isPosting);
  const isTime = useLeisure(isLast);
  const bar = useRef<HTMLDivElement>(null);
  const onKeyDown = useRoving(bar);
  const [copied, flash] = useFlash();
  const [modelAnchor, setModelAnchor] = useState<HTMLElement | null>(null);
  const [forkAnchor, setForkAnchor] = useState<HTMLElement | null>(null);
  const [detailsWanted, setDetailsWanted] = useState(false);
  const isUser = message.role === 'user';
  const text = textOf(message.parts);
  const isBusy = isRunning(message);
  const canAsk = !isBusy && !isPosting;
  const { id } = message;
  const isStored = !id.startsWith('local-');
  const canChange = canAsk && isStored;

  const copy = (): void => {
    copyText(text);
    flash();
  };
  const quote = (): void => {
    const selected = selectedIn(bar.current?.closest<HTMLElement>('[data-message-id]') ?? null);
    session.quote(id, selected ?? text);
  };
  const branch = (): void => {
    chat.branchFrom(id);
    session.focusComposer();
  };
  const regenerate = (model: string | null, instruction: string | null = null): void => {
    void (instruction === null && message.parts.length === 0
      ? chat.retry(id, model)
      : chat.regenerate(id, model, instruction));
  };
  const edit = (): void => {
    chat.edits.begin(id);
  };
  const openRegenerate = ({ currentTarget }: MouseEvent<HTMLElement>): void => {
    const own = message.model && hub.catalogue.get(message.model)?.available ? message.model : null;
    const models = [...new Set([session.model, own])].filter(model => model !== null);
    openMenu(currentTarget, trans.__('Answer again'), [
      ...models.map(model => ({
        label: trans.__('With %1', hub.catalogue.label(model)),
        icon: regenerateIcon,
        testId: 'llmhub-regenerate-same',
        onSelect: () => {
          regenerate(model);
        }
      })),
      {
        label: trans.__('With another model…'),
        testId: 'llmhub-regenerate-other',
        onSelect: () => {
          setModelAnchor(currentTarget);
        }
      },
      ...instructions(trans).map(({ name, label, said }, at) => ({
        label,
        isApart: at === 0,
        testId: `llmhub-regenerate-${name}`,
        onSelect: () => {
          regenerate(own ?? session.model, said);
        }
      }))
    ]);
  };
  const openMore = ({ currentTarget }: MouseEvent<HTMLElement>): void => {
    const items: MenuItem[] = [
      {
        label: trans.__('Quote'),
        icon: quoteIcon,
        obstacle: text ? null : trans.__('There is no text to quote.'),
        testId: 'llmhub-more-quote',
        onSelect: quote
      }
    ];
    if (!isUser) {
      items.unshift({
        label: trans.__('Edit'),
        icon: editIcon,
        obstacle: canChange && text ? null : trans.__('There is nothing to edit yet.'),
        testId: 'llmhub-more-edit',
        onSelect: edit
      });
      items.push({
        label: trans.__('Branch off here'),
        icon: branchIcon,
        obstacle: isLast ? trans.__('What you write next goes here anyway.') : null,
        testId: 'llmhub-more-branch',
        onSelect: branch
      });
      items.push({
        label: trans.__('Details'),
        icon: infoIcon,
        testId: 'llmhub-more-details',
        onSelect: () => {
          setDetailsWanted(true);
        }
      });
    }
    items.push({
      label: message.pinned ? trans.__('Let go of the pin') : trans.__('Pin: keep it word for word'),
      icon: pinIcon,
      obstacle: canChange ? null : trans.__('It is still being written.'),
      testId: 'llmhub-more-pin',
      onSelect: () => {
        void chat.summaries.pin(id, !message.pinned);
      }
    });
    if (!isUser) {
      const rate = (value: 1 | -1) => ({
        isToggled: message.rating?.value === value,
        obstacle: canChange ? null : trans.__('It is still being written.'),
        testId: `llmhub-more-rate${value}`,
        onSelect: () => {
          void chat.marks.rate(id, message.rating?.value === value ? null : { value });
        }
      });
      items.push({ label: trans.__('Good answer'), icon: thumbUpIcon, ...rate(1) });
      items.push({ label: trans.__('Bad answer'), icon: thumbDownIcon, ...rate(-1) });
    }
    items.push(
      {
        label: message.starred ? trans.__('Take the star away') : trans.__('Star: find it again'),
        icon: message.starred ? starFilledIcon : starIcon,
        testId: 'llmhub-more-star',
        onSelect: () => {
          void chat.marks.star(id, !message.starred);
        }
      },
      {
        label: trans.__('Fork into a new conversation…'),
        icon: forkIcon,
        testId: 'llmhub-more-fork',
        onSelect: () => {
          setForkAnchor(currentTarget);
        }
      }
    );
    items.push({
      label: isLast ? trans.__('Delete') : trans.__('Delete with all that follows'),
      icon: deleteIcon,
      isApart: true,
      obstacle: canChange ? null : trans.__('It is still being written.'),
      testId: 'llmhub-more-delete',
      onSelect: () => {
        void chat.remove(id);
      }
    });
    openMenu(currentTarget, trans.__('More'), items);
  };

  return (
    <div
      className="jp-llmhub-toolbar"
      data-last={isLast || undefined}
      data-open={modelAnchor !== null || forkAnchor !== null || detailsWanted || undefined}
      role="toolbar"
      aria-label={trans.__('Message actions')}
      ref={bar}
      onKeyDown={onKeyDown}
    >
      {!isUser && !isCompared && <BranchPicker chat={chat} message={message} />}
      {message.pinned && (
        <span
          className="jp-llmhub-pinned"
          data-testid="llmhub-pinned"
          title={trans.__('It goes to the model word for word, whatever is summarised')}
        >
          <Icon of={pinIcon} />
          {trans.__('Pinned')}
        </span>
      )}
      {message.starred && (
        <button
          type="button"
          className="jp-llmhub-pinned"
          data-testid="llmhub-starred"
          title={trans.__('Show all starred messages')}
          onClick={() => {
            session.screen.show('stars');
          }}
        >
          <Icon of={starFilledIcon} />
          {trans.__('Starred')}
        </button>
      )}
      {/* A third of all elements of a thread: nobody needs them while messages pass by. */}
      {isTime && (
        <span className="jp-llmhub-actions">
          {text && !isBusy && (
            <IconButton
              icon={copied ? checkIcon : copyIcon}
              label={copied ? trans.__('Copied') : trans.__('Copy')}
              testId="llmhub-copy"
              onClick={copy}
            />
          )}
          {canChange && (isUser || text) && (
            <IconButton
              icon={editIcon}
              className={isUser ? '' : 'jp-llmhub-lesser'}
              label={trans.__('Edit')}
              testId="llmhub-edit"
              onClick={edit}
            />
          )}
          {!isUser && canChange && (
            <span className="jp-llmhub-split">
              <IconButton
                icon={regenerateIcon}
                label={trans.__('Answer again')}
                testId="llmhub-regenerate"
                onClick={() => {
                  regenerate(session.model);
                }}
              />
              <IconButton
                icon={caretDownIcon}
                className="jp-llmhub-split-more"
                label={trans.__('Answer again in another way')}
                testId="llmhub-regenerate-menu"
                aria-haspopup="menu"
                onClick={openRegenerate}
              />
            </span>
          )}
          {!isUser && canChange && !isLast && (
            <IconButton
              icon={branchIcon}
              className="jp-llmhub-lesser"
              label={trans.__('Branch off here')}
              testId="llmhub-branch"
              onClick={branch}
            />
          )}
          {text && !isBusy && isStored && (
            <IconButton
              icon={quoteIcon}
              className="jp-llmhub-lesser"
              label={trans.__('Quote')}
              testId="llmhub-quote"
              onClick={quote}
            />
          )}
          {!isUser && !isBusy && isStored && <Rating chat={chat} message={message} />}
          {isStored && (
            <IconButton
              icon={ellipsesIcon}
              label={trans.__('More')}
              testId="llmhub-more"
              aria-haspopup="menu"
              onClick={openMore}
            />
          )}
        </span>
      )}
      {isUser && <BranchPicker chat={chat} message={message} />}
      {!isUser && (isTime || message.instruction) && (
        <ModelNote
          chat={chat}
          message={message}
          isCompared={isCompared}
          isOpen={detailsWanted}
          onClose={() => {
            setDetailsWanted(false);
          }}
        />
      )}
      {forkAnchor && (
        <ForkChoice
          anchor={forkAnchor}
          onChoose={mode => {
            void session.fork(id, mode);
          }}
          onClose={() => {
            setForkAnchor(null);
          }}
        />
      )}
      {modelAnchor && (
        <ModelChoice
          anchor={modelAnchor}
          current={message.model ?? null}
          onChoose={regenerate}
          onClose={() => {
            setModelAnchor(null);
          }}
        />
      )}
    </div>
  );
}
