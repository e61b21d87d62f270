import type { Client } from '../api/client';
import type { Conversation, ForkStart } from '../api/schema';
import type { Room } from './room';
import type { Trouble } from './trouble';

/** What a fork takes along. */
export type ForkMode = NonNullable<ForkStart['mode']>;

export interface CopiesOptions {
  client: Pick<Client, 'fork' | 'duplicate'>;
  room: Room;
  trouble: Trouble;
  newId: () => string;
}

/** Makes a conversation of its own from this one, or from a part of it. Null: it could not be made, which is said in the chat. */
export class Copies {
  constructor(private readonly options: CopiesOptions) {}

  fork(message_id: string, mode: ForkMode): Promise<Conversation | null> {
    return this.make((id, client_request_id) =>
      this.options.client.fork(id, { client_request_id, message_id, mode })
    );
  }

  duplicate(): Promise<Conversation | null> {
    return this.make((id, client_request_id) => this.options.client.duplicate(id, { client_request_id }));
  }

  private async make(
    work: (id: string, requestId: string) => Promise<Conversation>
  ): Promise<Conversation | null> {
    const { room, trouble, newId } = this.options;
    if (room.id === null) {
      return null;
    }
    trouble.clear();
    try {
      return await work(room.id, newId());
    } catch (thrown) {
      trouble.raise(thrown);
      return null;
    }
  }
}
