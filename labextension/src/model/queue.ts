import type { Message, Params } from '../api/schema';
import type { Client } from '../api/client';
import { type DraftPart, sendable } from './attachments';
import { newId } from './ids';
import { isRunning } from './node';
import { Observable } from './observable';
import { QUEUES, type Storage } from './storage';
import type { UserPart } from '../api/types';

/** A message that was sent from here and that the server does not have yet. */
export interface Queued {
  /** The id of the request: the same message is never asked twice, whoever sends it. */
  readonly id: string;
  readonly text: string;
  readonly files: readonly DraftPart[];
  /** Who answers; several: each of them. Empty: the conversation's model. */
  readonly models: readonly string[];
  /** Parameters of the conversation, if it is made with this message. */
  readonly params: Params | null;
  /** The answer that it waits for: it belongs to that branch. */
  readonly after: string | null;
  /** When it was written. Milliseconds. */
  readonly at: number;
  /** The page that is sending it, and since when. */
  readonly claim: { readonly page: string; readonly at: number } | null;
}

/** Whether the first message of a queue can go; else what it waits for. */
export type Standing = 'go' | 'wait' | 'elsewhere' | 'stopped' | 'failed' | 'stale';

/** A page that began to send and has not finished after this is gone. Milliseconds. */
const CLAIM_MS = 30_000;
/** What waited longer than this while nobody looked is not sent without being asked. Milliseconds. */
const FRESH_MS = 10 * 60_000;

/**
 * What was sent while an answer was being written, by conversation, in order. It is kept in the browser: a reload, a crash or a
 * second tab neither loses a message nor sends it twice.
 */
export class Queue extends Observable {
  /** Tells this page from others. */
  private readonly page = newId();
  private readonly known = new Map<string, readonly Queued[]>();
  /** Which panel of this page sends it. Nobody's: whichever shows the conversation. */
  private readonly owners = new Map<string, object>();

  constructor(
    private readonly storage: Storage,
    private readonly now: () => number = () => Date.now()
  ) {
    super();
  }

  /** What waits, the first to go first; without what is being sent right now. */
  waiting(key: string | null): readonly Queued[] {
    return this.list(key).filter(item => !this.isClaimed(item));
  }

  add(key: string | null, item: Omit<Queued, 'at' | 'claim'>, first = false): void {
    const queued: Queued = { ...item, at: this.now(), claim: null };
    const others = this.list(key);
    this.write(key, first ? [queued, ...others] : [...others, queued]);
  }

  /** This panel sends it, and no other one of this page. */
  own(id: string, owner: object): void {
    this.owners.set(id, owner);
  }

  /** Whether another panel of this page sends it. */
  isOthers(id: string, me: object): boolean {
    return (this.owners.get(id) ?? me) !== me;
  }

  /** This panel is gone: whoever shows the conversation may send what it had to. */
  disown(owner: object): void {
    for (const [id, one] of this.owners) {
      if (one === owner) {
        this.owners.delete(id);
      }
    }
  }

  /** Take it out: it was sent, deleted, or goes back into the composer. */
  remove(id: string): Queued | undefined {
    const place = this.find(id);
    this.owners.delete(id);
    if (place) {
      this.write(
        place.key,
        this.list(place.key).filter(item => item.id !== id)
      );
    }
    return place?.item;
  }

  /** This page sends it now. False when another one does. */
  claim(id: string): boolean {
    const place = this.find(id);
    if (!place || this.isClaimed(place.item)) {
      return false;
    }
    this.change(id, { claim: { page: this.page, at: this.now() } });
    return true;
  }

  /** It was not sent after all. */
  release(id: string): void {
    this.change(id, { claim: null });
  }

  /** The answer that these wait for has got its name. */
  settle(key: string | null, after: string): void {
    if (this.list(key).some(item => item.after === null)) {
      this.write(
        key,
        this.list(key).map(item => (item.after === null ? { ...item, after } : item))
      );
    }
  }

  /** A conversation was made for what waits under `from`. */
  move(from: string | null, to: string): void {
    const items = this.list(from);
    if (items.length) {
      this.write(from, []);
      this.write(to, [...this.list(to), ...items]);
    }
  }

  forget(key: string | null): void {
    this.write(key, []);
  }

  /** Another tab has written under this key of the storage. */
  hear(storageKey: string): void {
    if (storageKey.startsWith(QUEUES)) {
      this.known.delete(storageKey);
      this.changed();
    }
  }

  /** Whether it was written so recently that nobody is surprised when it goes. */
  isFresh(item: Queued): boolean {
    return Math.abs(this.now() - item.at) < FRESH_MS;
  }

  // ---- how

  private list(key: string | null): readonly Queued[] {
    const name = QUEUES + (key ?? 'new');
    let items = this.known.get(name);
    if (!items) {
      items = parse(this.storage.getItem(name));
      this.known.set(name, items);
    }
    return items;
  }

  private isClaimed({ claim }: Queued): boolean {
    return claim !== null && Math.abs(this.now() - claim.at) < CLAIM_MS;
  }

  private find(id: string): { key: string; item: Queued } | undefined {
    for (const [name, items] of this.known) {
      const item = items.find(one => one.id === id);
      if (item) {
        return { key: name.slice(QUEUES.length), item };
      }
    }
    return undefined;
  }

  private change(id: string, changes: Partial<Queued>): void {
    const place = this.find(id);
    if (place) {
      this.write(
        place.key,
        this.list(place.key).map(item => (item.id === id ? { ...item, ...changes } : item))
      );
    }
  }

  private write(key: string | null, items: readonly Queued[]): void {
    const name = QUEUES + (key ?? 'new');
    this.known.set(name, items);
    if (items.length) {
      this.storage.setItem(name, JSON.stringify(items));
    } else {
      this.storage.removeItem(name);
    }
    this.changed();
  }
}

function parse(stored: string | null): readonly Queued[] {
  try {
    const items: unknown = JSON.parse(stored ?? '[]');
    return Array.isArray(items) ? (items as Queued[]) : [];
  } catch {
    return [];
  }
}

/** What a conversation is doing, as far as a queue needs to know. */
export interface Scene {
  readonly isBusy: boolean;
  readonly hasFailed: boolean;
  readonly path: readonly string[];
  readonly head: Message | undefined;
  /** This page has seen that answer being written. */
  readonly isWitness: boolean;
}

/** Whether `item` may go now. */
export function standing(item: Queued, scene: Scene, isFresh: boolean): Standing {
  if (scene.isBusy) {
    return 'wait';
  }
  if (scene.hasFailed) {
    return 'failed';
  }
  if (item.after !== null && !scene.path.includes(item.after)) {
    return 'elsewhere';
  }
  switch (scene.head?.status) {
    case 'running':
    case 'waiting':
      return 'wait';
    case 'stopped':
      return 'stopped';
    case 'failed':
    case 'interrupted':
      return 'failed';
    default:
      return scene.isWitness || isFresh ? 'go' : 'stale';
  }
}

/** What is said with a queued message. */
export function partsOf({ text, files }: Pick<Queued, 'text' | 'files'>): UserPart[] {
  const parts = files.map(sendable);
  return text.trim() ? [...parts, { type: 'text', text }] : parts;
}

/** The requests to the other models that answer the message `id`; the same each time. */
export function requestsOf(id: string, others: readonly string[]): { model: string; requestId: string }[] {
  return others.map((model, index) => ({ model, requestId: `${id}:${index + 2}` }));
}

/**
 * Send what waits in a conversation that no panel shows, now that an answer in it has ended. True when something was sent.
 * A page that shows it does this by itself, as there a person can watch.
 */
export async function sendUnseen(
  queue: Queue,
  client: Pick<Client, 'messages' | 'startRun'>,
  conversation: string,
  model: string | null
): Promise<boolean> {
  const [item] = queue.waiting(conversation);
  if (!item) {
    return false;
  }
  const { items } = await client.messages(conversation, { limit: 20 });
  const head = items.at(-1);
  const isBusy = head !== undefined && isRunning(head);
  const path = items.map(message => message.id);
  const scene: Scene = { isBusy, hasFailed: false, path, head, isWitness: true };
  if (!head || standing(item, scene, true) !== 'go' || !queue.claim(item.id)) {
    return false;
  }
  const { id } = item;
  const [first = model, ...others] = item.models;
  try {
    const { user_message_id } = await client.startRun(conversation, {
      client_request_id: id,
      parent_id: head.id,
      message: { parts: partsOf(item) },
      ...(first ? { model: first } : {})
    });
    for (const other of requestsOf(id, others)) {
      await client.startRun(conversation, {
        client_request_id: other.requestId,
        parent_id: user_message_id,
        message: null,
        model: other.model,
        head: false
      });
    }
    queue.remove(id);
    return true;
  } catch (thrown) {
    queue.release(id);
    throw thrown;
  }
}
