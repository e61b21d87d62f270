import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';

/** Closer to the end than this is at the end. Pixels. */
const AT_END = 40;
/** For so long after a key that scrolls, scrolling is that key's doing. Milliseconds: browsers scroll smoothly. */
const KEY_MS = 400;

export interface Following {
  /** The view stays at the end while more arrives. */
  readonly isFollowing: boolean;
  readonly jumpToEnd: () => void;
}

/**
 * Keeps a scrolled element at its end while its content grows, until somebody scrolls up. It never takes the view back by itself.
 */
export function useFollowing(view: RefObject<HTMLElement>, content: RefObject<HTMLElement>): Following {
  const follows = useRef(true);
  const [isFollowing, setFollowing] = useState(true);

  const set = useCallback((value: boolean) => {
    follows.current = value;
    setFollowing(value);
  }, []);

  const jumpToEnd = useCallback(() => {
    set(true);
    const element = view.current;
    if (element) {
      element.scrollTop = element.scrollHeight;
    }
  }, [set, view]);

  useEffect(() => {
    const element = view.current;
    const inner = content.current;
    if (!element || !inner) {
      return;
    }
    let top = element.scrollTop;
    let size = sizeOf(element);
    let wasResized = false;
    let isHeld = false;
    let keyAt = -Infinity;
    const onScroll = (): void => {
      const distance = element.scrollHeight - element.scrollTop - element.clientHeight;
      const isUp = element.scrollTop < top - 1;
      // A browser scrolls up by itself when the view becomes higher or what is in it lower: the composer shrinks after sending.
      const isStill = !wasResized && size === sizeOf(element);
      const isByHand = isHeld || performance.now() - keyAt < KEY_MS || isStill;
      if (distance < AT_END) {
        set(true);
      } else if (isUp && isByHand) {
        set(false);
      }
      top = element.scrollTop;
      size = sizeOf(element);
      wasResized = false;
    };
    const onWheel = (event: WheelEvent): void => {
      if (event.deltaY < 0 && element.scrollHeight > element.clientHeight) {
        set(false);
      }
    };
    const onKey = (event: KeyboardEvent): void => {
      if (['ArrowUp', 'PageUp', 'Home', ' '].includes(event.key)) {
        keyAt = performance.now();
      }
    };
    const onHold = (): void => {
      isHeld = true;
    };
    const onRelease = (event: PointerEvent): void => {
      isHeld = isHeld && event.buttons !== 0;
    };
    const observer = new ResizeObserver(() => {
      wasResized = true;
      if (follows.current) {
        element.scrollTop = element.scrollHeight;
      }
    });
    element.addEventListener('scroll', onScroll, { passive: true });
    element.addEventListener('wheel', onWheel, { passive: true });
    element.addEventListener('keydown', onKey);
    // Also on the scroll bar, which tells of its release by the next move only.
    element.addEventListener('pointerdown', onHold);
    document.addEventListener('pointermove', onRelease, true);
    document.addEventListener('pointerup', onRelease, true);
    observer.observe(inner);
    observer.observe(element);
    return () => {
      element.removeEventListener('scroll', onScroll);
      element.removeEventListener('wheel', onWheel);
      element.removeEventListener('keydown', onKey);
      element.removeEventListener('pointerdown', onHold);
      document.removeEventListener('pointermove', onRelease, true);
      document.removeEventListener('pointerup', onRelease, true);
      observer.disconnect();
    };
  }, [set, view, content]);

  return { isFollowing, jumpToEnd };
}

/** What has to stay the same for a scroll to be somebody's wish. */
function sizeOf(element: HTMLElement): string {
  return `${element.scrollHeight} ${element.clientHeight}`;
}
