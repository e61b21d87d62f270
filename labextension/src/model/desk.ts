/** A word about what has just been done, above the composer. */
export interface Note {
  readonly text: string;
  readonly isProblem: boolean;
}

export type Card = 'help' | 'instructions' | 'parameters' | 'several';

/** What stands above the composer: an open card, or a word about what has just been done. */
export class Desk {
  card: Card | null = null;
  /** Said until something else is done. */
  note: Note | null = null;

  constructor(private readonly changed: () => void) {}

  open(card: Card): void {
    this.show(card);
  }

  close(): void {
    this.show(null);
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

  private show(card: Card | null): void {
    this.card = card;
    this.note = null;
    this.changed();
  }
}
