import { useEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';

import { Flow, cutAt } from '../../markdown/flow';
import { Beat } from './beat';

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
  const state = useRef<{ flow: Flow; text: string; first: number } | null>(null);
  const beat = useRef<Beat | null>(null);
  if (!state.current?.text) {
    // The first words are shown as they come, also where an empty part was there before them.
    state.current = { flow: new Flow(text.length), text, first: text.length };
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
    beat.current ??= new Beat(now => {
      const latest = state.current ?? here;
      if (isInstant()) {
        latest.flow.jump(latest.text.length);
      }
      const count = latest.flow.at(now);
      flushSync(() => {
        setShown(count);
      });
      return !latest.flow.isLevel;
    });
    if (!flow.isLevel && !beat.current.isGoing) {
      beat.current.start();
    }
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
      beat.current?.stop();
    };
  }, []);

  const count = Math.max(shown, state.current.first);
  const isWhole = count >= text.length;
  return { text: isWhole ? text : cutAt(text, count), done: done && isWhole };
}

let stillness: MediaQueryList | null = null;

function isInstant(): boolean {
  // Asked once: each new question makes Chromium draw a frame.
  stillness ??= window.matchMedia('(prefers-reduced-motion: reduce)');
  return document.hidden || stillness.matches;
}
