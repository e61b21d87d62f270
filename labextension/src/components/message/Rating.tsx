import type { TranslationBundle } from '@jupyterlab/translation';
import { useEffect, useRef, useState } from 'react';

import type { Message, RatingDraft } from '../../api/schema';
import { thumbDownIcon, thumbUpIcon } from '../../icons';
import type { ChatModel } from '../../model/chat';
import { Button, IconButton } from '../controls';
import { useServices } from '../context';
import { Popover } from '../Popover';

type Value = RatingDraft['value'];
type Reason = NonNullable<RatingDraft['reason']>;

const REASONS: Readonly<Record<Value, readonly Reason[]>> = {
  1: ['accurate', 'clear', 'creative', 'thorough', 'other'],
  [-1]: ['inaccurate', 'incomplete', 'off_topic', 'style', 'refused', 'not_helpful', 'other']
};
/** As the server takes it. */
const MOST = 2000;

/** Good or not, with a press; why, if one likes to say. */
export function Rating({ chat, message }: { chat: ChatModel; message: Message }) {
  const { trans } = useServices();
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const value = message.rating?.value ?? null;
  useEffect(() => {
    // Taken away, or refused: what is asked about it is asked no longer.
    if (value === null) {
      setAnchor(null);
    }
  }, [value]);
  const press = (wanted: Value) => (event: { currentTarget: HTMLElement }) => {
    if (value !== wanted) {
      void chat.marks.rate(message.id, { value: wanted });
    }
    setAnchor(event.currentTarget);
  };
  return (
    <>
      <IconButton
        icon={thumbUpIcon}
        className={value === 1 ? '' : 'jp-llmhub-lesser'}
        label={trans.__('Good answer')}
        testId="llmhub-rate-good"
        aria-pressed={value === 1}
        aria-haspopup="dialog"
        onClick={press(1)}
      />
      <IconButton
        icon={thumbDownIcon}
        className={value === -1 ? '' : 'jp-llmhub-lesser'}
        label={trans.__('Bad answer')}
        testId="llmhub-rate-bad"
        aria-pressed={value === -1}
        aria-haspopup="dialog"
        onClick={press(-1)}
      />
      {anchor && message.rating && (
        <Why
          key={message.rating.value}
          chat={chat}
          message={message}
          anchor={anchor}
          onClose={() => {
            setAnchor(null);
          }}
        />
      )}
    </>
  );
}

interface WhyProps {
  chat: ChatModel;
  message: Message;
  anchor: HTMLElement;
  onClose: () => void;
}

function Why({ chat, message, anchor, onClose }: WhyProps) {
  const { trans } = useServices();
  const { value = 1, reason = null, text = '' } = message.rating ?? {};
  const [words, setWords] = useState(text ?? '');
  const field = useRef<HTMLTextAreaElement>(null);
  const rate = (changes: Partial<RatingDraft>): void => {
    const said = words.trim();
    void chat.marks.rate(message.id, { value, reason, text: said === '' ? null : said, ...changes });
  };
  const close = (): void => {
    if (words.trim() !== (text ?? '')) {
      rate({});
    }
    onClose();
  };
  const names = reasonNames(trans);
  return (
    <Popover
      anchor={anchor}
      label={value === 1 ? trans.__('Why is it good?') : trans.__('What is wrong with it?')}
      className="jp-llmhub-why"
      testId="llmhub-why"
      onClose={close}
    >
      <strong>{value === 1 ? trans.__('Why is it good?') : trans.__('What is wrong with it?')}</strong>
      <div className="jp-llmhub-why-reasons" role="group" aria-label={trans.__('Reason')}>
        {REASONS[value].map(one => (
          <Button
            key={one}
            className="jp-llmhub-why-reason"
            testId={`llmhub-why-${one}`}
            aria-pressed={reason === one}
            onClick={() => {
              rate({ reason: reason === one ? null : one });
            }}
          >
            {names[one]}
          </Button>
        ))}
      </div>
      <textarea
        ref={field}
        className="jp-llmhub-field"
        rows={3}
        maxLength={MOST}
        value={words}
        placeholder={trans.__('In your own words')}
        aria-label={trans.__('In your own words')}
        data-testid="llmhub-why-text"
        onChange={event => {
          setWords(event.target.value);
        }}
        onKeyDown={event => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
            close();
          }
        }}
      />
      <div className="jp-llmhub-why-actions">
        <Button
          testId="llmhub-why-remove"
          onClick={() => {
            void chat.marks.rate(message.id, null);
            onClose();
          }}
        >
          {trans.__('Remove the rating')}
        </Button>
        <Button accent testId="llmhub-why-done" onClick={close}>
          {trans.__('Done')}
        </Button>
      </div>
      <p className="jp-llmhub-hint">{trans.__('It stays on this server; no provider learns of it.')}</p>
    </Popover>
  );
}

function reasonNames(trans: TranslationBundle): Readonly<Record<Reason, string>> {
  return {
    accurate: trans.__('Correct'),
    clear: trans.__('Clear'),
    creative: trans.__('Creative'),
    thorough: trans.__('Thorough'),
    inaccurate: trans.__('Not correct'),
    incomplete: trans.__('Something is missing'),
    off_topic: trans.__('Not what was asked'),
    style: trans.__('Tone or form'),
    refused: trans.__('Refused without need'),
    not_helpful: trans.__('Of no help'),
    other: trans.__('Something else')
  };
}
