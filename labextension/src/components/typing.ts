/** So long after a key somebody is still typing. Milliseconds. */
const TYPING_MS = 500;
/** A frame of a screen. Milliseconds. */
const FRAME_MS = 1000 / 60;

let isListening = false;
let pressed = -Infinity;
const listeners = new Set<() => void>();

/** Tells what draws by itself to keep out of the way of who types: a key that waits for a frame is seen late. */
export const typing = {
  /** Somebody types, or did just now. */
  get isGoingOn(): boolean {
    listen();
    return performance.now() - pressed < TYPING_MS;
  },

  /** What a key has changed is not seen yet, or one has not been heard yet. */
  get isDue(): boolean {
    listen();
    return performance.now() - pressed < FRAME_MS || isInputPending();
  },

  /** A key has been pressed. Gives back how not to be told any more. */
  onKey(listener: () => void): () => void {
    listen();
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }
};

function listen(): void {
  if (!isListening) {
    isListening = true;
    const note = (event: KeyboardEvent): void => {
      pressed = event.timeStamp;
      listeners.forEach(listener => {
        listener();
      });
    };
    // For as long as the page lives.
    document.addEventListener('keydown', note, { capture: true, passive: true });
  }
}

/** Not every browser tells. */
function isInputPending(): boolean {
  const { scheduling } = navigator as Navigator & { scheduling?: { isInputPending?: () => boolean } };
  return scheduling?.isInputPending?.() ?? false;
}
