/** Calls `flush` when there is something to be seen; the last time is so long ago (milliseconds). */
export type Schedule = (flush: () => void, since: number) => void;

/**
 * Tells who watches a message that it changed: not more often than it can be seen, however often it changed meanwhile. What cannot
 * wait is told at once.
 */
export class Frames {
  private readonly listeners = new Map<string, Set<() => void>>();
  private readonly dirty = new Set<string>();
  private isFlushing = false;
  private flushed = -Infinity;

  constructor(private readonly schedule: Schedule) {}

  subscribe(id: string, listener: () => void): () => void {
    const listeners = this.listeners.get(id) ?? new Set();
    this.listeners.set(id, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.listeners.get(id) === listeners) {
        this.listeners.delete(id);
      }
    };
  }

  touch(id: string): void {
    this.dirty.add(id);
    if (!this.isFlushing) {
      this.isFlushing = true;
      this.schedule(() => {
        this.flush();
      }, performance.now() - this.flushed);
    }
  }

  /** The message changed, and nobody should wait to see it. */
  tell(id: string): void {
    this.dirty.delete(id);
    this.listeners.get(id)?.forEach(listener => {
      listener();
    });
  }

  private flush(): void {
    this.isFlushing = false;
    this.flushed = performance.now();
    const ids = [...this.dirty];
    this.dirty.clear();
    for (const id of ids) {
      this.tell(id);
    }
  }
}
