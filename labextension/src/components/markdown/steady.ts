import { useEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';

import { Flow, cutAt } from '../../markdown/flow';

/** Not more often than this; nobody reads faster. Milliseconds. */
const INTERVAL = 30;
/** Drawing may take this part of the time at most: a block that is costly to draw is drawn less often. */
const SHARE = 4;

export interface Steady {
  readonly text: string;
  /** All of it is shown, and no more will come. */
  readonly done: boolean;
}

/**
 * Text that grows, at a steady rate. At once where nobody looks, where motion is not wanted, and for what was there before.
 */
export function useSteadyText(text: string, done: boolean): Steady {
  const [shown, setShown] = useState(text.length);
  const state = useRef<{ flow: Flow; text: string; frame: number; first: number } | null>(null);
  if (!state.current?.text) {
    // The first words are shown as they come, also where an empty part was there before them.
    state.current = { flow: new Flow(text.length), text, frame: 0, first: text.length };
  }

  useEffect(() => {
    const here = state.current;
    if (!here) {
      return;
    }
    const { flow } = here;
    if (isInstant() || !text.startsWith(here.text.slice(0, 200))) {
      flow.jump(text.length);
      here.first = 0;
      setShown(text.length);
    } else {
      flow.reach(text.length, performance.now());
    }
    here.text = text;
    if (done) {
      flow.finish(performance.now());
    }
    if (here.frame !== 0 || flow.isLevel) {
      return;
    }
    let next = 0;
    const tick = (): void => {
      // Not the time that the frame gives: what arrived was noted by this clock.
      const now = performance.now();
      if (now >= next) {
        if (isInstant()) {
          flow.jump(here.text.length);
        }
        const count = flow.at(now);
        flushSync(() => {
          setShown(count);
        });
        next = now + Math.max(INTERVAL, (performance.now() - now) * SHARE) - 4;
      }
      here.frame = flow.isLevel ? 0 : requestAnimationFrame(tick);
    };
    here.frame = requestAnimationFrame(tick);
  }, [text, done]);

  useEffect(() => {
    const here = state.current;
    // A hidden page has no frames.
    const onVisibility = (): void => {
      if (here && isInstant()) {
        here.flow.jump(here.text.length);
        setShown(here.text.length);
      }
    };
    document.addEventListener('visibilitychange', onVisibility);
    return () => {
      document.removeEventListener('visibilitychange', onVisibility);
      if (here) {
        cancelAnimationFrame(here.frame);
        here.frame = 0;
      }
    };
  }, []);

  const count = Math.max(shown, state.current.first);
  const isWhole = count >= text.length;
  return { text: isWhole ? text : cutAt(text, count), done: done && isWhole };
}

function isInstant(): boolean {
  return document.hidden || window.matchMedia('(prefers-reduced-motion: reduce)').matches;
}
