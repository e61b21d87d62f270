import { mark as show } from '../find/marks';
import { rangesOf } from '../find/texts';

/** What was found stays marked so long. Milliseconds. */
const SHOWN_MS = 4000;
/** A message that has not been drawn by then is not waited for. Milliseconds. */
const PATIENCE_MS = 5000;
const NAME = 'jp-llmhub-found';

let forget: (() => void) | null = null;

/** Mark a message below `root` for a moment, and in it these words: as soon as it is drawn. Nothing of its page is changed. */
export function flash(root: Element, messageId: string, words: readonly string[]): void {
  forget?.();
  const selector = `[data-message-id="${CSS.escape(messageId)}"]`;
  const look = (): boolean => {
    const message = root.querySelector<HTMLElement>(selector);
    if (message?.getClientRects().length) {
      stop();
      mark(message, words);
      return true;
    }
    return false;
  };
  const observer = new MutationObserver(look);
  const timer = setTimeout(() => {
    stop();
  }, PATIENCE_MS);
  const stop = (): void => {
    observer.disconnect();
    clearTimeout(timer);
  };
  forget = stop;
  if (!look()) {
    observer.observe(root, { childList: true, subtree: true });
  }
}

function mark(message: HTMLElement, words: readonly string[]): void {
  message.setAttribute('data-found', '');
  const ranges = rangesOf(message, words);
  show(NAME, flash, ranges);
  // Behind the thread, which brings the message into view: its words may be far below its beginning.
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      ranges[0]?.startContainer.parentElement?.scrollIntoView({ block: 'center' });
    })
  );
  const timer = setTimeout(() => {
    forget?.();
  }, SHOWN_MS);
  forget = () => {
    clearTimeout(timer);
    message.removeAttribute('data-found');
    show(NAME, flash, []);
  };
}
