import { type KeyboardEvent, useEffect, useRef, useState } from 'react';

import type { Message } from '../../api/schema';
import type { UserPart } from '../../api/types';
import type { ChatModel } from '../../model/chat';
import { textOf } from '../../model/node';
import { Button } from '../controls';
import { useServices } from '../context';
import { GrowingTextarea } from '../GrowingTextarea';
import { useModel } from '../hooks';
import { isSendKey } from '../keys';

/** Where the draft of an edit is kept. */
export function editKey(messageId: string): string {
  return `edit:${messageId}`;
}

/** A message of the user being said in other words. Sending it makes a branch; what was there stays. */
export function EditBox({
  chat,
  message,
  onClose
}: {
  chat: ChatModel;
  message: Message;
  onClose: () => void;
}) {
  const { trans, hub, session } = useServices();
  const { sendOnEnter } = useModel(hub.preferences).values;
  useModel(chat);
  const key = editKey(message.id);
  // A draft is there when this was being edited before a reload, or the server did not take it.
  const [text, setText] = useState(() => hub.drafts.get(key).text || textOf(message.parts));
  const box = useRef<HTMLTextAreaElement>(null);
  const others = message.parts.filter(
    (part): part is UserPart => part.type === 'image' || part.type === 'file' || part.type === 'quote'
  );
  const canSend = text.trim() !== '' && !chat.isPosting;

  useEffect(() => {
    box.current?.focus();
    box.current?.setSelectionRange(box.current.value.length, box.current.value.length);
  }, []);

  const change = (changed: string): void => {
    setText(changed);
    hub.drafts.set(key, { text: changed });
  };
  const cancel = (): void => {
    hub.drafts.forget(key);
    onClose();
  };
  const send = async (): Promise<void> => {
    if (!canSend) {
      return;
    }
    hub.drafts.set(key, { text });
    const requestId = hub.drafts.beginSending(key);
    onClose();
    const parts: UserPart[] = [...others, { type: 'text', text }];
    if (await chat.edit(message.id, { parts, model: session.model, requestId })) {
      hub.drafts.sent(key);
    } else {
      hub.drafts.unsent(key);
    }
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') {
      event.stopPropagation();
      cancel();
    } else if (isSendKey(event, sendOnEnter)) {
      event.preventDefault();
      void send();
    }
  };
  return (
    <div className="jp-llmhub-edit">
      <GrowingTextarea
        ref={box}
        value={text}
        onChange={change}
        onKeyDown={onKeyDown}
        aria-label={trans.__('Edit message')}
        data-testid="llmhub-edit-input"
      />
      <div className="jp-llmhub-edit-buttons">
        <Button onClick={cancel}>{trans.__('Cancel')}</Button>
        <Button accent testId="llmhub-edit-save" disabled={!canSend} onClick={() => void send()}>
          {trans.__('Send')}
        </Button>
      </div>
    </div>
  );
}
