import type { Conversation, ErrorInfo } from '../api/schema';
import type { Client } from '../api/client';
import { errorInfo } from '../api/errors';
import { Observable } from './observable';

export type ConversationsClient = Pick<Client, 'conversations' | 'updateConversation' | 'deleteConversation'>;

/** How long a deleted conversation can be taken back, in milliseconds. */
export const UNDO_MS = 7000;

interface Removal {
  conversation: Conversation;
  cancel: () => void;
}

/** The list of conversations, newest first, page by page. It knows titles, never bodies. */
export class Conversations extends Observable {
  items: readonly Conversation[] = [];
  error: ErrorInfo | null = null;
  isLoaded = false;
  /** The conversation that was deleted last, as long as that can be undone. */
  removal: Removal | null = null;
  private next: string | null = null;
  /** Only conversations with this in their title are listed. */
  private query = '';
  private loading: Promise<void> | null = null;
  private again = false;

  constructor(
    private readonly client: ConversationsClient,
    private readonly later: (f: () => void, ms: number) => () => void = (f, ms) => {
      const timer = setTimeout(f, ms);
      return () => {
        clearTimeout(timer);
      };
    }
  ) {
    super();
  }

  get hasMore(): boolean {
    return this.next !== null;
  }

  /** List what has `query` in its title; an empty one lists all. */
  find(query: string): Promise<void> {
    this.query = query.trim();
    return this.refresh();
  }

  /** Look again; calls that come meanwhile share one more look. */
  refresh(): Promise<void> {
    if (this.loading) {
      this.again = true;
      return this.loading;
    }
    this.loading = this.fetchAll().finally(() => {
      this.loading = null;
      if (this.again) {
        this.again = false;
        void this.refresh();
      }
    });
    return this.loading;
  }

  async more(): Promise<void> {
    const cursor = this.next;
    if (cursor === null) {
      return;
    }
    this.next = null;
    try {
      const page = await this.client.conversations({ limit: 50, cursor, ...this.filter() });
      const known = new Set(this.items.map(item => item.id));
      this.items = [...this.items, ...page.items.filter(item => !known.has(item.id))];
      this.next = page.next;
    } catch (thrown) {
      this.next = cursor;
      this.error = errorInfo(thrown);
    }
    this.changed();
  }

  /** A conversation is new, or something of it changed. */
  learn(conversation: Conversation): void {
    const known = this.items.some(item => item.id === conversation.id);
    this.items = known
      ? this.items.map(item => (item.id === conversation.id ? { ...item, ...conversation } : item))
      : [conversation, ...this.items];
    this.changed();
  }

  async rename(id: string, title: string): Promise<Conversation | null> {
    const before = this.items;
    this.items = before.map(item => (item.id === id ? { ...item, title } : item));
    this.changed();
    try {
      const conversation = await this.client.updateConversation(id, { title });
      this.learn(conversation);
      return conversation;
    } catch (thrown) {
      this.items = before;
      this.error = errorInfo(thrown);
      this.changed();
      return null;
    }
  }

  /** Take a conversation off the list; the server hears of it when it can no longer be taken back. */
  remove(id: string): void {
    const conversation = this.items.find(item => item.id === id);
    if (!conversation) {
      return;
    }
    this.settleRemoval();
    const cancel = this.later(() => {
      this.settleRemoval();
    }, UNDO_MS);
    this.removal = { conversation, cancel };
    this.items = this.items.filter(item => item.id !== id);
    this.changed();
  }

  undoRemoval(): Conversation | null {
    const { removal } = this;
    if (!removal) {
      return null;
    }
    removal.cancel();
    this.removal = null;
    this.items = [...this.items, removal.conversation].sort((a, b) => (a.updated_at < b.updated_at ? 1 : -1));
    this.changed();
    return removal.conversation;
  }

  /** Delete for good what waits to be: the time is over, or the page goes away. */
  settleRemoval(): void {
    const { removal } = this;
    if (!removal) {
      return;
    }
    removal.cancel();
    this.removal = null;
    this.changed();
    void this.client.deleteConversation(removal.conversation.id).catch((thrown: unknown) => {
      this.error = errorInfo(thrown);
      void this.refresh();
    });
  }

  private filter(): { query?: string } {
    return this.query ? { query: this.query } : {};
  }

  private async fetchAll(): Promise<void> {
    const filter = this.filter();
    try {
      const page = await this.client.conversations({ limit: 50, ...filter });
      const removed = this.removal?.conversation.id;
      const fresh = page.items.filter(item => item.id !== removed);
      const ids = new Set(page.items.map(item => item.id));
      const last = fresh.at(-1);
      // Pages that were loaded further down stay, unless the list ends here.
      const below =
        page.next && last && !filter.query
          ? this.items.filter(item => !ids.has(item.id) && item.updated_at < last.updated_at)
          : [];
      this.next = below.length ? (this.next ?? page.next) : page.next;
      this.items = [...fresh, ...below];
      this.error = null;
      this.isLoaded = true;
    } catch (thrown) {
      this.error = errorInfo(thrown);
    }
    this.changed();
  }
}
