import type { Client } from '../api/client';
import type { Ceiling, CeilingChanges, Ceilings } from '../api/schema';
import type { Notice } from '../api/stream';
import { Observable } from './observable';

/** From this share of a ceiling on it is said. */
const NEAR = 0.8;

/** How much the person wants to spend in a day and a month, and how much of it is gone. */
export class Spending extends Observable {
  /** Null until the server has said so. */
  ceilings: Ceilings | null = null;

  private isDismissing = false;

  constructor(private readonly client: Pick<Client, 'ceilings' | 'setCeilings' | 'sawCeilings'>) {
    super();
  }

  /** A ceiling that is nearly or wholly reached, until the person has waved it away: once in each period, in whichever browser. */
  get near(): Ceiling | null {
    return this.isDismissing
      ? null
      : (this.ceilings?.items.find(({ share, seen }) => share >= NEAR && !seen) ?? null);
  }

  /** What is said of the ceilings that are near is known now. Where the server cannot be told, it is said again another time. */
  async dismiss(): Promise<void> {
    this.isDismissing = true;
    this.changed();
    try {
      this.ceilings = await this.client.sawCeilings();
    } catch {
      const items = this.ceilings?.items.map(one => ({ ...one, seen: one.seen || one.share >= NEAR }));
      this.ceilings = this.ceilings && { ...this.ceilings, items: items ?? [] };
    } finally {
      this.isDismissing = false;
      this.changed();
    }
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
