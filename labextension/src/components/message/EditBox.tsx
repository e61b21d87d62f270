import { type KeyboardEvent, useEffect, useRef, useState } from 'react';

import type { Message } from '../../api/schema';
import type { UserPart } from '../../api/types';
import type { DraftPart } from '../../model/attachments';
import type { ChatModel } from '../../model/chat';
import { isFile, textOf } from '../../model/node';
import { partsOf } from '../../model/queue';
import { Chips } from '../composer/Chips';
import { Button } from '../controls';
import { useServices } from '../context';
import { GrowingTextarea } from '../GrowingTextarea';
import { useModel } from '../hooks';
import { isSendKey } from '../keys';

/** Gives the server what was written. True when it has taken it. */
type Give = (parts: UserPart[], requestId: string) => Promise<boolean>;

/** Where the draft of an edit is kept. */
export function editKey(messageId: string): string {
  return `edit:${messageId}`;
}

/**
 * A message in other words. *Send* asks again, *Save* asks nobody; both make a branch, and what was there stays. Escape leaves
 * and keeps what was written, *Cancel* throws it away.
 */
export function EditBox({ chat, message }: { chat: ChatModel; message: Message }) {
  const { trans, hub, session } = useServices();
  const { sendOnEnter } = useModel(hub.preferences).values;
  useModel(chat);
  const { id } = message;
  const key = editKey(id);
  const isUser = message.role === 'user';
  const before: { text: string; files: readonly DraftPart[] } = {
    text: textOf(message.parts),
    files: message.parts.filter(isFile)
  };
  // A draft is there when this was begun before, or the server did not take it.
  const [edit, setEdit] = useState(() => {
    const { text, files } = hub.drafts.get(key);
    return text ? { text, files } : before;
  });
  const box = useRef<HTMLTextAreaElement>(null);
  const isChanged = edit.text !== before.text || edit.files.length !== before.files.length;
  const hasWords = edit.text.trim() !== '' || edit.files.length > 0;
  const canSend = hasWords && !chat.isPosting;
  const canSave = canSend && isChanged;

  useEffect(() => {
    if (chat.edits.takesCursor(id)) {
      box.current?.focus();
      box.current?.setSelectionRange(box.current.value.length, box.current.value.length);
    }
  }, [chat, id]);

  const change = (changes: Partial<typeof edit>): void => {
    const changed = { ...edit, ...changes };
    setEdit(changed);
    hub.drafts.set(key, changed);
  };
  const leave = (): void => {
    if (!isChanged) {
      hub.drafts.forget(key);
    }
    chat.edits.end(id);
  };
  const cancel = (): void => {
    hub.drafts.forget(key);
    chat.edits.end(id);
  };
  const finish = async (give: Give): Promise<void> => {
    hub.drafts.set(key, edit);
    await deliver(give);
  };
  /** As it stands by then: after a refusal it may have been changed, in another box than this one. */
  const deliver = async (give: Give): Promise<void> => {
    const { text, files } = hub.drafts.get(key);
    const requestId = hub.drafts.beginSending(key);
    chat.edits.end(id);
    if (await give(partsOf({ text, files }), requestId)) {
      hub.drafts.sent(key);
    } else {
      hub.drafts.unsent(key);
      chat.edits.begin(id);
    }
  };
  const send = (): void => {
    if (canSend) {
      const give: Give = (parts, requestId) =>
        chat.edit(id, { parts, model: session.model, requestId, again: () => void deliver(give) });
      void finish(give);
    }
  };
  const save = (): void => {
    if (canSave) {
      void finish((parts, requestId) => chat.save(id, parts, requestId));
    }
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && !event.nativeEvent.isComposing) {
      event.stopPropagation();
      leave();
    } else if (isUser ? isSendKey(event, sendOnEnter) : isSendKey(event, false)) {
      event.preventDefault();
      (isUser ? send : save)();
    }
  };
  return (
    <div className="jp-llmhub-edit" data-role={message.role}>
      <Chips
        files={edit.files}
        uploads={[]}
        onOpen={index => {
          const part = edit.files[index];
          if (part?.type === 'file') {
            window.open(hub.client.fileUrl(part.file_id), '_blank', 'noopener');
          }
        }}
        onRemove={index => {
          change({ files: edit.files.filter((_file, at) => at !== index) });
        }}
        onDismiss={() => undefined}
      />
      <GrowingTextarea
        ref={box}
        value={edit.text}
        onChange={text => {
          change({ text });
        }}
        onKeyDown={onKeyDown}
        aria-label={isUser ? trans.__('Edit message') : trans.__('Edit answer')}
        data-testid="llmhub-edit-input"
      />
      <div className="jp-llmhub-edit-buttons">
        <Button onClick={cancel} testId="llmhub-edit-cancel">
          {trans.__('Cancel')}
        </Button>
        <Button
          accent={!isUser}
          testId="llmhub-edit-keep"
          disabled={!canSave}
          hint={trans.__('Keep it as a branch; no model is asked')}
          onClick={save}
        >
          {trans.__('Save')}
        </Button>
        {isUser && (
          <Button
            accent
            testId="llmhub-edit-save"
            disabled={!canSend}
            hint={trans.__('Ask again with these words, on a branch of its own')}
            onClick={send}
          >
            {trans.__('Send')}
          </Button>
        )}
      </div>
    </div>
  );
}
