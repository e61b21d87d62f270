import type { Client } from '../api/client';
import { ApiError } from '../api/errors';
import type { Message } from '../api/schema';
import type { EventStream } from '../api/stream';
import { Filling } from './filling';
import { Follower } from './follow';
import { Frames, type Schedule } from './frames';
import type { Room } from './room';
import { Tree } from './tree';
import type { Trouble } from './trouble';

export interface ReadingOptions {
  client: Pick<Client, 'messages' | 'tree' | 'updateConversation'>;
  stream: Pick<EventStream, 'watch'>;
  /** Runs `flush` once, before the next paint. */
  schedule: Schedule;
  room: Room;
  trouble: Trouble;
  changed: () => void;
  /** What is shown beside these messages. */
  beside: (path: readonly string[]) => readonly string[];
}

/** So many messages are fetched at once. */
const PAGE = 100;

/**
 * The path of a conversation as it is read here, kept in step with the server: with the events of its runs, and with what
 * changed elsewhere. What is changed from here comes first.
 */
export class Reading {
  readonly tree = new Tree();
  readonly frames: Frames;
  isLoading = false;

  private readonly follower: Follower;
  private readonly filling: Filling;
  private disposed = false;
  private busy = 0;
  private isStale = false;
  private isSyncing = false;
  /** Counts what was done to the path from here. */
  private edits = 0;
  /** Messages that somebody looks at elsewhere than on the path. */
  private readonly watched = new Set<readonly string[]>();

  constructor(private readonly options: ReadingOptions) {
    const { room, stream, schedule, changed } = options;
    this.frames = new Frames(schedule);
    this.follower = new Follower({
      tree: this.tree,
      stream,
      // Not the time of day, which can be set while somebody thinks.
      now: () => performance.now(),
      touched: id => {
        this.touch(id);
      },
      began: id => {
        this.frames.tell(id);
      },
      finished: changed,
      lost: () => {
        void this.sync();
      },
      titled: title => {
        room.change({ title });
      }
    });
    this.filling = new Filling({
      ...options,
      tree: this.tree,
      page: PAGE,
      touched: ids => {
        this.touchAll(ids);
      }
    });
  }

  dispose(): void {
    this.disposed = true;
    this.follower.dispose();
    this.filling.dispose();
  }

  async load(): Promise<void> {
    const { trouble, changed } = this.options;
    this.isLoading = true;
    trouble.clear();
    changed();
    await this.sync();
    this.isLoading = false;
    changed();
  }

  /**
   * Fetch what is shown again: something may have changed elsewhere. One look at a time; what is being sent or switched comes
   * first, and what was fetched before that is old.
   */
  async sync(): Promise<void> {
    const { client, room, trouble } = this.options;
    const { id } = room;
    if (!id || this.disposed) {
      return;
    }
    if (this.isSyncing || !this.isFree()) {
      this.isStale = true;
      return;
    }
    this.isSyncing = true;
    this.isStale = false;
    const { edits } = this;
    try {
      const page = await client.messages(id, { limit: PAGE });
      if (edits === this.edits) {
        trouble.canShow();
        this.show(page.items);
      } else {
        this.isStale = true;
      }
    } catch (thrown) {
      const isEmpty = this.tree.path.length === 0;
      if (room.isLost(thrown)) {
        // Whoever shows it was told.
      } else if (isEmpty || !isPassing(thrown)) {
        trouble.cannotShow(thrown, isEmpty ? () => void this.load() : null);
      } else {
        // What is shown stays; it is looked up again as soon as the server can be reached.
        this.isStale = false;
      }
    }
    this.isSyncing = false;
    await this.syncIfStale();
  }

  /** It is known that something is different: it is looked up when nothing is being done here. */
  spoil(): void {
    this.isStale = true;
  }

  /** Nothing that comes from elsewhere is shown while `work` changes the path; afterwards it is looked up once. */
  async exclusively(work: () => Promise<boolean>): Promise<boolean> {
    this.busy += 1;
    this.edits += 1;
    try {
      return await work();
    } catch (thrown) {
      this.options.trouble.raise(thrown);
      this.isStale = true;
      return false;
    } finally {
      this.busy -= 1;
      void this.syncIfStale();
    }
  }

  /** Show another branch: the one that goes through `id`. A run on the branch that is left goes on. */
  async switchTo(id: string): Promise<void> {
    const { client, room, trouble, changed } = this.options;
    const conversation = room.id;
    if (!conversation) {
      return;
    }
    trouble.clear();
    await this.exclusively(async () => {
      const nodes = await client.tree(conversation);
      const leaf = this.tree.leafBelow(id, nodes.items);
      const [page] = await Promise.all([
        client.messages(conversation, { leaf, limit: PAGE }),
        client.updateConversation(conversation, { head_id: leaf })
      ]);
      this.touchAll(this.tree.show(page.items));
      this.tree.outline(nodes.items);
      this.follow();
      changed();
      return true;
    });
  }

  /** Show the branch that the server says is shown. */
  async showHead(conversation: string): Promise<void> {
    const page = await this.options.client.messages(conversation, { limit: PAGE });
    this.show(page.items);
  }

  /** Show what was shown before something was tried. */
  restore(path: readonly string[]): void {
    this.tree.restore(path);
    this.follow();
    this.options.changed();
  }

  /** Somebody looks at the path from `first` to before `end`. */
  look(first: number, end: number): void {
    this.filling.look(first, end);
  }

  /** Learn what is above the messages that were loaded. */
  outline(): Promise<void> {
    return this.filling.outline();
  }

  /** Messages that are shown beside the path. */
  learn(messages: readonly Message[]): void {
    this.touchAll(this.tree.load(messages));
    this.follow();
    this.options.changed();
  }

  /** Follow the answers being written on the path that is shown, and beside it. */
  follow(): void {
    if (!this.disposed) {
      const { path } = this.tree;
      this.follower.keepTo([...path, ...this.options.beside(path), ...[...this.watched].flat()]);
    }
  }

  /** Keep these in step with their runs too, wherever they stand, until the returned function is called. */
  watch(messages: readonly Message[]): () => void {
    const ids = messages.map(({ id }) => id);
    this.watched.add(ids);
    this.learn(messages);
    return () => {
      this.watched.delete(ids);
      this.follow();
    };
  }

  touch(id: string): void {
    this.frames.touch(id);
  }

  private show(messages: readonly Message[]): void {
    this.touchAll(this.tree.show(messages));
    this.follow();
    this.options.changed();
    void this.outline();
  }

  private async syncIfStale(): Promise<void> {
    if (this.isStale && this.isFree()) {
      await this.sync();
    }
  }

  private isFree(): boolean {
    return this.busy === 0 && !this.disposed;
  }

  private touchAll(ids: readonly string[]): void {
    ids.forEach(id => {
      this.touch(id);
    });
  }
}

/** It may well succeed later, by itself. */
function isPassing(thrown: unknown): boolean {
  return thrown instanceof ApiError && (thrown.isOffline || thrown.isLoggedOut);
}
