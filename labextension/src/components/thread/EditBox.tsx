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
  const { trans, hub } = useServices();
  const { sendOnEnter } = useModel(hub.preferences).values;
  useModel(chat);
  const [text, setText] = useState(() => textOf(message.parts));
  const box = useRef<HTMLTextAreaElement>(null);
  const others = message.parts.filter(
    (part): part is UserPart => part.type === 'image' || part.type === 'file' || part.type === 'quote'
  );
  const canSend = text.trim() !== '' && !chat.isPosting;

  useEffect(() => {
    box.current?.focus();
    box.current?.setSelectionRange(box.current.value.length, box.current.value.length);
  }, []);

  const send = (): void => {
    if (canSend) {
      onClose();
      void chat.edit(message.id, { parts: [...others, { type: 'text', text }], model: hub.model });
    }
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') {
      event.stopPropagation();
      onClose();
    } else if (isSendKey(event, sendOnEnter)) {
      event.preventDefault();
      send();
    }
  };
  return (
    <div className="jp-llmhub-edit">
      <GrowingTextarea
        ref={box}
        value={text}
        onChange={setText}
        onKeyDown={onKeyDown}
        aria-label={trans.__('Edit message')}
        data-testid="llmhub-edit-input"
      />
      <div className="jp-llmhub-edit-buttons">
        <Button onClick={onClose}>{trans.__('Cancel')}</Button>
        <Button accent testId="llmhub-edit-save" disabled={!canSend} onClick={send}>
          {trans.__('Send')}
        </Button>
      </div>
    </div>
  );
}
