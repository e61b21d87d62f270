import type { Client } from '../api/client';
import { errorInfo } from '../api/errors';
import type { ErrorInfo, SearchHit, SearchNote } from '../api/schema';
import type { SearchHits } from '../api/types';
import { laterInPage } from './conversations';
import { Observable } from './observable';

/** How long somebody may go on typing before the server is asked. Milliseconds. */
const PAUSE_MS = 150;
const PAGE = 30;

/** Hits of one conversation, one below the other, where its best one stands. */
export interface HitGroup {
  readonly id: string;
  readonly title: string | null;
  readonly hits: readonly SearchHit[];
}

/** Messages that are looked for as somebody types. What was asked before is cancelled. */
export class Finding extends Observable {
  query = '';
  items: readonly SearchHit[] = [];
  notes: readonly SearchNote[] = [];
  /** Messages of an old database that are not found yet. */
  unindexed = 0;
  error: ErrorInfo | null = null;
  /** What was found is not yet what `query` asks for. */
  isBehind = false;
  private next: string | null = null;
  private cancel: (() => void) | null = null;
  private asking: AbortController | null = null;

  constructor(
    private readonly client: Pick<Client, 'search'>,
    private readonly later: typeof laterInPage = laterInPage,
    private readonly zone: string = Intl.DateTimeFormat().resolvedOptions().timeZone
  ) {
    super();
  }

  get hasMore(): boolean {
    return this.next !== null;
  }

  get groups(): readonly HitGroup[] {
    const groups = new Map<string, SearchHit[]>();
    for (const hit of this.items) {
      const group = groups.get(hit.conversation_id);
      if (group) {
        group.push(hit);
      } else {
        groups.set(hit.conversation_id, [hit]);
      }
    }
    return [...groups].map(([id, hits]) => ({ id, title: hits[0]?.title ?? null, hits }));
  }

  /** Look for this. A blank at the end means that the last word is whole. */
  find(text: string): void {
    if (text === this.query) {
      return;
    }
    this.query = text;
    this.stop();
    this.isBehind = text.trim() !== '';
    if (this.isBehind) {
      this.cancel = this.later(() => {
        void this.ask(null);
      }, PAUSE_MS);
    } else {
      this.take({ items: [], next: null, notes: [], unindexed: 0 });
    }
    this.changed();
  }

  async more(): Promise<void> {
    const { next } = this;
    if (next !== null && !this.isBehind) {
      this.next = null;
      await this.ask(next);
    }
  }

  dispose(): void {
    this.stop();
  }

  private stop(): void {
    this.cancel?.();
    this.asking?.abort();
    this.asking = null;
  }

  private async ask(cursor: string | null): Promise<void> {
    const asking = (this.asking = new AbortController());
    const query = { q: this.query, limit: PAGE, cursor, zone: this.zone };
    try {
      const found = await this.client.search(query, asking.signal);
      if (this.asking === asking) {
        this.take(cursor === null ? found : { ...found, items: [...this.items, ...found.items] });
      }
    } catch (thrown) {
      if (this.asking === asking) {
        this.error = errorInfo(thrown);
        this.isBehind = false;
      }
    }
    this.changed();
  }

  private take({ items, next, notes, unindexed }: SearchHits): void {
    const known = new Set<string>();
    // A message that came meanwhile may push another one from page to page.
    this.items = items.filter(hit => {
      const key = hit.message_id ?? hit.conversation_id;
      return !known.has(key) && known.add(key);
    });
    this.next = next;
    this.notes = notes;
    this.unindexed = unindexed;
    this.error = null;
    this.isBehind = false;
  }
}
