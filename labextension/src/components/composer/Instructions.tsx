import { type KeyboardEvent, useEffect, useRef, useState } from 'react';

import { Button } from '../controls';
import { useServices } from '../context';

/** The instructions for this conversation, opened to be changed. */
export function Instructions() {
  const { trans, session } = useServices();
  const [text, setText] = useState(session.writing.instructions);
  const field = useRef<HTMLTextAreaElement>(null);

  useEffect(() => {
    field.current?.focus();
  }, []);

  const close = (): void => {
    session.desk.close();
    session.focusComposer();
  };
  const save = (value: string): void => {
    close();
    session.writing.instruct(value).catch((thrown: unknown) => {
      session.desk.say(thrown instanceof Error ? thrown.message : String(thrown), true);
    });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) {
      return;
    }
    if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      close();
    } else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      save(text);
    }
  };
  return (
    <div
      className="jp-llmhub-paste jp-llmhub-instructions"
      role="dialog"
      aria-label={trans.__('Instructions for this conversation')}
      data-testid="llmhub-instructions"
      onKeyDown={onKeyDown}
    >
      <div className="jp-llmhub-card-title">{trans.__('Instructions for this conversation')}</div>
      <textarea
        ref={field}
        value={text}
        placeholder={trans.__('How should the model answer here? “Be brief. Use polars, not pandas.”')}
        aria-label={trans.__('Instructions')}
        data-testid="llmhub-instructions-text"
        onChange={event => {
          setText(event.target.value);
        }}
      />
      <div className="jp-llmhub-paste-buttons">
        {session.writing.instructions !== '' && (
          <Button
            testId="llmhub-instructions-remove"
            onClick={() => {
              save('');
            }}
          >
            {trans.__('Remove')}
          </Button>
        )}
        <Button onClick={close}>{trans.__('Cancel')}</Button>
        <Button
          accent
          testId="llmhub-instructions-save"
          onClick={() => {
            save(text);
          }}
        >
          {trans.__('Save')}
        </Button>
      </div>
    </div>
  );
}
