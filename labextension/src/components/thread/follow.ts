import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';

/** Closer to the end than this is at the end. Pixels. */
const AT_END = 40;

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
    let height = element.scrollHeight;
    const onScroll = (): void => {
      const distance = element.scrollHeight - element.scrollTop - element.clientHeight;
      if (distance < AT_END) {
        set(true);
      } else if (element.scrollTop < top - 1 && element.scrollHeight >= height) {
        // Upwards, and not because something above became smaller.
        set(false);
      }
      top = element.scrollTop;
      height = element.scrollHeight;
    };
    const onWheel = (event: WheelEvent): void => {
      if (event.deltaY < 0 && element.scrollHeight > element.clientHeight) {
        set(false);
      }
    };
    const observer = new ResizeObserver(() => {
      if (follows.current) {
        element.scrollTop = element.scrollHeight;
      }
    });
    element.addEventListener('scroll', onScroll, { passive: true });
    element.addEventListener('wheel', onWheel, { passive: true });
    observer.observe(inner);
    observer.observe(element);
    return () => {
      element.removeEventListener('scroll', onScroll);
      element.removeEventListener('wheel', onWheel);
      observer.disconnect();
    };
  }, [set, view, content]);

  return { isFollowing, jumpToEnd };
}
