import type { Client } from '../api/client';
import type { Ceiling, CeilingChanges, Ceilings } from '../api/schema';
import type { Notice } from '../api/stream';
import { Observable } from './observable';
import type { Storage } from './storage';

const SEEN = 'llmhub:ceiling-seen';
/** From this share of a ceiling on it is said. */
const NEAR = 0.8;

/** How much the person wants to spend in a day and a month, and how much of it is gone. */
export class Spending extends Observable {
  /** Null until the server has said so. */
  ceilings: Ceilings | null = null;

  constructor(
    private readonly client: Pick<Client, 'ceilings' | 'setCeilings'>,
    private readonly storage: Storage
  ) {
    super();
  }

  /** A ceiling that is nearly or wholly reached, until the person has waved it away: once in each period. */
  get near(): Ceiling | null {
    const near = this.ceilings?.items.filter(({ share }) => share >= NEAR) ?? [];
    const seen = this.storage.getItem(SEEN)?.split(' ') ?? [];
    return near.find(ceiling => !seen.includes(nameOf(ceiling))) ?? null;
  }

  /** What is said of the ceilings that are near is known now. */
  dismiss(): void {
    const items = this.ceilings?.items ?? [];
    const seen = this.storage.getItem(SEEN)?.split(' ') ?? [];
    const known = items.filter(one => one.share >= NEAR || seen.includes(nameOf(one))).map(nameOf);
    this.storage.setItem(SEEN, known.join(' '));
    this.changed();
  }

  async load(): Promise<void> {
    try {
      this.ceilings = await this.client.ceilings();
      this.changed();
    } catch {
      // The next notice, or the next return of the server, asks again.
    }
  }

  /** Set ceilings of one's own; null takes one away. Throws what the server says no with. */
  async set(changes: CeilingChanges): Promise<void> {
    this.ceilings = await this.client.setCeilings(changes);
    this.changed();
  }

  take({ what }: Notice): void {
    if (what === 'settings.changed' || (what === 'run.finished' && this.ceilings?.items.length)) {
      void this.load();
    }
  }
}

/** Another period, or another ceiling, is another thing to know. */
function nameOf({ period, began_at, ceiling_usd }: Ceiling): string {
  return `${period}:${began_at}:${ceiling_usd}`;
}
