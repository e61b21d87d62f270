import type { Client } from '../api/client';
import { ApiError, OVER_CEILING } from '../api/errors';
import type { Conversation, Message, Params, Part, RunAccepted, RunRequest } from '../api/schema';
import type { UserPart } from '../api/types';
import { waitOf, type Wait } from './node';
import { GivenUp, Persistence } from './persistence';
import type { Reading } from './reading';
import type { Room } from './room';
import type { Trouble } from './trouble';

export interface Ask {
  parts: UserPart[];
  model: string | null;
  /** Sending the same thing again with the same id starts nothing twice. */
  requestId?: string;
  /** How to ask once more what was refused because of a ceiling, if whoever asked keeps what was written. */
  again?: () => void;
  /** How the answer should differ, said for this answer only. */
  instruction?: string | null;
  /** Parameters of the conversation, should it be made with this message. */
  params?: Params | null;
  /** It waited and goes by itself now: whoever reads something else is not taken to it. */
  isByItself?: boolean;
}

export interface PostingOptions {
  client: Pick<Client, 'startRun'>;
  room: Room;
  reading: Reading;
  trouble: Trouble;
  now: () => number;
  newId: () => string;
  later: (f: () => void, ms: number) => void;
  changed: () => void;
  /** It was taken after the person had given it up. */
  unwanted: () => Promise<void>;
}

interface Outcome {
  accepted: (started: RunAccepted) => void;
  refused: () => void;
  /** Ask the same once more, where nothing else brings it back. */
  again: (() => void) | null;
}

/**
 * Asks the server for an answer. What is asked is shown at once, and taken back if the server refuses; while nobody answers it is
 * asked again with the same id.
 */
export class Posting {
  /** The next thing that is asked may cost more than the person wanted to spend. */
  isAllowed = false;

  private waiting: Persistence | null = null;

  constructor(private readonly options: PostingOptions) {}

  /** Between sending and the server's answer. */
  get isUnderWay(): boolean {
    return this.waiting !== null;
  }

  /** The server may be back: what waits for it is sent at once. */
  hurry(): void {
    this.waiting?.hurry();
  }

  /** Nobody wants it any more. False when nothing is on its way. */
  giveUp(): boolean {
    this.waiting?.giveUp();
    return this.waiting !== null;
  }

  /** An answer below `parentId`, or below what is `said` there. True when the server has taken it. */
  async start(ask: Ask, parentId: string | null, said: { parts: UserPart[] } | null): Promise<boolean> {
    const { reading, newId } = this.options;
    const { tree } = reading;
    const shownBefore = tree.path;
    const requestId = ask.requestId ?? newId();
    const userId = said ? `local-${requestId}` : null;
    const answerId = `local-${requestId}-answer`;
    if (said && userId) {
      tree.grow(this.draft(userId, parentId, 'user', said.parts));
    }
    tree.grow({
      ...this.draft(answerId, userId ?? parentId, 'assistant', []),
      status: 'running',
      model: ask.model,
      instruction: ask.instruction ?? null
    });
    this.sayWait(answerId, waitOf('connecting'));
    const body: RunRequest = {
      client_request_id: requestId,
      parent_id: parentId,
      message: said,
      ...(ask.model ? { model: ask.model } : {}),
      ...(ask.instruction ? { instruction: ask.instruction } : {})
    };
    // What came from the composer is in it again, where it can still be changed.
    const again =
      ask.again ?? (ask.requestId === undefined ? () => void this.start(ask, parentId, said) : null);
    const takeBack = (): void => {
      tree.prune(answerId);
      if (userId) {
        tree.prune(userId);
      }
      reading.restore(shownBefore);
    };
    const accepted = (started: RunAccepted): void => {
      if (tree.get(started.message_id)) {
        // It had been sent before, from here or from another tab, and is known already.
        reading.spoil();
        takeBack();
        return;
      }
      tree.rename(answerId, started.message_id);
      tree.patch(started.message_id, { run_id: started.run_id });
      if (userId && started.user_message_id) {
        tree.rename(userId, started.user_message_id);
      }
    };
    return await this.post(body, answerId, { accepted, refused: takeBack, again }, ask.params);
  }

  /** More of the answer `id`, which did not come to its end. */
  async goOn(id: string, model: string | null): Promise<boolean> {
    const { reading, newId } = this.options;
    const { tree } = reading;
    const before = tree.get(id);
    if (!before) {
      return false;
    }
    const shownBefore = tree.path;
    tree.put(id, {
      ...before,
      seq: 0,
      wait: waitOf('connecting'),
      message: { ...before.message, status: 'running', error: null, finish_reason: null, run_id: null }
    });
    reading.touch(id);
    const body: RunRequest = {
      client_request_id: newId(),
      parent_id: before.message.parent_id,
      message: null,
      continue: id,
      ...(model ? { model } : {})
    };
    return await this.post(body, id, {
      accepted: started => {
        tree.patch(id, { run_id: started.run_id });
      },
      refused: () => {
        tree.put(id, before);
        reading.restore(shownBefore);
      },
      again: () => void this.goOn(id, model)
    });
  }

  private async post(
    body: RunRequest,
    local: string,
    outcome: Outcome,
    params: Params | null = null
  ): Promise<boolean> {
    const { client, room, reading, trouble, later, changed, unwanted } = this.options;
    trouble.clear();
    const { isAllowed } = this;
    this.isAllowed = false;
    const waiting = new Persistence(later);
    this.waiting = waiting;
    changed();
    let made: Conversation | null = null;
    const isTaken = await reading.exclusively(async () => {
      try {
        const ask = async (): Promise<RunAccepted> => {
          const { id } = room.conversation ?? (made = await room.make(body, params));
          return await client.startRun(id, isAllowed ? { ...body, over_ceiling: true } : body);
        };
        const started = await waiting.until(ask, why => {
          this.sayWait(local, waitFor(why));
          reading.touch(local);
        });
        outcome.accepted(started);
        return true;
      } catch (thrown) {
        outcome.refused();
        if (made) {
          room.unmake(made);
        }
        if (!room.isLost(thrown) && !(thrown instanceof GivenUp)) {
          trouble.raise(thrown, isOverCeiling(thrown) ? outcome.again : null);
        }
        return false;
      } finally {
        this.waiting = null;
        reading.follow();
        changed();
      }
    });
    if (isTaken && waiting.hasGivenUp) {
      await unwanted();
    }
    return isTaken;
  }

  private sayWait(id: string, wait: Wait): void {
    const { tree } = this.options.reading;
    const node = tree.get(id);
    if (node) {
      tree.put(id, { ...node, wait });
    }
  }

  private draft(id: string, parent_id: string | null, role: Message['role'], parts: Part[]): Message {
    return {
      id,
      conversation_id: this.options.room.id ?? '',
      parent_id,
      role,
      status: 'complete',
      parts,
      adapted: [],
      sibling_ids: [],
      pinned: false,
      starred: false,
      created_at: new Date(this.options.now()).toISOString()
    };
  }
}

function isOverCeiling(thrown: unknown): boolean {
  return thrown instanceof ApiError && thrown.code === OVER_CEILING;
}

function waitFor(why: ApiError): Wait {
  return waitOf(why.isLoggedOut ? 'login' : 'server');
}
