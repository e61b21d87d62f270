import type { Storage } from './drafts';

const KEY = 'llmhub:spots';
const KEPT = 200;

/** Where somebody was reading a conversation. */
export interface Spot {
  /** The message at the top of the view; null: at the end. */
  readonly id: string | null;
  /** How far it begins below the top of the view. Pixels, mostly negative. */
  readonly offset: number;
  /** The question that stands at the top with room for its answer below. */
  readonly pinned: string | null;
}

/** Where each conversation was left, so that it is found there again: after looking at another one, after a reload. */
export class Spots {
  private spots: Map<string, Spot> | null = null;

  constructor(private readonly storage: Storage) {}

  get(conversation: string): Spot | undefined {
    return this.load().get(conversation);
  }

  set(conversation: string, spot: Spot): void {
    // Another tab may have read elsewhere meanwhile.
    const spots = this.load(true);
    spots.delete(conversation);
    spots.set(conversation, spot);
    try {
      this.storage.setItem(KEY, JSON.stringify([...spots].slice(-KEPT)));
    } catch {
      // A full storage: this page remembers it, a reload begins at the end.
    }
  }

  private load(again = false): Map<string, Spot> {
    if (!this.spots || again) {
      const before = this.spots ?? [];
      try {
        const kept = JSON.parse(this.storage.getItem(KEY) ?? '[]') as [string, Spot][];
        this.spots = new Map([...before, ...kept]);
      } catch {
        this.spots = new Map(before);
      }
    }
    return this.spots;
  }
}
