import type { Client } from '../api/client';
import type { RunAccepted } from '../api/schema';
import type { Comparisons } from './comparisons';
import type { Reading } from './reading';
import type { Room } from './room';
import type { Trouble } from './trouble';

/** A model that is asked too; the same request id twice starts nothing twice. */
export interface Companion {
  readonly model: string;
  readonly requestId: string;
}

export interface CompanionsOptions {
  client: Pick<Client, 'startRun' | 'stopRun'>;
  room: Room;
  reading: Reading;
  comparisons: Comparisons;
  trouble: Trouble;
  now: () => number;
}

/** Other models that answer the same question as an answer does, side by side with it. */
export class Companions {
  /** Their runs, by the id of that answer. */
  private readonly runs = new Map<string, string[]>();

  constructor(private readonly options: CompanionsOptions) {}

  /** Show them beside the answer `id`, before anybody was asked. */
  show(id: string, companions: readonly Companion[]): void {
    const { room, reading, comparisons, now } = this.options;
    const { tree } = reading;
    for (const companion of companions) {
      const draft = localId(companion);
      if (!tree.get(draft)) {
        tree.plant(id, {
          id: draft,
          conversation_id: room.id ?? '',
          parent_id: tree.get(id)?.message.parent_id ?? null,
          role: 'assistant',
          status: 'running',
          model: companion.model,
          parts: [],
          adapted: [],
          sibling_ids: [],
          pinned: false,
          starred: false,
          created_at: new Date(now()).toISOString()
        });
      }
    }
    comparisons.open(id);
  }

  /** It came to nothing. */
  takeBack(companions: readonly Companion[]): void {
    companions.forEach(companion => {
      this.options.reading.tree.prune(localId(companion));
    });
  }

  /**
   * Ask them the question of the answer `id`, in order, so that they stand in order. What is shown stays. `isAllowed`: they may
   * cost more than the person wanted to spend.
   */
  async ask(id: string, companions: readonly Companion[], isAllowed = false): Promise<void> {
    const { client, room, reading, comparisons, trouble } = this.options;
    const { id: conversation } = room;
    const parent_id = reading.tree.get(id)?.message.parent_id;
    if (!conversation || !parent_id) {
      this.takeBack(companions);
      return;
    }
    this.show(id, companions);
    comparisons.keep(id);
    const allowed = isAllowed ? { over_ceiling: true } : {};
    for (const companion of companions) {
      const { model, requestId: client_request_id } = companion;
      try {
        const body = { client_request_id, parent_id, message: null, model, head: false, ...allowed };
        this.begun(id, companion, await client.startRun(conversation, body));
      } catch (thrown) {
        this.takeBack([companion]);
        trouble.raise(thrown);
      }
    }
    await reading.sync();
  }

  /** Stop those that were asked with the answer `id`. */
  stop(id: string): void {
    for (const run of this.runs.get(id) ?? []) {
      // One that has ended says so, which is as well.
      void this.options.client.stopRun(run).catch(() => undefined);
    }
    this.runs.delete(id);
  }

  private begun(id: string, companion: Companion, { message_id, run_id }: RunAccepted): void {
    const { tree } = this.options.reading;
    if (tree.get(message_id)) {
      this.takeBack([companion]);
    } else {
      tree.rename(localId(companion), message_id);
      tree.patch(message_id, { run_id });
    }
    this.runs.set(id, [...(this.runs.get(id) ?? []), run_id]);
    this.options.reading.follow();
    this.options.reading.touch(message_id);
  }
}

function localId({ requestId }: Companion): string {
  return `local-${requestId}-answer`;
}
