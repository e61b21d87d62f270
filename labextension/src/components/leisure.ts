import { createContext, useContext, useEffect, useState } from 'react';

/** So long after the last interruption there is time. Milliseconds. */
const REST_MS = 120;
/** So many are drawn in a frame. */
const AT_A_TIME = 4;

/** Tells when there is time to draw what nobody needs at first: while nobody scrolls, some of it in each frame. */
export class Leisure {
  private readonly waiting = new Set<() => void>();
  private timer = 0;
  private until = 0;

  /** Something is going on that everything else has to wait for. */
  interrupt(): void {
    this.until = performance.now() + REST_MS;
  }

  /** Calls `work` once there is time. Gives back how to forget it. */
  await(work: () => void): () => void {
    this.waiting.add(work);
    this.timer ||= window.setTimeout(this.work);
    return () => {
      this.waiting.delete(work);
    };
  }

  private readonly work = (): void => {
    const left = this.until - performance.now();
    if (left <= 0) {
      for (const work of [...this.waiting].slice(0, AT_A_TIME)) {
        this.waiting.delete(work);
        work();
      }
    }
    this.timer = this.waiting.size > 0 ? window.setTimeout(this.work, Math.max(16, left)) : 0;
  };
}

const Context = createContext<Leisure | null>(null);

export const LeisureProvider = Context.Provider;

/** True as soon as there is time to draw what nobody needs at first; outside of a thread there always is. */
export function useLeisure(isUrgent = false): boolean {
  const leisure = useContext(Context);
  const [isTime, setTime] = useState(leisure === null || isUrgent);
  useEffect(
    () =>
      isTime
        ? undefined
        : leisure?.await(() => {
            setTime(true);
          }),
    [leisure, isTime]
  );
  return isTime || isUrgent;
}
