import {
  type ClipboardEvent,
  type DragEvent,
  type KeyboardEvent,
  useEffect,
  useMemo,
  useRef,
  useState
} from 'react';

import type { UserPart } from '../../api/types';
import { attachIcon, sendIcon, stopSquareIcon } from '../../icons';
import { Attachments, IMAGE_TYPES } from '../../model/attachments';
import { IconButton } from '../controls';
import { useServices } from '../context';
import { bytes } from '../format';
import { GrowingTextarea } from '../GrowingTextarea';
import { useModel } from '../hooks';
import { isSendKey } from '../keys';
import { Chips } from './Chips';
import { ModelPicker } from './ModelPicker';

const DEFAULT_LIMIT = 20 * 2 ** 20;

/** Where a message is written. The draft lives in the model; this only draws it. */
export function Composer() {
  const { hub, trans, session } = useServices();
  useModel(session);
  useModel(hub.drafts);
  useModel(hub.catalogue);
  const chat = useModel(session.chat);
  const { sendOnEnter } = useModel(hub.preferences).values;
  const attachments = useModel(useAttachments());
  const field = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const [isOver, setOver] = useState(false);

  useEffect(
    () =>
      session.onFocusComposer(() => {
        // After what shows the composer again has been drawn.
        requestAnimationFrame(() => field.current?.focus());
      }),
    [session]
  );

  const draft = hub.drafts.get(session.draftKey);
  const isAnswering = chat.running !== null || chat.isPosting;
  const model = hub.catalogue.get(session.model);
  const canSend =
    (draft.text.trim() !== '' || draft.files.length > 0) && !attachments.isBusy && session.model !== null;
  const isBlind = draft.files.length > 0 && model !== undefined && !model.capabilities.includes('vision');

  const attach = (files: readonly File[]): void => {
    const id = session.draftKey;
    void attachments.add(files, (part: UserPart) => {
      hub.drafts.set(id, { files: [...hub.drafts.get(id).files, part] });
    });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (isSendKey(event, sendOnEnter)) {
      event.preventDefault();
      if (canSend && !isAnswering) {
        void session.send();
      }
    }
  };
  const onPaste = (event: ClipboardEvent): void => {
    const files = [...event.clipboardData.files];
    if (files.length > 0) {
      event.preventDefault();
      attach(files);
    }
  };
  const onDrop = (event: DragEvent): void => {
    setOver(false);
    if (event.dataTransfer.files.length > 0) {
      event.preventDefault();
      attach([...event.dataTransfer.files]);
    }
  };
  const onDragOver = (event: DragEvent): void => {
    if (event.dataTransfer.types.includes('Files')) {
      event.preventDefault();
      setOver(true);
    }
  };

  return (
    <div
      className="jp-llmhub-composer"
      data-drop={isOver || undefined}
      onDragOver={onDragOver}
      onDragLeave={() => {
        setOver(false);
      }}
      onDrop={onDrop}
    >
      <Chips
        files={draft.files}
        uploads={attachments.uploads}
        onRemove={index => {
          hub.drafts.set(session.draftKey, { files: draft.files.filter((_file, at) => at !== index) });
        }}
        onDismiss={key => {
          attachments.dismiss(key);
        }}
      />
      {isBlind && <div className="jp-llmhub-note">{trans.__('%1 does not see images.', model.label)}</div>}
      <GrowingTextarea
        ref={field}
        className="jp-llmhub-input"
        data-testid="llmhub-composer"
        aria-label={trans.__('Message')}
        placeholder={trans.__('Ask anything')}
        value={draft.text}
        onChange={text => {
          hub.drafts.set(session.draftKey, { text });
        }}
        onKeyDown={onKeyDown}
        onPaste={onPaste}
      />
      <div className="jp-llmhub-composer-bar">
        <IconButton
          icon={attachIcon}
          label={trans.__('Attach an image')}
          testId="llmhub-attach"
          onClick={() => picker.current?.click()}
        />
        <input
          ref={picker}
          type="file"
          hidden
          multiple
          accept={IMAGE_TYPES.join(',')}
          data-testid="llmhub-attach-input"
          onChange={event => {
            attach([...(event.target.files ?? [])]);
            event.target.value = '';
          }}
        />
        <ModelPicker />
        {isAnswering ? (
          <IconButton
            icon={stopSquareIcon}
            className="jp-llmhub-send"
            label={trans.__('Stop')}
            testId="llmhub-stop"
            onClick={() => {
              void chat.stop();
            }}
          />
        ) : (
          <IconButton
            icon={sendIcon}
            className="jp-llmhub-send"
            label={trans.__('Send')}
            testId="llmhub-send"
            disabled={!canSend}
            onClick={() => {
              void session.send();
            }}
          />
        )}
      </div>
    </div>
  );
}

function useAttachments(): Attachments {
  const { hub, trans } = useServices();
  return useMemo(
    () =>
      new Attachments(hub.client, () => hub.catalogue.config?.limits['file_bytes'] ?? DEFAULT_LIMIT, {
        notAnImage: name => trans.__('%1 is not an image. PNG, JPEG, GIF and WebP can be attached.', name),
        tooLarge: (name, size, limit) =>
          trans.__('%1 has %2; at most %3 can be attached.', name, bytes(size), bytes(limit))
      }),
    [hub, trans]
  );
}
