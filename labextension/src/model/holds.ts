import type { Tree } from './tree';

/** Where a branch picker was when it was used, so that the next branch's stands there too. */
export interface Hold {
  /** From the top of the window, in pixels. */
  readonly top: number | null;
  readonly isFocused: boolean;
  readonly step: -1 | 1;
}

/** Remembers where the branch picker was that was used last. */
export class Holds {
  private last: (Hold & { siblings: readonly string[] }) | null = null;

  constructor(private readonly tree: Tree) {}

  /** Remember where the picker of `id` is, until another branch stands there. */
  keep(id: string, hold: Hold): void {
    this.last = { ...hold, siblings: this.tree.siblings(id).filter(sibling => sibling !== id) };
  }

  /** Where the picker was from which one came to `id`; told once. */
  take(id: string): Hold | null {
    const { last } = this;
    if (!last?.siblings.includes(id)) {
      return null;
    }
    this.last = null;
    return last;
  }
}
