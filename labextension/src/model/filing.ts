import type { Client } from '../api/client';
import { errorInfo } from '../api/errors';
import type { Conversation, ErrorInfo, ManyRequest, TagCount } from '../api/schema';
import { type Conversations, laterInPage, UNDO_MS } from './conversations';
import type { Folders } from './folders';
import { Observable } from './observable';

export type FilingClient = Pick<Client, 'changeMany' | 'tags' | 'renameTag' | 'deleteTag'>;

type Changes = NonNullable<ManyRequest['changes']>;
type Each = NonNullable<ManyRequest['each']>;

/** What was done with conversations, as long as it can be taken back. */
export interface Done {
  readonly what: 'moved' | 'tagged' | 'pinned' | 'unpinned' | 'archived' | 'unarchived';
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
  private before: Each = [];
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
    return this.apply(ids, { folder_id: folder }, { what: 'moved', count: ids.length, name });
  }

  tag(ids: readonly string[], tag: string, isSet: boolean): Promise<void> {
    const changes = isSet ? { add_tags: [tag] } : { remove_tags: [tag] };
    return this.apply(ids, changes, { what: 'tagged', count: ids.length, name: tag });
  }

  pin(ids: readonly string[], pinned: boolean): Promise<void> {
    const what = pinned ? 'pinned' : 'unpinned';
    return this.apply(ids, { pinned }, { what, count: ids.length, name: '' });
  }

  archive(ids: readonly string[], archived: boolean): Promise<void> {
    const what = archived ? 'archived' : 'unarchived';
    return this.apply(ids, { archived }, { what, count: ids.length, name: '' });
  }

  async renameTag(tag: string, name: string): Promise<void> {
    await this.attempt(async () => {
      this.tags = (await this.client.renameTag(tag, name)).items;
    });
  }

  async deleteTag(tag: string): Promise<void> {
    await this.attempt(async () => {
      this.tags = (await this.client.deleteTag(tag)).items;
    });
  }

  /** Take back what was done last: each conversation is again as it was. */
  async undo(): Promise<void> {
    const each = this.before;
    this.forget();
    await this.attempt(async () => {
      for (const one of each) {
        this.conversations.put(one.id, { ...one.changes });
      }
      for (let at = 0; at < each.length; at += MOST) {
        await this.client.changeMany({ each: each.slice(at, at + MOST) });
      }
    });
  }

  dismissError(): void {
    this.error = null;
    this.changed();
  }

  // ---- how

  private async apply(ids: readonly string[], changes: Changes, done: Done): Promise<void> {
    if (ids.length === 0) {
      return;
    }
    for (const id of ids) {
      const known = this.conversations.get(id);
      this.conversations.put(id, applied(changes, known?.tags ?? []));
    }
    const before: Each = [];
    await this.attempt(async () => {
      for (let at = 0; at < ids.length; at += MOST) {
        const { items } = await this.client.changeMany({ ids: ids.slice(at, at + MOST), changes });
        for (const { id, before: former, error } of items) {
          if (former && !error) {
            before.push({ id, changes: former });
          } else if (error && error.code !== 'not_found') {
            this.error = error;
          }
        }
      }
    });
    if (before.length > 0) {
      this.remember({ ...done, count: before.length }, before);
    }
  }

  private async attempt(work: () => Promise<void>): Promise<void> {
    try {
      this.error = null;
      await work();
    } catch (thrown) {
      this.error = errorInfo(thrown);
    }
    this.changed();
    void this.conversations.refresh();
    void this.folders.load();
    if (this.tags.length > 0) {
      void this.loadTags();
    }
  }

  private remember(done: Done, before: Each): void {
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
