/** Something that tells its listeners when it has changed; they look for themselves what it is now. */
export class Observable {
  private readonly listeners = new Set<() => void>();
  private count = 0;

  /** Counts changes, so that a snapshot can be compared cheaply. */
  readonly version = (): number => this.count;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  };

  protected changed(): void {
    this.count += 1;
    for (const listener of [...this.listeners]) {
      listener();
    }
  }
}
