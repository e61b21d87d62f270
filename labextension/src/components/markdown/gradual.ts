import { useEffect, useState } from 'react';

/** So many at each end are drawn at once. */
const AT_ONCE = 8;
/** And so many more in each frame, at each end. */
const PER_FRAME = 4;

/** Of many: those before `head` and from `tail` on. */
export interface Ends {
  readonly head: number;
  readonly tail: number;
}

/**
 * Which of many things are drawn. When there are many from the start, those at both ends come first, whichever of them comes into
 * view, and the others from there on in the frames that follow: no frame has to draw all of them.
 */
export function useGradually(count: number): Ends {
  const [ends, setEnds] = useState<Ends>(() =>
    count > 3 * AT_ONCE ? { head: AT_ONCE, tail: count - AT_ONCE } : { head: 0, tail: 0 }
  );
  const { head, tail } = ends;
  useEffect(() => {
    if (head >= tail) {
      return;
    }
    const frame = requestAnimationFrame(() => {
      const reached = Math.min(head + PER_FRAME, tail);
      setEnds({ head: reached, tail: Math.max(reached, tail - PER_FRAME) });
    });
    return () => {
      cancelAnimationFrame(frame);
    };
  }, [head, tail]);
  return ends;
}
