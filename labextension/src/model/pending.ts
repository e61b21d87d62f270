import type { Conversation } from '../api/schema';

type Changes = Partial<Conversation>;

interface Held {
  readonly id: string;
  readonly changes: Changes;
  /** The server has it: whoever asks from now on is told so. */
  isTaken: boolean;
}

/**
 * What was changed here in conversations. A look at their list tells what the server knew when it was asked: what is still on
 * its way to the server, or was changed while it answered, is laid over that.
 */
export class Pending {
  private held: Held[] = [];
  private isLooking = false;

  /** It is on its way to the server, until `answer`. */
  async hold<T>(id: string, changes: Changes, answer: Promise<T>): Promise<T> {
    const one: Held = { id, changes, isTaken: false };
    this.held.push(one);
    try {
      const told = await answer;
      one.isTaken = true;
      if (!this.isLooking) {
        this.drop(one);
      }
      return told;
    } catch (thrown) {
      this.drop(one);
      throw thrown;
    }
  }

  /** It is known to be so now. */
  note(id: string, changes: Changes): void {
    if (this.isLooking) {
      this.held.push({ id, changes, isTaken: true });
    }
  }

  /** What a look finds, with what has been changed since it began. */
  async during<L extends { items: readonly Conversation[] }>(look: Promise<L>): Promise<L> {
    this.isLooking = true;
    try {
      const found = await look;
      const here = new Map(found.items.map(one => [one.id, one]));
      for (const { id, changes } of this.held) {
        const known = here.get(id);
        if (known) {
          here.set(id, { ...known, ...changes });
        }
      }
      return { ...found, items: [...here.values()] };
    } finally {
      this.isLooking = false;
      this.held = this.held.filter(one => !one.isTaken);
    }
  }

  private drop(one: Held): void {
    this.held = this.held.filter(other => other !== one);
  }
}

/** What of `after` is not as in `before`. */
export function difference(before: Conversation, after: Conversation): Changes {
  const names = Object.keys(after) as (keyof Conversation)[];
  return Object.fromEntries(
    names.filter(name => before[name] !== after[name]).map(name => [name, after[name]])
  );
}
