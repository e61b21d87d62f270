import type { KeyboardEvent } from 'react';

/** Whether an input method is at work on this key: it is not for us. */
export function isComposing(event: KeyboardEvent): boolean {
  // Safari says 229 for the Enter that ends a composition, after `isComposing` is false again.
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  return event.nativeEvent.isComposing || event.keyCode === 229;
}

/** Whether this key press sends. Never while an input method is composing: its Enter chooses a word. */
export function isSendKey(event: KeyboardEvent, sendOnEnter: boolean): boolean {
  if (event.key !== 'Enter' || isComposing(event)) {
    return false;
  }
  if (event.ctrlKey || event.metaKey) {
    return true;
  }
  return sendOnEnter && !event.shiftKey && !event.altKey;
}

/** Whether this key press sends to several models: Ctrl+Enter, with Shift where Ctrl+Enter alone sends. */
export function isSeveralKey(event: KeyboardEvent, sendOnEnter: boolean): boolean {
  const isAccel = event.key === 'Enter' && (event.ctrlKey || event.metaKey) && !isComposing(event);
  return isAccel && (sendOnEnter || event.shiftKey);
}
