import type { Client } from '../api/client';
import { errorInfo } from '../api/errors';
import type { Conversation, ErrorInfo, ManyDone, ManyRequest, TagCount } from '../api/schema';
import { type Conversations, laterInPage, UNDO_MS } from './conversations';
import type { Folders } from './folders';
import { Observable } from './observable';

export type FilingClient = Pick<Client, 'changeMany' | 'tags'>;

type Changes = NonNullable<ManyRequest['changes']>;
type Each = NonNullable<ManyRequest['each']>[number];
type Former = NonNullable<ManyDone['items'][number]['before']>;
/** Conversations by their ids, or all that have a tag. */
type Which = { readonly ids: readonly string[] } | { readonly tag: string };

/** What was done with conversations, as long as it can be taken back. */
export interface Done {
  readonly what:
    | 'moved'
    | 'tagged'
    | 'untagged'
    | 'pinned'
    | 'unpinned'
    | 'archived'
    | 'unarchived'
    | 'tag-renamed'
    | 'tag-deleted';
  readonly count: number;
  /** The folder's or the tag's name; empty: no folder. */
  readonly name: string;
}

/** As many as the server takes at once. */
const MOST = 1000;

/** Puts conversations in order, one or many at once: folders, tags, pins, the archive; each with a way back. */
export class Filing extends Observable {
  done: Done | null = null;
  error: ErrorInfo | null = null;
  tags: readonly TagCount[] = [];
  private before: readonly Each[] = [];
  private cancel: (() => void) | null = null;

  constructor(
    private readonly client: FilingClient,
    private readonly conversations: Conversations,
    private readonly folders: Folders,
    private readonly later: typeof laterInPage = laterInPage
  ) {
    super();
  }

  async loadTags(): Promise<void> {
    try {
      this.tags = (await this.client.tags()).items;
      this.changed();
    } catch {
      // Without the server's word those that were known stay.
    }
  }

  move(ids: readonly string[], folder: string | null): Promise<void> {
    const name = this.folders.get(folder)?.name ?? '';
    return this.apply({ ids }, { folder_id: folder }, 'moved', name);
  }

  tag(ids: readonly string[], tag: string, isSet: boolean): Promise<void> {
    return isSet
      ? this.apply({ ids }, { add_tags: [tag] }, 'tagged', tag)
      : this.apply({ ids }, { remove_tags: [tag] }, 'untagged', tag);
  }

  pin(ids: readonly string[], pinned: boolean): Promise<void> {
    return this.apply({ ids }, { pinned }, pinned ? 'pinned' : 'unpinned');
  }

  archive(ids: readonly string[], archived: boolean): Promise<void> {
    return this.apply({ ids }, { archived }, archived ? 'archived' : 'unarchived');
  }

  /** Call a tag something else wherever it is; where both are, one is left. */
  async renameTag(tag: string, name: string): Promise<void> {
    if (name !== tag) {
      await this.apply({ tag }, { add_tags: [name], remove_tags: [tag] }, 'tag-renamed', name);
    }
  }

  /** Take a tag away from all that have it. */
  deleteTag(tag: string): Promise<void> {
    return this.apply({ tag }, { remove_tags: [tag] }, 'tag-deleted', tag);
  }

  /** Take back what was done last: each conversation is again as it was, but for what else has become of it. */
  async undo(): Promise<void> {
    const each = this.before;
    this.forget();
    this.show(new Map(each.map(({ id, changes }) => [id, changes])));
    await this.attempt(async () => {
      for (let at = 0; at < each.length; at += MOST) {
        this.hear(await this.client.changeMany({ each: each.slice(at, at + MOST) }));
      }
    });
  }

  dismissError(): void {
    this.error = null;
    this.changed();
  }

  // ---- how

  private async apply(which: Which, changes: Changes, what: Done['what'], name = ''): Promise<void> {
    const ids = 'ids' in which ? which.ids : this.tagged(which.tag);
    if ('ids' in which && ids.length === 0) {
      return;
    }
    this.show(new Map(ids.map(id => [id, changes])));
    const before: Each[] = [];
    await this.attempt(async () => {
      for (const some of portions(which)) {
        const done = await this.client.changeMany({ ...some, changes });
        this.hear(done);
        for (const { id, before: former, error } of done.items) {
          const back = former && !error ? inverse(changes, former) : {};
          if (Object.keys(back).length > 0) {
            before.push({ id, changes: back });
          }
        }
      }
    });
    if (before.length > 0) {
      this.remember({ what, count: before.length, name }, before);
    }
  }

  /** Those that are known to have a tag. */
  private tagged(tag: string): string[] {
    return this.conversations.items.filter(({ tags }) => tags.includes(tag)).map(({ id }) => id);
  }

  /** Show them like this until the server has said how they are. */
  private show(each: ReadonlyMap<string, Changes>): void {
    this.conversations.putEach(
      new Map(
        [...each].map(([id, changes]) => [id, applied(changes, this.conversations.get(id)?.tags ?? [])])
      )
    );
  }

  /** Why something was not done. What is gone meanwhile is no matter. */
  private hear({ items }: ManyDone): void {
    const refused = items.find(({ error }) => error && !('conversation_id' in error.details));
    this.error = refused?.error ?? this.error;
  }

  private async attempt(work: () => Promise<void>): Promise<void> {
    this.error = null;
    try {
      await work();
    } catch (thrown) {
      this.error = errorInfo(thrown);
    }
    this.changed();
    void this.conversations.refresh({ isDeep: this.error !== null });
    void this.folders.load();
    if (this.tags.length > 0) {
      void this.loadTags();
    }
  }

  private remember(done: Done, before: readonly Each[]): void {
    this.cancel?.();
    this.done = done;
    this.before = before;
    this.cancel = this.later(() => {
      this.forget();
    }, UNDO_MS);
    this.changed();
  }

  private forget(): void {
    this.cancel?.();
    this.done = null;
    this.before = [];
    this.changed();
  }
}

/** As requests that the server takes. */
function portions(which: Which): Pick<ManyRequest, 'ids' | 'filter'>[] {
  if ('tag' in which) {
    return [{ filter: { tag: which.tag } }];
  }
  const count = Math.ceil(which.ids.length / MOST);
  return Array.from({ length: count }, (_, at) => ({ ids: which.ids.slice(at * MOST, (at + 1) * MOST) }));
}

/** What a conversation with these tags is like after the changes. */
function applied(
  { add_tags, remove_tags, ...rest }: Changes,
  tags: readonly string[]
): Partial<Conversation> {
  const plain = rest as Partial<Conversation>;
  if (!add_tags && !remove_tags) {
    return plain;
  }
  const all = new Set([...tags, ...(add_tags ?? [])]);
  remove_tags?.forEach(tag => all.delete(tag));
  return { ...plain, tags: [...all].sort() };
}

/** What takes the changes back, and nothing that somebody else has changed. */
function inverse({ add_tags, remove_tags, ...rest }: Changes, former: Former): Changes {
  const added = add_tags?.filter(tag => !former.tags.includes(tag)) ?? [];
  const removed = remove_tags?.filter(tag => former.tags.includes(tag)) ?? [];
  const names = Object.keys(rest) as (keyof typeof rest)[];
  return {
    ...Object.fromEntries(names.map(name => [name, former[name] ?? null])),
    ...(added.length > 0 ? { remove_tags: added } : {}),
    ...(removed.length > 0 ? { add_tags: removed } : {})
  };
}
