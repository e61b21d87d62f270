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

  async fork(message_id: string, mode: ForkMode): Promise<Conversation | null> {
    const { id } = this.options.room;
    return id === null
      ? null
      : await this.make(client_request_id =>
          this.options.client.fork(id, { client_request_id, message_id, mode })
        );
  }

  /** Of any conversation: the list has others, too. */
  duplicate(id: string): Promise<Conversation | null> {
    return this.make(client_request_id => this.options.client.duplicate(id, { client_request_id }));
  }

  private async make(work: (requestId: string) => Promise<Conversation>): Promise<Conversation | null> {
    const { trouble, newId } = this.options;
    trouble.clear();
    try {
      return await work(newId());
    } catch (thrown) {
      trouble.raise(thrown);
      return null;
    }
  }
}
