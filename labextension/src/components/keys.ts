import type { KeyboardEvent } from 'react';

/** Whether this key press sends. Never while an input method is composing: its Enter chooses a word. */
export function isSendKey(event: KeyboardEvent, sendOnEnter: boolean): boolean {
  // Safari says 229 for the Enter that ends a composition, after `isComposing` is false again.
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  if (event.key !== 'Enter' || event.nativeEvent.isComposing || event.keyCode === 229) {
    return false;
  }
  if (event.ctrlKey || event.metaKey) {
    return true;
  }
  return sendOnEnter && !event.shiftKey && !event.altKey;
}
