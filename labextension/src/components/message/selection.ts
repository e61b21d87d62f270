/** The text that is selected inside `message`, or null. */
export function selectedIn(message: HTMLElement | null): string | null {
  const selection = document.getSelection();
  const body = message?.querySelector('.jp-llmhub-body');
  if (!selection || selection.rangeCount === 0 || !body) {
    return null;
  }
  // The range knows it without a layout, the selection does not.
  const range = selection.getRangeAt(0);
  if (range.collapsed) {
    return null;
  }
  const text = selection.toString().trim();
  return body.contains(range.startContainer) && isAllIn(range, body) ? text || null : null;
}

/** Three clicks on the last line select up to the beginning of what follows: nothing of that is in the selection. */
function isAllIn(range: Range, body: Element): boolean {
  if (body.contains(range.endContainer)) {
    return true;
  }
  const inside = range.cloneRange();
  inside.setEnd(body, body.childNodes.length);
  return inside.toString().trim() === range.toString().trim();
}

export interface Selected {
  readonly messageId: string;
  readonly text: string;
  readonly range: Range;
}

/** What is selected in one message of the panel `root`. */
export function selectedWithin(root: Element): Selected | null {
  const selection = document.getSelection();
  const range = selection && selection.rangeCount > 0 ? selection.getRangeAt(0) : null;
  const at = range?.startContainer;
  const element = at instanceof Element ? at : at?.parentElement;
  const message = element?.closest<HTMLElement>('[data-message-id]') ?? null;
  const messageId = message?.dataset['messageId'];
  const text = selectedIn(message);
  return range && messageId && text && root.contains(message) ? { messageId, text, range } : null;
}
