import type { Client } from '../api/client';
import { ApiError } from '../api/errors';
import type { Message, Summary, SummaryChanges } from '../api/schema';
import { Observable } from './observable';
import type { Reading } from './reading';
import type { Room } from './room';
import type { Tree } from './tree';
import type { Trouble } from './trouble';

export type SummariesClient = Pick<
  Client,
  'summaries' | 'makeSummary' | 'stopSummary' | 'changeSummary' | 'changeMessage'
>;

export interface SummariesOptions {
  client: SummariesClient;
  room: Room;
  tree: Tree;
  /** What the server said before is not shown over what is changed here. */
  reading: Pick<Reading, 'exclusively'>;
  trouble: Trouble;
  newId: () => string;
  /** A message is different. */
  touched: (id: string) => void;
}

/** What stands for the older turns of a conversation in requests, and which messages a person pinned so that none stands for them. */
export class Summaries extends Observable {
  /** One is being made by hand, here or in another page. */
  isMaking = false;

  private items: readonly Summary[] = [];
  private isStopping = false;

  constructor(private readonly options: SummariesOptions) {
    super();
  }

  /** What reaches to the message `id`: the newest in use, else the newest. */
  at(id: string): Summary | null {
    const here = this.items.filter(({ message_id }) => message_id === id);
    return here.findLast(({ active }) => active) ?? here.at(-1) ?? null;
  }

  /** The summary that stands for the beginning of the path that is shown, if one does. */
  get current(): Summary | null {
    const { path } = this.options.tree;
    const used = new Map(this.items.filter(({ active }) => active).map(one => [one.message_id, one]));
    const at = path.findLast(id => used.has(id));
    return at === undefined ? null : (used.get(at) ?? null);
  }

  /** Look again: something may have changed elsewhere. What was known stays where the server cannot be reached. */
  async sync(): Promise<void> {
    const { client, room } = this.options;
    const { id } = room;
    if (id === null) {
      return;
    }
    try {
      const { items, making } = await client.summaries(id);
      if (room.id === id) {
        this.isMaking = making;
        this.show(items);
      }
    } catch {
      // Whoever fetches the messages says it.
    }
  }

  /** Whether something is said before the question `id` that no summary stands for. */
  isMissing(id: string): boolean {
    const before = this.options.tree.get(id)?.message.parent_id;
    return before != null && this.at(before)?.active !== true;
  }

  /** Fold all turns but the last now: that of the path shown, or the one that ends with `end`. What is wrong is thrown; null: it was stopped. */
  async make(instructions: string, model: string | null, end?: string): Promise<Summary | null> {
    const { client, room, tree, newId } = this.options;
    const { id } = room;
    const leaf = end ?? tree.path.at(-1);
    if (id === null || leaf === undefined) {
      return null;
    }
    this.setMaking(true);
    try {
      const made = await client.makeSummary(id, {
        client_request_id: newId(),
        leaf,
        ...(instructions ? { instructions } : {}),
        ...(model ? { model } : {})
      });
      this.show([...this.items.filter(one => one.id !== made.id), made]);
      return made;
    } catch (thrown) {
      if (thrown instanceof ApiError && thrown.info.details['reason'] === 'stopped') {
        return null;
      }
      throw thrown;
    } finally {
      this.setMaking(false);
    }
  }

  async stop(): Promise<void> {
    const { client, room, trouble } = this.options;
    if (room.id === null || this.isStopping) {
      return;
    }
    this.isStopping = true;
    try {
      await client.stopSummary(room.id);
      this.setMaking(false);
    } catch (thrown) {
      trouble.raise(thrown);
    } finally {
      this.isStopping = false;
    }
  }

  /** Put other words into one, undo it, or take that back. True when it is done. */
  async change(id: string, changes: SummaryChanges): Promise<boolean> {
    const { client, room, trouble } = this.options;
    if (room.id === null) {
      return false;
    }
    try {
      const changed = await client.changeSummary(room.id, id, changes);
      this.show(this.items.map(one => (one.id === id ? changed : one)));
      return true;
    } catch (thrown) {
      trouble.raise(thrown);
      return false;
    }
  }

  /** Pin a message, so that it goes to the model word for word whatever is summarised, or let go of it. */
  async pin(id: string, pinned: boolean): Promise<void> {
    const { client, room, tree, reading, touched } = this.options;
    const { id: conversation } = room;
    if (conversation === null) {
      return;
    }
    this.set(tree.get(id)?.message, pinned, touched);
    const isTaken = await reading.exclusively(async () => {
      await client.changeMessage(conversation, id, { pinned });
      return true;
    });
    if (!isTaken) {
      this.set(tree.get(id)?.message, !pinned, touched);
    }
  }

  private set(message: Message | undefined, pinned: boolean, touched: (id: string) => void): void {
    const node = message && this.options.tree.get(message.id);
    if (node) {
      this.options.tree.put(node.message.id, { ...node, message: { ...node.message, pinned } });
      touched(node.message.id);
    }
  }

  private show(items: readonly Summary[]): void {
    this.items = items;
    this.changed();
  }

  private setMaking(isMaking: boolean): void {
    this.isMaking = isMaking;
    this.changed();
  }
}
