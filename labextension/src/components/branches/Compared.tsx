import type { TranslationBundle } from '@jupyterlab/translation';
import { memo, type ReactElement, useMemo } from 'react';

import type { Message } from '../../api/schema';
import { quoteIcon } from '../../icons';
import type { ChatModel } from '../../model/chat';
import type { Row } from '../../model/map/branches';
import { type Change, changesBetween } from '../../model/map/words';
import { isRunning, textOf } from '../../model/node';
import { useServices } from '../context';
import { IconButton } from '../controls';
import { useNode } from '../hooks';
import { figuresOf } from '../message/figures';

/** What is seen under tabs: one branch, or both in one. */
export type Shown = 'left' | 'right' | 'both';

interface Props {
  chat: ChatModel;
  row: Row;
  /** Null: both stand side by side. */
  shown: Shown | null;
  isMarked: boolean;
  /** Take these words of a message over to the other branch. */
  onBring: (side: 0 | 1, id: string, text: string) => void;
}

/** Two messages in the same place of their branches; what is different is marked word by word. */
export const Compared = memo(function Compared({ chat, row, shown, isMarked, onBring }: Props) {
  const { trans } = useServices();
  const [left, right] = [useLatest(chat, row[0]), useLatest(chat, row[1])];
  const isWriting = [left, right].some(message => message !== null && isRunning(message));
  const [before, after] = [left && wordsOf(left, trans), right && wordsOf(right, trans)];
  const changes = useMemo(
    () => (before !== null && after !== null && !isWriting ? changesBetween(before, after) : null),
    [before, after, isWriting]
  );
  const isSame = before !== null && before === after && !isWriting;
  const note =
    before === null || after === null
      ? null
      : isWriting
        ? trans.__('Being written: what is different is marked at the end')
        : isSame
          ? trans.__('The same words in both')
          : changes === null
            ? trans.__('Hardly anything in common: nothing is marked')
            : null;
  const marks = isMarked && !isSame ? changes : null;
  const cell = (side: 0 | 1): ReactElement => {
    const message = side === 0 ? left : right;
    const text = side === 0 ? before : after;
    return (
      <Cell
        key={side}
        side={side}
        message={message}
        text={text ?? ''}
        changes={marks?.filter(({ kind }) => kind !== (side === 0 ? 'new' : 'gone')) ?? null}
        onBring={onBring}
      />
    );
  };
  const isTogether = shown === 'both' && left && right && (marks !== null || isSame);
  return (
    <div className="jp-llmhub-compared" data-testid="llmhub-compared" data-same={isSame || undefined}>
      {note && <div className="jp-llmhub-hint jp-llmhub-compared-note">{note}</div>}
      {isTogether ? (
        <Cell side={1} message={right} other={left} text={after ?? ''} changes={marks} onBring={onBring} />
      ) : (
        <>
          {shown !== 'right' && (left !== null || shown === null) && cell(0)}
          {shown !== 'left' && (right !== null || shown === null) && cell(1)}
        </>
      )}
    </div>
  );
});

/** A message as the chat has it by now, else as it was fetched. */
function useLatest(chat: ChatModel, message: Message | null): Message | null {
  const node = useNode(chat, message?.id ?? '');
  return message && (node?.message ?? message);
}

interface CellProps {
  side: 0 | 1;
  message: Message | null;
  /** What it is compared with, where both are in one. */
  other?: Message;
  text: string;
  changes: readonly Change[] | null;
  onBring: Props['onBring'];
}

function Cell({ side, message, other, text, changes, onBring }: CellProps) {
  const { trans, hub } = useServices();
  if (!message) {
    return <div className="jp-llmhub-compared-cell" data-none="true" />;
  }
  const isUser = message.role === 'user';
  const nameOf = (one: Message): string =>
    isUser ? trans.__('You') : hub.catalogue.label(one.model) || trans.__('Answer');
  const names = [...new Set([...(other ? [nameOf(other)] : []), nameOf(message)])];
  return (
    <article
      className="jp-llmhub-compared-cell"
      data-testid="llmhub-compared-cell"
      data-side={side}
      data-role={message.role}
      data-status={message.status}
      aria-busy={isRunning(message)}
      data-compared-id={message.id}
    >
      <header>
        <strong>{names.join(' → ')}</strong>
        <span className="jp-llmhub-hint">{figuresOf(message, trans)}</span>
        {!isUser && !other && !isRunning(message) && textOf(message.parts) && (
          <IconButton
            icon={quoteIcon}
            label={trans.__('Bring this answer over to the other branch, as a quote')}
            testId="llmhub-bring"
            onClick={({ currentTarget }) => {
              const cell = currentTarget.closest('.jp-llmhub-compared-cell');
              onBring(side, message.id, selectedIn(cell) ?? textOf(message.parts));
            }}
          />
        )}
      </header>
      <div className="jp-llmhub-compared-words">
        {changes
          ? changes.map(({ kind, text: words }, at) =>
              kind === 'same' ? (
                words
              ) : kind === 'gone' ? (
                <del key={at}>{words}</del>
              ) : (
                <ins key={at}>{words}</ins>
              )
            )
          : text || <span className="jp-llmhub-hint">{trans.__('No text')}</span>}
      </div>
    </article>
  );
}

/** What a message says as text: its words, and in brackets what else is in it. */
function wordsOf({ parts }: Message, trans: TranslationBundle): string {
  const pieces: string[] = [];
  let text = '';
  const end = (): void => {
    if (text) {
      pieces.push(text);
    }
    text = '';
  };
  for (const part of parts) {
    switch (part.type) {
      case 'text':
        text += part.text;
        break;
      case 'quote':
        end();
        pieces.push(`> ${part.text.replaceAll('\n', '\n> ')}`);
        break;
      case 'tool_call':
        end();
        pieces.push(`[${trans.__('Tool: %1', part.title ?? part.name)}]`);
        break;
      case 'file':
        end();
        pieces.push(`[${trans.__('File: %1', part.name)}]`);
        break;
      case 'image':
        end();
        pieces.push(`[${trans.__('Image')}]`);
        break;
      case 'output':
        end();
        pieces.push(`[${trans.__('Output')}]`);
        break;
      default:
        break;
    }
  }
  end();
  return pieces.join('\n\n');
}

/** What is selected inside of `cell`, or null. */
function selectedIn(cell: Element | null): string | null {
  const selection = document.getSelection();
  const text = selection?.toString().trim() ?? '';
  return text && cell?.contains(selection?.anchorNode ?? null) && cell.contains(selection?.focusNode ?? null)
    ? text
    : null;
}
