/** Something for whoever draws this to do: now, or as soon as somebody does. */
export class Cue<T> {
  private readonly listeners = new Set<(value: T) => void>();
  private kept: { readonly value: T } | null = null;

  give(value: T): void {
    this.kept = this.listeners.size === 0 ? { value } : null;
    this.listeners.forEach(listener => {
      listener(value);
    });
  }

  on(listener: (value: T) => void): () => void {
    this.listeners.add(listener);
    if (this.kept !== null) {
      const { value } = this.kept;
      this.kept = null;
      listener(value);
    }
    return () => this.listeners.delete(listener);
  }
}
