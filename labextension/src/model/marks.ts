import type { Client } from '../api/client';
import type { Message, MessageChanges, RatingDraft } from '../api/schema';
import type { Reading } from './reading';
import type { Room } from './room';
import type { Tree } from './tree';

export interface MarksOptions {
  client: Pick<Client, 'changeMessage'>;
  room: Room;
  tree: Tree;
  /** What the server said before is not shown over what is changed here. */
  reading: Pick<Reading, 'exclusively'>;
  /** A message is different. */
  touched: (id: string) => void;
}

/** What a person marks messages with: a star, to find one again; a rating, with its reason. Seen at once, taken back where the server refuses. */
export class Marks {
  constructor(private readonly options: MarksOptions) {}

  star(id: string, starred: boolean): Promise<void> {
    return this.change(id, { starred }, { starred });
  }

  /** Null takes the rating away. */
  rate(id: string, draft: RatingDraft | null): Promise<void> {
    const rating = draft && { ...draft, rated_at: new Date().toISOString() };
    return this.change(id, { rating }, { rating: draft });
  }

  private async change(id: string, seen: Partial<Message>, changes: MessageChanges): Promise<void> {
    const { client, room, tree, reading } = this.options;
    const before = tree.get(id)?.message;
    const { id: conversation } = room;
    if (conversation === null || !before) {
      return;
    }
    this.show(id, seen);
    const isTaken = await reading.exclusively(async () => {
      await client.changeMessage(conversation, id, changes);
      return true;
    });
    if (!isTaken) {
      this.show(id, 'starred' in seen ? { starred: before.starred } : { rating: before.rating ?? null });
    }
  }

  private show(id: string, changes: Partial<Message>): void {
    this.options.tree.patch(id, changes);
    this.options.touched(id);
  }
}
