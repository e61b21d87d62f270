import { type KeyboardEvent, useEffect, useRef, useState } from 'react';

import { useServices } from './context';

interface Props {
  title: string;
  /** What is being named; else it is a title. */
  label?: string;
  longest?: number;
  /** Gets null when nothing changed. */
  onDone: (title: string | null) => void;
}

/** A title being changed in place. Enter and leaving keep it, Escape does not. */
export function TitleField({ title, label, longest = 200, onDone }: Props) {
  const { trans } = useServices();
  const [text, setText] = useState(title);
  const field = useRef<HTMLInputElement>(null);
  const isOver = useRef(false);

  useEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, []);

  const finish = (keep: boolean): void => {
    if (!isOver.current) {
      isOver.current = true;
      const changed = text.trim();
      onDone(keep && changed && changed !== title ? changed : null);
    }
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && !event.nativeEvent.isComposing) {
      // What has the focus next must not be pressed by it.
      event.preventDefault();
      finish(true);
    } else if (event.key === 'Escape') {
      event.stopPropagation();
      finish(false);
    }
  };
  return (
    <input
      ref={field}
      className="jp-llmhub-field jp-llmhub-title-field"
      type="text"
      maxLength={longest}
      value={text}
      aria-label={label ?? trans.__('Title')}
      data-testid="llmhub-title-input"
      onChange={event => {
        setText(event.target.value);
      }}
      onKeyDown={onKeyDown}
      onBlur={() => {
        finish(true);
      }}
    />
  );
}
