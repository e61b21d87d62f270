import type { Conversation, ConversationChanges, ErrorInfo } from '../api/schema';
import type { Client } from '../api/client';
import { ApiError, errorInfo } from '../api/errors';
import { Observable } from './observable';
import { difference, Pending } from './pending';

export type ConversationsClient = Pick<
  Client,
  'conversations' | 'updateConversation' | 'deleteConversation' | 'changeMany'
>;

/** How long a deleted conversation can be taken back, in milliseconds. */
export const UNDO_MS = 7000;

/** What was deleted together. */
interface Removal {
  readonly conversations: readonly Conversation[];
  readonly cancel: () => void;
  /** They are gone for good. */
  readonly onSettled: () => void;
}

/** What a person wanted and the server refused. */
export interface Refusal {
  readonly what: 'rename' | 'delete';
  readonly title: string | null;
  readonly error: ErrorInfo;
}

/** Conversations from the newest on, and the cursor of what follows. */
export interface Listed {
  readonly items: readonly Conversation[];
  readonly next: string | null;
}

/** What is in the archive is not in this list; what is pinned stands on top. */
const SHOWN = { archived: false, pinned_first: true };

type Later = (f: () => void, ms: number) => () => void;

const PAGE = 50;
/** Whoever goes on scrolling gets more at once. */
const LARGE_PAGE = 500;
/** Of what the server deletes in one go. */
const MOST_AT_ONCE = 1000;

/** The list of conversations, newest first, page by page. It knows titles, never bodies. */
export class Conversations extends Observable {
  items: readonly Conversation[] = [];
  error: ErrorInfo | null = null;
  isLoaded = false;
  /** Until it is read, or done after all. */
  refusal: Refusal | null = null;
  private next: string | null = null;
  private loading: Promise<void> | null = null;
  private again = false;
  /** What was changed here, as long as a look at the list may not know of it. */
  private readonly changes = new Pending();
  /** What was deleted and can still be taken back, the last one last. */
  private removals: readonly Removal[] = [];

  constructor(
    private readonly client: ConversationsClient,
    private readonly later: Later = laterInPage
  ) {
    super();
  }

  get hasMore(): boolean {
    return this.next !== null;
  }

  get(id: string | null): Conversation | undefined {
    return this.items.find(item => item.id === id);
  }

  /** The conversation that was deleted last, as long as that can be undone. */
  get removal(): Conversation | null {
    return this.removals.at(-1)?.conversations[0] ?? null;
  }

  /** How many were deleted with it. */
  get removalCount(): number {
    return this.removals.at(-1)?.conversations.length ?? 0;
  }

  isRemoved(id: string): boolean {
    return this.removals.some(({ conversations }) => conversations.some(one => one.id === id));
  }

  /** Look again; calls that come meanwhile share one more look. */
  refresh(): Promise<void> {
    if (this.loading) {
      this.again = true;
      return this.loading;
    }
    this.loading = this.fetchFirst().finally(() => {
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
      const limit = this.items.length > PAGE ? LARGE_PAGE : PAGE;
      const page = await this.client.conversations({ ...SHOWN, limit, cursor });
      this.items = merged(this.items, this.present(page.items));
      this.next = page.next;
    } catch (thrown) {
      this.next = cursor;
      this.error = errorInfo(thrown);
    }
    this.changed();
  }

  /** A conversation is new, or something of it changed. */
  learn(conversation: Conversation): void {
    if (conversation.temporary || this.isRemoved(conversation.id)) {
      return;
    }
    const known = this.get(conversation.id);
    this.changes.note(conversation.id, known ? difference(known, conversation) : conversation);
    this.items = known
      ? this.items.map(item => (item.id === conversation.id ? { ...item, ...conversation } : item))
      : merged([conversation], this.items);
    this.changed();
  }

  /** It is gone, whoever deleted it. */
  forget(id: string): void {
    if (this.get(id)) {
      this.items = this.items.filter(item => item.id !== id);
      this.changed();
    }
  }

  /** Change it on the server. Until that has answered, it is shown like this, whatever a look at the list says. */
  update(id: string, changes: ConversationChanges): Promise<Conversation> {
    return this.changes.hold(
      id,
      changes as Partial<Conversation>,
      this.client.updateConversation(id, changes)
    );
  }

  async rename(id: string, title: string): Promise<void> {
    await this.change(id, { title });
  }

  dismissRefusal(): void {
    this.refusal = null;
    this.changed();
  }

  /** Somebody has seen what it says. */
  async markRead(id: string): Promise<void> {
    await this.change(id, { unread: false });
  }

  /** Take a conversation off the list; the server hears of it when it can no longer be taken back. */
  remove(conversation: Conversation, onSettled: () => void = () => undefined): void {
    this.removeMany([conversation], onSettled);
  }

  /** The same for several, which come back together, too. */
  removeMany(conversations: readonly Conversation[], onSettled: () => void = () => undefined): void {
    const cancel = this.later(() => {
      void this.settle(removal);
    }, UNDO_MS);
    const removal: Removal = { conversations, cancel, onSettled };
    this.removals = [...this.removals, removal];
    const gone = new Set(conversations.map(one => one.id));
    this.items = this.items.filter(item => !gone.has(item.id));
    this.changed();
  }

  /** Have back what was deleted last, or with `id`: all that was deleted together. */
  undoRemoval(id: string | undefined = this.removal?.id): readonly Conversation[] {
    const removal = this.removals.find(({ conversations }) => conversations.some(one => one.id === id));
    if (!removal) {
      return [];
    }
    removal.cancel();
    this.removals = this.removals.filter(other => other !== removal);
    this.items = merged(
      removal.conversations.filter(one => !one.archived),
      this.items
    );
    this.changed();
    return removal.conversations;
  }

  /** Delete for good what waits to be: the page goes away. */
  settleRemovals(): void {
    this.removals.forEach(removal => {
      removal.cancel();
      removal.onSettled();
      void this.settle(removal);
    });
  }

  // ---- how

  private async settle(removal: Removal): Promise<void> {
    const { conversations } = removal;
    this.removals = this.removals.filter(other => other !== removal);
    this.changed();
    try {
      await this.deleteForGood(conversations.map(one => one.id));
      this.refusal = null;
    } catch (thrown) {
      if (!(thrown instanceof ApiError && thrown.status === 404)) {
        const title = conversations[0]?.title ?? null;
        this.refusal = { what: 'delete', title, error: errorInfo(thrown) };
        conversations.forEach(one => {
          this.learn(one);
        });
        return;
      }
    }
    removal.onSettled();
  }

  private async deleteForGood(ids: readonly string[]): Promise<void> {
    const [first] = ids;
    if (ids.length === 1 && first !== undefined) {
      await this.client.deleteConversation(first);
      return;
    }
    for (let at = 0; at < ids.length; at += MOST_AT_ONCE) {
      await this.client.changeMany({ ids: ids.slice(at, at + MOST_AT_ONCE), delete: true });
    }
  }

  private async change(id: string, changes: { title?: string; unread?: boolean }): Promise<void> {
    const before = this.get(id);
    this.put(id, changes);
    try {
      const changed = await this.update(id, changes);
      this.refusal = changes.title === undefined ? this.refusal : null;
      this.learn(changed);
    } catch (thrown) {
      // What is read stays read here: to try again at once would be a storm, and the next look knows better.
      if (changes.title !== undefined) {
        this.refusal = { what: 'rename', title: before?.title ?? changes.title, error: errorInfo(thrown) };
        this.put(id, before ? { title: before.title } : {});
      }
    }
  }

  /** Show it like this until the server has said how it is. */
  put(id: string, changes: Partial<Conversation>): void {
    this.changes.note(id, changes);
    this.items = this.items.map(item => (item.id === id ? { ...item, ...changes } : item));
    this.changed();
  }

  private async fetchFirst(): Promise<void> {
    try {
      const page = await this.changes.during(this.client.conversations({ ...SHOWN, limit: PAGE }));
      const { items, next } = lookedAtAgain({ items: this.items, next: this.next }, page);
      this.items = this.present(items);
      this.next = next;
      this.error = null;
      this.isLoaded = true;
    } catch (thrown) {
      this.error = errorInfo(thrown);
    }
    this.changed();
  }

  private present(items: readonly Conversation[]): Conversation[] {
    return items.filter(item => !this.isRemoved(item.id));
  }
}

/** A list whose first page was fetched again. Pages that were loaded further down stay, unless the list ends here. */
export function lookedAtAgain(before: Listed, page: Listed): Listed {
  const last = page.items.at(-1);
  const below = page.next !== null && last ? before.items.filter(item => isNewer(last, item)) : [];
  return { items: merged(page.items, below), next: below.length ? (before.next ?? page.next) : page.next };
}

/** Both lists as one, newest first; `first` knows better what both have. */
export function merged(first: readonly Conversation[], second: readonly Conversation[]): Conversation[] {
  const known = new Set(first.map(item => item.id));
  const all = [...first, ...second.filter(item => !known.has(item.id))];
  return all.sort((a, b) => (isNewer(a, b) ? -1 : 1));
}

/** The order of the server: pinned ones first, then by time, then by id. */
function isNewer(a: Conversation, b: Conversation): boolean {
  if (a.pinned !== b.pinned) {
    return a.pinned;
  }
  return a.updated_at === b.updated_at ? a.id > b.id : a.updated_at > b.updated_at;
}

export function laterInPage(f: () => void, ms: number): () => void {
  const timer = setTimeout(f, ms);
  return () => {
    clearTimeout(timer);
  };
}
