import { type KeyboardEvent, useEffect, useRef, useState } from 'react';

import type { FilePart } from '../../api/schema';
import type { About, DraftPart } from '../../model/attachments';
import { useServices } from '../context';
import { Button } from '../controls';

type File_ = FilePart & { readonly about?: About };

/** An attached text, opened: it can be read, changed, and put into the message. */
export function PasteView({ part, onClose }: { part: DraftPart; onClose: () => void }) {
  return part.type === 'file' ? <OpenText part={part} onClose={onClose} /> : null;
}

function OpenText({ part, onClose }: { part: File_; onClose: () => void }) {
  const { hub, trans, session } = useServices();
  const [stored, setStored] = useState<string | null>(null);
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const { file_id } = part;

  useEffect(() => {
    let isCurrent = true;
    hub.client.fileText(file_id).then(
      content => {
        if (isCurrent) {
          setStored(content);
          setText(content);
          requestAnimationFrame(() => field.current?.focus());
        }
      },
      (thrown: unknown) => {
        if (isCurrent) {
          setProblem(thrown instanceof Error ? thrown.message : String(thrown));
        }
      }
    );
    return () => {
      isCurrent = false;
    };
  }, [hub, file_id]);

  const close = (): void => {
    onClose();
    session.focusComposer();
  };
  const isHere = (one: DraftPart): boolean => one.type === 'file' && one.file_id === file_id;
  const take = (): void => {
    const { drafts } = hub;
    const draft = drafts.get(session.writing.key);
    drafts.set(session.writing.key, {
      files: draft.files.filter(one => !isHere(one)),
      text: draft.text ? `${draft.text}\n${text}` : text
    });
    close();
  };
  const keep = async (): Promise<void> => {
    if (text !== stored) {
      const file = new File([text], part.name, { type: part.media_type });
      const key = session.writing.key;
      const isStored = await session.writing.attach([file], part.about?.isPaste ? { isPaste: true } : {});
      if (!isStored) {
        return;
      }
      const { files } = hub.drafts.get(key);
      // The changed text is the last one; it takes the place of the one that was opened.
      const changed = files.at(-1);
      hub.drafts.set(key, {
        files: files.slice(0, -1).map(one => (changed && isHere(one) ? changed : one))
      });
    }
    close();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && !event.nativeEvent.isComposing) {
      event.preventDefault();
      event.stopPropagation();
      void keep();
    }
  };
  return (
    <div
      className="jp-llmhub-paste"
      role="dialog"
      aria-label={part.about?.isPaste ? trans.__('Pasted text') : part.name}
      data-testid="llmhub-paste"
      onKeyDown={onKeyDown}
    >
      {problem !== null ? (
        <div className="jp-llmhub-problem" role="alert">
          {problem}
        </div>
      ) : (
        <textarea
          ref={field}
          value={text}
          readOnly={stored === null}
          spellCheck={false}
          aria-label={trans.__('Text')}
          data-testid="llmhub-paste-text"
          onChange={event => {
            setText(event.target.value);
          }}
        />
      )}
      <div className="jp-llmhub-paste-buttons">
        <Button onClick={take} disabled={stored === null} testId="llmhub-paste-inline">
          {trans.__('Put into the message')}
        </Button>
        <Button accent onClick={() => void keep()} testId="llmhub-paste-done">
          {trans.__('Done')}
        </Button>
      </div>
    </div>
  );
}
