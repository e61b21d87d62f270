import { Observable } from './observable';

/** Which lines of a list are chosen, to do something with all of them. */
export class Selection extends Observable {
  private chosen = new Set<string>();
  /** Where a stretch begins that Shift chooses. */
  private anchor: string | null = null;

  get size(): number {
    return this.chosen.size;
  }

  get ids(): string[] {
    return [...this.chosen];
  }

  has(id: string): boolean {
    return this.chosen.has(id);
  }

  /** What something with `id` is about: all that are chosen, if it is one of them, else itself. */
  around(id: string): string[] {
    return this.chosen.has(id) ? this.ids : [id];
  }

  toggle(id: string): void {
    const next = new Set(this.chosen);
    if (!next.delete(id)) {
      next.add(id);
    }
    this.set(next, id);
  }

  /** Everything from the anchor (or `from`) to `id` in `order`. */
  extend(id: string, order: readonly string[], from: string | null = null): void {
    const start = order.indexOf(this.anchor ?? from ?? id);
    const end = order.indexOf(id);
    if (end < 0) {
      return;
    }
    const [first, last] = start < 0 ? [end, end] : [Math.min(start, end), Math.max(start, end)];
    this.set(new Set(order.slice(first, last + 1)), this.anchor ?? from ?? id);
  }

  all(order: readonly string[]): void {
    this.set(new Set(order), this.anchor);
  }

  clear(): void {
    if (this.chosen.size > 0 || this.anchor !== null) {
      this.set(new Set(), null);
    }
  }

  /** Only what is still in the list can be chosen. */
  keep(order: ReadonlySet<string>): void {
    if ([...this.chosen].some(id => !order.has(id))) {
      this.set(new Set([...this.chosen].filter(id => order.has(id))), this.anchor);
    }
  }

  private set(chosen: Set<string>, anchor: string | null): void {
    this.chosen = chosen;
    this.anchor = anchor;
    this.changed();
  }
}
