import type { Client } from '../api/client';
import { errorInfo } from '../api/errors';
import type { Conversation, ErrorInfo } from '../api/schema';
import type { ConversationQuery } from '../api/types';
import { type Conversations, laterInPage, type Listed } from './conversations';
import { Observable } from './observable';

/** How long somebody may go on typing before the server is asked. Milliseconds. */
const PAUSE_MS = 150;
const PAGE = 50;
/** Whoever goes on scrolling gets more at once. */
const LARGE_PAGE = 500;
/** The server gives no more at once. */
const LARGEST_PAGE = 1000;
const NOTHING: Listed = { items: [], next: null };

export type Sort = 'used' | 'created' | 'title';

/** Which conversations a list shows, beside what is looked for, and in which order. */
export interface Scope {
  /** With all that is below it; null: wherever they are. */
  readonly folder: string | null;
  readonly tag: string | null;
  readonly archived: boolean;
  readonly unread: boolean;
  readonly running: boolean;
  readonly model: string | null;
  readonly sort: Sort;
}

export const EVERYTHING: Scope = {
  folder: null,
  tag: null,
  archived: false,
  unread: false,
  running: false,
  model: null,
  sort: 'used'
};

/** What one list shows: everything, or what is found by title, folder, tag, ... What changes in it is known from the list of all. */
export class ConversationSearch extends Observable {
  /** What is looked for; the empty text: nothing is. */
  query = '';
  scope: Scope = EVERYTHING;
  error: ErrorInfo | null = null;
  /** What was found is not yet what is asked for. */
  isBehind = false;
  private listed: Listed = NOTHING;
  /** What is shown, and what it was made of. */
  private shown: { readonly of: readonly unknown[]; readonly items: readonly Conversation[] } | null = null;
  private paging: Promise<void> | null = null;
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
      if (!this.isPlain) {
        this.soon();
        this.changed();
      }
    });
  }

  /** It shows everything, as the list of all has it. */
  get isPlain(): boolean {
    return !this.query && this.scope === EVERYTHING;
  }

  /** What the list shows: what was found, or everything. */
  get items(): readonly Conversation[] {
    const { all, scope, query, listed } = this;
    const of = [all.version(), listed, scope, query];
    if (!this.shown || of.some((one, at) => one !== this.shown?.of[at])) {
      this.shown = { of, items: this.isPlain ? this.everything : this.found };
    }
    return this.shown.items;
  }

  private get everything(): readonly Conversation[] {
    const { items } = this.all;
    return items.some(item => item.archived) ? items.filter(item => !item.archived) : items;
  }

  private get found(): readonly Conversation[] {
    const { all, scope, query } = this;
    return this.listed.items
      .filter(item => !all.isRemoved(item.id))
      .map(item => all.get(item.id) ?? item)
      .filter(item => (query && scope === EVERYTHING) || item.archived === scope.archived)
      .filter(item => scope.tag === null || item.tags.includes(scope.tag));
  }

  get hasMore(): boolean {
    return this.isPlain ? this.all.hasMore : this.listed.next !== null;
  }

  find(query: string): void {
    const wanted = query.trim();
    if (wanted !== this.query) {
      this.query = wanted;
      this.begin(PAUSE_MS);
    }
  }

  /** Show only these, or in another order; what is absent stays. */
  narrow(changes: Partial<Scope>): void {
    const scope = { ...this.scope, ...changes };
    const isEverything = (Object.keys(EVERYTHING) as (keyof Scope)[]).every(
      name => scope[name] === EVERYTHING[name]
    );
    this.scope = isEverything ? EVERYTHING : scope;
    this.begin(0);
  }

  more(limit = LARGE_PAGE): Promise<void> {
    if (this.isPlain) {
      return this.all.more();
    }
    if (this.listed.next !== null) {
      this.paging ??= this.ask(this.listed.next, limit).finally(() => {
        this.paging = null;
      });
    }
    return this.paging ?? Promise.resolve();
  }

  /** Load all that it shows; false: it could not be done, or something else is looked for by now. */
  async whole(): Promise<boolean> {
    if (this.isPlain) {
      return this.all.whole();
    }
    const { query, scope } = this;
    this.error = null;
    while (this.listed.next !== null && !this.hasFailed() && !this.isBehind) {
      await this.more(LARGEST_PAGE);
    }
    return !this.hasMore && this.query === query && this.scope === scope;
  }

  dispose(): void {
    this.leave();
    this.cancel?.();
    this.asked += 1;
  }

  private begin(pause: number): void {
    this.asked += 1;
    this.isBehind = !this.isPlain;
    this.cancel?.();
    if (this.isPlain) {
      this.listed = NOTHING;
    } else if (pause === 0) {
      void this.ask(null);
    } else {
      this.soon();
    }
    this.changed();
  }

  private soon(): void {
    this.cancel?.();
    this.cancel = this.later(() => {
      void this.ask(null);
    }, PAUSE_MS);
  }

  private hasFailed(): boolean {
    return this.error !== null;
  }

  /** Look again, or with a cursor: fetch what follows. */
  private async ask(cursor: string | null, more = LARGE_PAGE): Promise<void> {
    this.asked += cursor === null ? 1 : 0;
    const { asked } = this;
    const loaded = this.isBehind ? 0 : this.listed.items.length;
    const limit = cursor === null ? Math.max(PAGE, Math.min(loaded, LARGEST_PAGE)) : more;
    try {
      const page = await this.client.conversations({ ...this.wanted, limit, cursor });
      if (asked === this.asked) {
        this.all.note(page.items);
        this.listed = cursor === null ? this.again(page) : followed(this.listed, page);
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

  /** The list with its beginning as it is now. What is further down than was asked for stays. */
  private again(page: Listed): Listed {
    const { items, next } = this.listed;
    const last = page.items.at(-1);
    const at = this.isBehind || page.next === null ? -1 : items.findLastIndex(item => item.id === last?.id);
    return at >= 0 && at + 1 < items.length ? followed(page, { items: items.slice(at + 1), next }) : page;
  }

  private get wanted(): ConversationQuery {
    const { query, scope } = this;
    if (scope === EVERYTHING) {
      return { query }; // what was put into the archive is found, too
    }
    const { folder, tag, archived, unread, running, model, sort } = scope;
    return {
      ...(query ? { query } : {}),
      ...(folder !== null ? { folder_id: folder, subfolders: true } : {}),
      ...(tag !== null ? { tag } : {}),
      ...(unread ? { unread } : {}),
      ...(running ? { running } : {}),
      ...(model !== null ? { model } : {}),
      archived,
      sort,
      pinned_first: true
    };
  }
}

/** A list and what follows it, each conversation once. */
function followed(list: Listed, { items, next }: Listed): Listed {
  const known = new Set(list.items.map(item => item.id));
  return { items: [...list.items, ...items.filter(item => !known.has(item.id))], next };
}
