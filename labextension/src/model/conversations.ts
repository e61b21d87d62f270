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

const NOTHING: Listed = { items: [], next: null };

/** What is in the archive is not in this list; what is pinned stands on top. */
const SHOWN = { archived: false, pinned_first: true };

type Later = (f: () => void, ms: number) => () => void;

const PAGE = 50;
/** Whoever goes on scrolling gets more at once. */
const LARGE_PAGE = 500;
/** Of what the server gives or deletes in one go. */
const MOST_AT_ONCE = 1000;

/** The list of conversations, newest first, page by page. It knows titles, never bodies. */
export class Conversations extends Observable {
  private list: readonly Conversation[] = [];
  /** What is in the list, by id; null: to be made when it is asked for. */
  private index: Map<string, Conversation> | null = null;
  /** What other lists have shown and this one has not. */
  private readonly aside = new Map<string, Conversation>();
  error: ErrorInfo | null = null;
  isLoaded = false;
  /** Until it is read, or done after all. */
  refusal: Refusal | null = null;
  private next: string | null = null;
  private loading: Promise<void> | null = null;
  private paging: Promise<void> | null = null;
  private again = false;
  /** What was changed here, as long as a look at the list may not know of it. */
  private readonly changes = new Pending();
  /** All that is loaded is looked at again, not its beginning alone. */
  private isDeep = false;
  /** What was deleted and can still be taken back, the last one last. */
  private removals: readonly Removal[] = [];
  private removed: ReadonlySet<string> = new Set();

  constructor(
    private readonly client: ConversationsClient,
    private readonly later: Later = laterInPage
  ) {
    super();
  }

  get items(): readonly Conversation[] {
    return this.list;
  }

  private set items(items: readonly Conversation[]) {
    this.list = items;
    this.index = null;
  }

  get hasMore(): boolean {
    return this.next !== null;
  }

  /** What is known of a conversation, in this list or in one that is narrowed. */
  get(id: string | null): Conversation | undefined {
    return id === null ? undefined : (this.listed.get(id) ?? this.aside.get(id));
  }

  /** Another list has shown these. */
  note(conversations: readonly Conversation[]): void {
    for (const one of conversations) {
      this.aside.set(one.id, one);
    }
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
    return this.removed.has(id);
  }

  /** Look again; calls that come meanwhile share one more look. `isDeep`: any of them may be different, not only the newest. */
  refresh({ isDeep = false } = {}): Promise<void> {
    this.isDeep ||= isDeep;
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

  /** Fetch what follows; calls that come meanwhile share it. */
  more(limit = this.items.length > PAGE ? LARGE_PAGE : PAGE): Promise<void> {
    if (this.next !== null) {
      this.paging ??= this.fetchNext(this.next, limit).finally(() => {
        this.paging = null;
      });
    }
    return this.paging ?? Promise.resolve();
  }

  /** Load all that there are; false: it could not be done. */
  async whole(): Promise<boolean> {
    await this.loading;
    this.error = null;
    while (this.hasMore && !this.hasFailed()) {
      await this.more(MOST_AT_ONCE);
    }
    return !this.hasMore;
  }

  /** A conversation is new, or something of it changed. */
  learn(conversation: Conversation): void {
    if (conversation.temporary || this.isRemoved(conversation.id)) {
      return;
    }
    const known = this.listed.get(conversation.id);
    this.changes.note(conversation.id, known ? difference(known, conversation) : conversation);
    this.items = known
      ? this.items.map(item => (item.id === conversation.id ? { ...item, ...conversation } : item))
      : merged([conversation], this.items);
    this.changed();
  }

  /** It is gone, whoever deleted it. */
  forget(id: string): void {
    this.aside.delete(id);
    if (this.listed.has(id)) {
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
    this.keepRemovals([...this.removals, removal]);
    this.items = this.present(this.items);
    this.changed();
  }

  /** Have back what was deleted last, or with `id`: all that was deleted together. */
  undoRemoval(id: string | undefined = this.removal?.id): readonly Conversation[] {
    const removal = this.removals.find(({ conversations }) => conversations.some(one => one.id === id));
    if (!removal) {
      return [];
    }
    removal.cancel();
    this.keepRemovals(this.removals.filter(other => other !== removal));
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
    this.keepRemovals(this.removals.filter(other => other !== removal));
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
    this.putEach(new Map([[id, changes]]));
  }

  /** The same for many, each in its own way. */
  putEach(changes: ReadonlyMap<string, Partial<Conversation>>): void {
    changes.forEach((changed, id) => {
      this.changes.note(id, changed);
    });
    const become = (one: Conversation): Conversation => {
      const changed = changes.get(one.id);
      return changed ? { ...one, ...changed } : one;
    };
    this.items = this.items.map(become);
    for (const id of changes.keys()) {
      const one = this.aside.get(id);
      if (one) {
        this.aside.set(id, become(one));
      }
    }
    this.changed();
  }

  private get listed(): Map<string, Conversation> {
    this.index ??= new Map(this.list.map(one => [one.id, one]));
    return this.index;
  }

  private keepRemovals(removals: readonly Removal[]): void {
    this.removals = removals;
    this.removed = new Set(removals.flatMap(({ conversations }) => conversations.map(one => one.id)));
  }

  private async fetchFirst(): Promise<void> {
    const { isDeep } = this;
    this.isDeep = false;
    try {
      // What is further down than the server gives at once is fetched again when somebody scrolls there.
      const limit = isDeep ? Math.min(Math.max(this.items.length, PAGE), MOST_AT_ONCE) : PAGE;
      const page = await this.changes.during(this.client.conversations({ ...SHOWN, limit }));
      const before = isDeep ? NOTHING : { items: this.items, next: this.next };
      const { items, next } = lookedAtAgain(before, page);
      this.items = this.present(items);
      this.next = next;
      this.error = null;
      this.isLoaded = true;
    } catch (thrown) {
      this.isDeep ||= isDeep;
      this.error = errorInfo(thrown);
    }
    this.changed();
  }

  private hasFailed(): boolean {
    return this.error !== null;
  }

  private async fetchNext(cursor: string, limit: number): Promise<void> {
    try {
      const page = await this.client.conversations({ ...SHOWN, limit, cursor });
      if (this.next === cursor) {
        // Else the list has begun anew meanwhile, and this is not what follows.
        this.items = followed(this.items, this.present(page.items));
        this.next = page.next;
      }
    } catch (thrown) {
      this.error = errorInfo(thrown);
    }
    this.changed();
  }

  private present(items: readonly Conversation[]): readonly Conversation[] {
    return this.removed.size > 0 ? items.filter(item => !this.removed.has(item.id)) : items;
  }
}

/** A list whose first page was fetched again. Pages that were loaded further down stay, unless the list ends here. */
export function lookedAtAgain(before: Listed, page: Listed): Listed {
  const last = page.items.at(-1);
  const below = page.next !== null && last ? before.items.filter(item => isNewer(last, item)) : [];
  return { items: merged(page.items, below), next: below.length ? (before.next ?? page.next) : page.next };
}

/** A list and what follows it. Whoever scrolls through thousands does not wait for them to be put in order again and again. */
function followed(list: readonly Conversation[], page: readonly Conversation[]): Conversation[] {
  const [last, next] = [list.at(-1), page[0]];
  return last && next && isNewer(last, next) ? [...list, ...page] : merged(list, page);
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
