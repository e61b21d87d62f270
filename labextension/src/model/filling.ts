import type { Client } from '../api/client';
import type { Room } from './room';
import type { Tree } from './tree';
import type { Trouble } from './trouble';

export interface FillingOptions {
  client: Pick<Client, 'messages' | 'tree'>;
  room: Room;
  trouble: Trouble;
  tree: Tree;
  /** So many messages are fetched at once. */
  page: number;
  touched: (ids: readonly string[]) => void;
  changed: () => void;
}

/** So many messages beside those looked at are loaded too, before somebody comes to them. */
const AHEAD = 40;

/** Fills in what of a long path is not here: its outline at once, the messages themselves where somebody looks. */
export class Filling {
  /** The part of the path that somebody looks at. */
  private seen = { first: 0, end: 0 };
  private isFilling = false;
  private isOutlining = false;
  private disposed = false;

  constructor(private readonly options: FillingOptions) {}

  dispose(): void {
    this.disposed = true;
  }

  /** Somebody looks at the path from `first` to before `end`: what of it is not here is loaded, and a little more. */
  look(first: number, end: number): void {
    this.seen = { first, end };
    if (!this.isFilling && this.missing() !== undefined) {
      void this.fill();
    }
  }

  /** Learn what is above the messages that were loaded. */
  async outline(): Promise<void> {
    const { client, room, trouble, tree, changed } = this.options;
    const { id } = room;
    if (!id || this.isOutlining || tree.isWhole) {
      return;
    }
    this.isOutlining = true;
    try {
      const { items } = await client.tree(id);
      tree.outline(items);
    } catch (thrown) {
      trouble.raise(thrown, () => void this.outline());
    } finally {
      this.isOutlining = false;
      changed();
    }
  }

  /** Load what is looked at. Where somebody looked on the way there is not loaded. */
  private async fill(): Promise<void> {
    const { client, room, trouble, tree, touched, changed, page: limit } = this.options;
    this.isFilling = true;
    try {
      for (let leaf = this.missing(); room.id && leaf !== undefined; leaf = this.missing()) {
        const page = await client.messages(room.id, { leaf, limit });
        if (this.disposed || !page.items.some(message => message.id === leaf)) {
          break;
        }
        touched(tree.load(page.items));
        changed();
      }
    } catch (thrown) {
      trouble.raise(thrown, () => {
        trouble.clear();
        changed();
        void this.fill();
      });
    } finally {
      this.isFilling = false;
    }
  }

  /** The lowest message near what is looked at whose body is not here. */
  private missing(): string | undefined {
    const { path } = this.options.tree;
    const near = path.slice(Math.max(0, this.seen.first - AHEAD), this.seen.end + AHEAD);
    return near.findLast(id => !this.options.tree.get(id));
  }
}
