import type { Client } from '../api/client';
import type { Reading } from './reading';
import type { Room } from './room';
import type { Trouble } from './trouble';

/** Messages that were deleted last, as long as that can be undone here. */
export interface Removal {
  readonly id: string;
  /** How many messages: the one that was chosen, and all that followed it. */
  readonly count: number;
}

export interface RemovalsOptions {
  client: Pick<Client, 'tree' | 'deleteMessage' | 'restoreMessage'>;
  room: Room;
  reading: Reading;
  trouble: Trouble;
  later: (f: () => void, ms: number) => void;
  changed: () => void;
}

/** How long deleted messages can be taken back here, in milliseconds. */
export const UNDO_MS = 12_000;

/** Deletes messages, and takes that back. */
export class Removals {
  /** What was deleted last; null when it is too late to undo it. */
  last: Removal | null = null;

  constructor(private readonly options: RemovalsOptions) {}

  /** Delete a message and all that follows it; it can be undone for a while. */
  async remove(id: string): Promise<void> {
    const { client, room, reading, trouble, later } = this.options;
    const conversation = room.id;
    if (!conversation) {
      return;
    }
    trouble.clear();
    await reading.exclusively(async () => {
      const nodes = await client.tree(conversation);
      await client.deleteMessage(conversation, id);
      const removal = { id, count: countFrom(id, nodes.items) };
      this.last = removal;
      later(() => {
        this.forget(removal);
      }, UNDO_MS);
      await reading.showHead(conversation);
      return true;
    });
  }

  async undo(): Promise<void> {
    const { client, room, reading } = this.options;
    const removal = this.last;
    const conversation = room.id;
    if (!removal || !conversation) {
      return;
    }
    this.forget(removal);
    await reading.exclusively(async () => {
      await client.restoreMessage(conversation, removal.id);
      await reading.showHead(conversation);
      return true;
    });
  }

  private forget(removal: Removal): void {
    if (this.last === removal) {
      this.last = null;
      this.options.changed();
    }
  }
}

/** How many messages there are from `id` down, on all branches below it. */
function countFrom(id: string, all: readonly { id: string; parent_id: string | null }[]): number {
  const below = new Set([id]);
  // Parents come before their children: ids sort by time.
  for (const node of [...all].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    if (node.parent_id !== null && below.has(node.parent_id)) {
      below.add(node.id);
    }
  }
  return below.size;
}
