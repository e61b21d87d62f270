import type { Client } from '../api/client';
import type { Reading } from './reading';
import type { Room } from './room';
import type { Trouble } from './trouble';

export interface CompanionsOptions {
  client: Pick<Client, 'startRun' | 'stopRun'>;
  room: Room;
  reading: Reading;
  trouble: Trouble;
}

/** Runs of other models that answer the same question as an answer does. */
export class Companions {
  /** By the id of that answer. */
  private readonly runs = new Map<string, string[]>();

  constructor(private readonly options: CompanionsOptions) {}

  /** Branches beside the answer `id`; what is shown stays. Each has a request id of its own. */
  async ask(id: string, asks: readonly { model: string; requestId: string }[]): Promise<void> {
    const { client, room, reading, trouble } = this.options;
    const { id: conversation } = room;
    const parent_id = reading.tree.get(id)?.message.parent_id;
    if (!conversation || !parent_id) {
      return;
    }
    const starts = asks.map(({ model, requestId: client_request_id }) =>
      client.startRun(conversation, { client_request_id, parent_id, message: null, model, head: false })
    );
    const runs: string[] = [];
    for (const start of await Promise.allSettled(starts)) {
      if (start.status === 'fulfilled') {
        runs.push(start.value.run_id);
      } else {
        trouble.raise(start.reason);
      }
    }
    this.runs.set(id, [...(this.runs.get(id) ?? []), ...runs]);
    await reading.sync();
  }

  /** Stop those beside the answer `id`. */
  stop(id: string): void {
    for (const run of this.runs.get(id) ?? []) {
      // One that has ended says so, which is as well.
      void this.options.client.stopRun(run).catch(() => undefined);
    }
    this.runs.delete(id);
  }
}
