import type { Snapshot } from './live/snapshot';

/** A word about what has just been done, above the composer. */
export interface Note {
  readonly text: string;
  readonly isProblem: boolean;
}

export type Card = 'help' | 'instructions' | 'parameters' | 'several' | 'live';

/** A variable that was asked for: it is shown as it would leave the machine. */
export interface Preview {
  readonly snapshot: Snapshot;
  /** The folder of its notebook. */
  readonly project: string;
}

/** What stands above the composer: an open card, or a word about what has just been done. */
export class Desk {
  card: Card | null = null;
  /** Said until something else is done. */
  note: Note | null = null;
  /** What the card `live` shows. */
  preview: Preview | null = null;

  constructor(private readonly changed: () => void) {}

  open(card: Card): void {
    this.turn(card);
  }

  /** Show what would leave the machine of a variable. */
  show(preview: Preview): void {
    this.preview = preview;
    this.turn('live');
  }

  close(): void {
    this.turn(null);
  }

  /** Say something; null: what was said is over. */
  say(text: string | null, isProblem = false): void {
    if (text !== null || this.note !== null) {
      this.note = text === null ? null : { text, isProblem };
      this.changed();
    }
  }

  /** Another chat is shown: nothing of it belongs here. */
  clear(): void {
    this.card = null;
    this.note = null;
  }

  private turn(card: Card | null): void {
    this.card = card;
    this.note = null;
    this.changed();
  }
}
