import type { Client } from '../api/client';
import { errorInfo } from '../api/errors';
import type { Conversation, ErrorInfo } from '../api/schema';
import { type Conversations, laterInPage, type Listed, lookedAtAgain, merged } from './conversations';
import { Observable } from './observable';

/** How long somebody may go on typing before the server is asked. Milliseconds. */
const PAUSE_MS = 150;
const PAGE = 50;
const NOTHING: Listed = { items: [], next: null };

/** Conversations found by their title, for one list. What changes in them is known from the list of all. */
export class ConversationSearch extends Observable {
  /** What is looked for; the empty text: nothing is. */
  query = '';
  error: ErrorInfo | null = null;
  /** What was found is not yet what `query` asks for. */
  isBehind = false;
  private listed: Listed = NOTHING;
  private asked = 0;
  private cancel: (() => void) | null = null;
  private readonly leave: () => void;

  constructor(
    private readonly client: Pick<Client, 'conversations'>,
    private readonly all: Conversations,
    private readonly later: typeof laterInPage = laterInPage
  ) {
    super();
    this.leave = all.subscribe(() => {
      if (this.query) {
        this.soon();
        this.changed();
      }
    });
  }

  /** What the list shows: what was found, or everything. */
  get items(): readonly Conversation[] {
    const { all } = this;
    if (!this.query) {
      return all.items;
    }
    const known = new Map(all.items.map(item => [item.id, item]));
    return this.listed.items.filter(item => !all.isRemoved(item.id)).map(item => known.get(item.id) ?? item);
  }

  get hasMore(): boolean {
    return this.query ? this.listed.next !== null : this.all.hasMore;
  }

  find(query: string): void {
    const wanted = query.trim();
    if (wanted === this.query) {
      return;
    }
    this.query = wanted;
    this.asked += 1;
    this.isBehind = wanted !== '';
    this.cancel?.();
    if (wanted) {
      this.soon();
    } else {
      this.listed = NOTHING;
    }
    this.changed();
  }

  async more(): Promise<void> {
    if (!this.query) {
      await this.all.more();
    } else if (this.listed.next !== null) {
      const { next } = this.listed;
      this.listed = { ...this.listed, next: null };
      await this.ask(next);
    }
  }

  dispose(): void {
    this.leave();
    this.cancel?.();
    this.asked += 1;
  }

  private soon(): void {
    this.cancel?.();
    this.cancel = this.later(() => {
      void this.ask(null);
    }, PAUSE_MS);
  }

  private async ask(cursor: string | null): Promise<void> {
    this.asked += 1;
    const { asked, query } = this;
    try {
      const page = await this.client.conversations({ limit: PAGE, cursor, query });
      if (asked === this.asked) {
        const before = this.isBehind ? NOTHING : this.listed;
        this.listed =
          cursor === null
            ? lookedAtAgain(before, page)
            : { items: merged(before.items, page.items), next: page.next };
        this.error = null;
        this.isBehind = false;
      }
    } catch (thrown) {
      if (asked === this.asked) {
        this.error = errorInfo(thrown);
        this.isBehind = false;
      }
    }
    this.changed();
  }
}
