/**
 * Tells who watches a message that it changed: once per frame, however often it changed since the last one. What cannot wait for
 * the frame is told at once.
 */
export class Frames {
  private readonly listeners = new Map<string, Set<() => void>>();
  private readonly dirty = new Set<string>();
  private isFlushing = false;

  constructor(private readonly schedule: (flush: () => void) => void) {}

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
      });
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
    const ids = [...this.dirty];
    this.dirty.clear();
    for (const id of ids) {
      this.tell(id);
    }
  }
}
