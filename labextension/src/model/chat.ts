import type { Conversation, ErrorInfo, Message, Part, RunAccepted, RunRequest } from '../api/schema';
import type { Client } from '../api/client';
import type { UserPart } from '../api/types';
import { ApiError, errorInfo } from '../api/errors';
import type { EventStream } from '../api/stream';
import { Follower } from './follow';
import { Frames } from './frames';
import { newId } from './ids';
import { isRunning, type Node } from './node';
import { Observable } from './observable';
import { GivenUp, Persistence } from './persistence';
import { Tree } from './tree';

export type ChatClient = Pick<
  Client,
  | 'createConversation'
  | 'updateConversation'
  | 'deleteConversation'
  | 'messages'
  | 'tree'
  | 'startRun'
  | 'stopRun'
  | 'conversation'
  | 'saveMessage'
  | 'deleteMessage'
  | 'restoreMessage'
>;

export interface ChatOptions {
  client: ChatClient;
  stream: Pick<EventStream, 'watch'>;
  /** Runs `flush` once, before the next paint. */
  schedule: (flush: () => void) => void;
  now?: () => number;
  newId?: () => string;
  later?: (f: () => void, ms: number) => void;
  onConversation?: (conversation: Conversation) => void;
  /** A conversation was made for nothing. */
  onUnmade?: (id: string) => void;
  /** The server does not have it any more: somebody deleted it. */
  onGone?: (id: string) => void;
}

export interface Ask {
  parts: UserPart[];
  model: string | null;
  /** Sending the same thing again with the same id starts nothing twice. */
  requestId?: string;
  /** How the answer should differ, said for this answer only. */
  instruction?: string | null;
  /** Instructions for the conversation, should it be made with this message. */
  system?: string | null;
}

/** Messages that were deleted last, as long as that can be undone here. */
export interface Removal {
  readonly id: string;
  /** How many messages: the one that was chosen, and all that followed it. */
  readonly count: number;
}

/** Where a branch picker was when it was used, so that the next branch's stands there too. */
export interface Hold {
  /** From the top of the window, in pixels. */
  readonly top: number | null;
  readonly isFocused: boolean;
  readonly step: -1 | 1;
}

interface Failure {
  error: ErrorInfo;
  retry: (() => void) | null;
}

const PAGE = 100;
/** How long deleted messages can be taken back here, in milliseconds. */
export const UNDO_MS = 12_000;
/** A place in a conversation: its ends, the question above or below what is looked at, a message. */
export type Where = 'start' | 'end' | 'previous' | 'next' | { readonly id: string };

/** So many messages beside those looked at are loaded too, before somebody comes to them. */
const AHEAD = 40;

/**
 * One conversation as it is shown: its path, what is said in it right now, and what a person can do with it.
 *
 * Structure (which messages are shown) is told through `subscribe`; the content of a message through `subscribeNode`, at most
 * once per frame. A new chat has no conversation until something is sent.
 */
export class ChatModel extends Observable {
  /** Tells one shown chat from the next. */
  readonly key = newId();
  readonly tree = new Tree();
  /** Why the conversation cannot be shown, or why something was not done. */
  failure: Failure | null = null;
  isLoading = false;
  /** What was deleted last; null when it is too late to undo it. */
  removal: Removal | null = null;

  private readonly editing = new Set<string>();
  private editWanted: string | null = null;
  private from: string | null = null;
  private hold: (Hold & { siblings: readonly string[] }) | null = null;
  private readonly follower: Follower;
  private readonly frames: Frames;
  private disposed = false;
  private busy = 0;
  private isStale = false;
  /** The failure is that the conversation could not be fetched: it is over when that succeeds. Others stay until they are read. */
  private cannotShow = false;
  private isSyncing = false;
  private isOutlining = false;
  private readonly goListeners = new Set<(where: Where) => void>();
  private wanted: Where | null = null;
  /** The part of the path that somebody looks at. */
  private seen = { first: 0, end: 0 };
  private isFilling = false;
  /** Counts what was done to the path from here. */
  private edits = 0;
  private posting: Persistence | null = null;
  /** Runs of other models that answer the same question as the answer with this id. */
  private readonly companions = new Map<string, string[]>();
  private readonly now: () => number;
  private readonly newId: () => string;

  constructor(
    private readonly options: ChatOptions,
    public conversation: Conversation | null = null
  ) {
    super();
    this.frames = new Frames(options.schedule);
    this.now = options.now ?? (() => Date.now());
    this.newId = options.newId ?? newId;
    this.follower = new Follower({
      tree: this.tree,
      stream: options.stream,
      now: this.now,
      touched: id => {
        this.touch(id);
      },
      finished: () => {
        this.changed();
      },
      lost: () => {
        void this.sync();
      },
      titled: title => {
        this.setConversation({ ...this.conversation, title });
      }
    });
  }

  get id(): string | null {
    return this.conversation?.id ?? null;
  }

  /** The answer that is being written on the path shown, if any. */
  get running(): Node | null {
    for (let at = this.tree.path.length - 1; at >= 0; at--) {
      const node = this.tree.get(this.tree.path[at] ?? '');
      if (node && isRunning(node.message)) {
        return node;
      }
    }
    return null;
  }

  /** Between sending and the server's answer. */
  get isPosting(): boolean {
    return this.posting !== null;
  }

  node(id: string): Node | undefined {
    return this.tree.get(id);
  }

  subscribeNode(id: string, listener: () => void): () => void {
    return this.frames.subscribe(id, listener);
  }

  dispose(): void {
    this.disposed = true;
    this.follower.dispose();
  }

  // ---- looking

  async load(): Promise<void> {
    this.isLoading = true;
    this.failure = null;
    this.changed();
    await this.sync();
    this.isLoading = false;
    this.changed();
  }

  /**
   * Fetch what is shown again: something may have changed elsewhere. One look at a time; what is being sent or switched comes
   * first, and what was fetched before that is old.
   */
  async sync(): Promise<void> {
    const id = this.id;
    if (!id || this.disposed) {
      return;
    }
    if (this.isSyncing || !this.isFree()) {
      this.isStale = true;
      return;
    }
    this.isSyncing = true;
    this.isStale = false;
    const { edits } = this;
    try {
      const page = await this.options.client.messages(id, { limit: PAGE });
      if (edits === this.edits) {
        if (this.cannotShow) {
          this.failure = null;
        }
        this.show(page.items);
      } else {
        this.isStale = true;
      }
    } catch (thrown) {
      if (isGone(thrown)) {
        this.options.onGone?.(id);
      } else if (this.tree.path.length === 0 || !isPassing(thrown)) {
        this.fail(thrown, this.tree.path.length === 0 ? () => void this.load() : null);
        this.cannotShow = true;
      } else {
        // What is shown stays; it is looked up again as soon as the server can be reached.
        this.isStale = false;
      }
    }
    this.isSyncing = false;
    await this.syncIfStale();
  }

  private async syncIfStale(): Promise<void> {
    if (this.isStale && this.isFree()) {
      await this.sync();
    }
  }

  /** Whoever shows this chat shows that place, now or when it is there. */
  go(where: Where): void {
    this.wanted = this.goListeners.size === 0 ? where : null;
    this.goListeners.forEach(listener => {
      listener(where);
    });
  }

  onGo(listener: (where: Where) => void): () => void {
    this.goListeners.add(listener);
    if (this.wanted !== null) {
      listener(this.wanted);
      this.wanted = null;
    }
    return () => this.goListeners.delete(listener);
  }

  /** Somebody looks at the path from `first` to before `end`: what of it is not here is loaded, and a little more. */
  look(first: number, end: number): void {
    this.seen = { first, end };
    if (!this.isFilling && this.missing() !== undefined) {
      void this.fill();
    }
  }

  /** Show another branch: the one that goes through `id`. A run on the branch that is left goes on. */
  async switchTo(id: string): Promise<void> {
    const conversation = this.id;
    if (!conversation) {
      return;
    }
    this.failure = null;
    await this.exclusively(async () => {
      const nodes = await this.options.client.tree(conversation);
      const leaf = this.tree.leafBelow(id, nodes.items);
      const [page] = await Promise.all([
        this.options.client.messages(conversation, { leaf, limit: PAGE }),
        this.options.client.updateConversation(conversation, { head_id: leaf })
      ]);
      this.tree.show(page.items).forEach(id => {
        this.touch(id);
      });
      this.tree.outline(nodes.items);
      this.follow();
      this.changed();
      return true;
    });
  }

  /** Remember where the branch picker of `id` is, until another branch stands there. */
  holdBranch(id: string, hold: Hold): void {
    this.hold = { ...hold, siblings: this.tree.siblings(id).filter(sibling => sibling !== id) };
  }

  /** Where the picker was from which one came to `id`; told once. */
  heldBranch(id: string): Hold | null {
    const { hold } = this;
    if (!hold?.siblings.includes(id)) {
      return null;
    }
    this.hold = null;
    return hold;
  }

  // ---- asking

  /** Say something below the message that is shown last. True when the server has taken it; so with the others. */
  async send(ask: Ask): Promise<boolean> {
    const { branchPoint } = this;
    this.from = null;
    const parent = branchPoint ?? this.tree.path.at(-1) ?? null;
    const isTaken = await this.start(ask, parent, { parts: ask.parts });
    if (!isTaken) {
      this.branchFrom(branchPoint);
    }
    return isTaken;
  }

  /** The message below which the next one goes, where that is not the last one. */
  get branchPoint(): string | null {
    const at = this.from === null ? -1 : this.tree.path.indexOf(this.from);
    return at >= 0 && at < this.tree.path.length - 1 ? this.from : null;
  }

  /** What is said next goes below `id`, on a branch of its own; null: below the last message. */
  branchFrom(id: string | null): void {
    this.from = id;
    this.changed();
  }

  /**
   * Let other models answer the question of the answer `id` too: branches beside it; what is shown stays. Each has a request id
   * of its own.
   */
  async alsoAsk(id: string, asks: readonly { model: string; requestId: string }[]): Promise<void> {
    const { id: conversation } = this;
    const parent_id = this.tree.get(id)?.message.parent_id;
    if (!conversation || !parent_id) {
      return;
    }
    const starts = asks.map(({ model, requestId: client_request_id }) =>
      this.options.client.startRun(conversation, {
        client_request_id,
        parent_id,
        message: null,
        model,
        head: false
      })
    );
    const runs: string[] = [];
    for (const start of await Promise.allSettled(starts)) {
      if (start.status === 'fulfilled') {
        runs.push(start.value.run_id);
      } else {
        this.fail(start.reason, null);
      }
    }
    this.companions.set(id, [...(this.companions.get(id) ?? []), ...runs]);
    await this.sync();
  }

  /** Say something else instead of `id`: a new branch beside it. */
  edit(id: string, ask: Ask): Promise<boolean> {
    const parent = this.tree.get(id)?.message.parent_id ?? null;
    return this.start(ask, parent, { parts: ask.parts });
  }

  /** Another answer beside `id`; `instruction` says how it should differ ("Shorter"). */
  regenerate(id: string, model: string | null, instruction: string | null = null): Promise<boolean> {
    const parent = this.tree.get(id)?.message.parent_id ?? null;
    return this.start({ parts: [], model, instruction }, parent, null);
  }

  /** An answer to `id`, a message of the user. */
  answer(id: string, model: string | null): Promise<boolean> {
    return this.start({ parts: [], model }, id, null);
  }

  /** Ask again for an answer that failed: in its own place if it said nothing, so that no empty branch stays; else beside it. */
  retry(id: string, model: string | null): Promise<boolean> {
    const message = this.tree.get(id)?.message;
    return message?.parts.length === 0
      ? this.continueAnswer(id, model)
      : this.regenerate(id, model, message?.instruction);
  }

  /** Keep other words for `id` as a branch beside it. Nobody is asked. */
  async save(id: string, parts: UserPart[], requestId: string = this.newId()): Promise<boolean> {
    const message = this.tree.get(id)?.message;
    const conversation = this.id;
    if (!message || !conversation || (message.role !== 'user' && message.role !== 'assistant')) {
      return false;
    }
    const { role, parent_id, model } = message;
    this.failure = null;
    return await this.exclusively(async () => {
      const body = { client_request_id: requestId, parent_id, role, parts, model: model ?? null };
      const saved = await this.options.client.saveMessage(conversation, body);
      this.tree.grow({ ...saved, sibling_ids: [] });
      this.follow();
      this.changed();
      return true;
    });
  }

  /** Go on with an answer that did not come to its end. */
  async continueAnswer(id: string, model: string | null): Promise<boolean> {
    const before = this.tree.get(id);
    if (!before) {
      return false;
    }
    const shownBefore = this.tree.path;
    this.tree.put(id, {
      ...before,
      seq: 0,
      wait: 'connecting',
      message: { ...before.message, status: 'running', error: null, finish_reason: null, run_id: null }
    });
    this.touch(id);
    const body = {
      client_request_id: this.newId(),
      parent_id: before.message.parent_id,
      message: null,
      continue: id
    };
    return await this.post({ ...body, ...(model ? { model } : {}) }, id, {
      accepted: started => {
        this.tree.patch(id, { run_id: started.run_id });
      },
      refused: () => {
        this.tree.put(id, before);
        this.restore(shownBefore);
      }
    });
  }

  /** Stop the answer that is being written. What was said stays. */
  async stop(): Promise<void> {
    if (this.posting) {
      this.posting.giveUp();
      return;
    }
    const { id, run_id: runId } = this.running?.message ?? {};
    if (!id || !runId) {
      return;
    }
    for (const run of this.companions.get(id) ?? []) {
      // One that has ended says so, which is as well.
      void this.options.client.stopRun(run).catch(() => undefined);
    }
    this.companions.delete(id);
    try {
      await this.options.client.stopRun(runId);
    } catch (thrown) {
      if (thrown instanceof ApiError && (thrown.status === 404 || thrown.status === 409)) {
        await this.sync();
      } else {
        this.fail(thrown, () => void this.stop());
      }
    }
  }

  // ---- deleting

  /** Delete a message and all that follows it; it can be undone for a while. */
  async remove(id: string): Promise<void> {
    const conversation = this.id;
    if (!conversation) {
      return;
    }
    this.failure = null;
    await this.exclusively(async () => {
      const { client } = this.options;
      const nodes = await client.tree(conversation);
      await client.deleteMessage(conversation, id);
      const removal = { id, count: countFrom(id, nodes.items) };
      this.removal = removal;
      this.later(() => {
        this.forgetRemoval(removal);
      }, UNDO_MS);
      await this.showHead(conversation);
      return true;
    });
  }

  async undoRemoval(): Promise<void> {
    const { removal } = this;
    const conversation = this.id;
    if (!removal || !conversation) {
      return;
    }
    this.forgetRemoval(removal);
    await this.exclusively(async () => {
      await this.options.client.restoreMessage(conversation, removal.id);
      await this.showHead(conversation);
      return true;
    });
  }

  private forgetRemoval(removal: Removal): void {
    if (this.removal === removal) {
      this.removal = null;
      this.changed();
    }
  }

  private async showHead(conversation: string): Promise<void> {
    const page = await this.options.client.messages(conversation, { limit: PAGE });
    this.show(page.items);
  }

  // ---- editing

  isEditing(id: string): boolean {
    return this.editing.has(id);
  }

  beginEdit(id: string): void {
    this.editing.add(id);
    this.editWanted = id;
    this.changed();
  }

  endEdit(id: string): void {
    this.editing.delete(id);
    this.changed();
  }

  /** Whether the field for `id` should take the cursor: once, when editing begins, and not when it is scrolled back into view. */
  takesCursor(id: string): boolean {
    const isWanted = this.editWanted === id;
    this.editWanted = null;
    return isWanted;
  }

  // ---- finding

  /** Bring a message into view, on whichever branch it is. */
  async reveal(id: string): Promise<void> {
    if (!this.tree.path.includes(id)) {
      await this.outline();
    }
    if (!this.tree.path.includes(id)) {
      await this.switchTo(id);
    }
    if (this.tree.path.includes(id)) {
      this.go({ id });
    }
  }

  /** The server may be back: what waits for it is sent at once. */
  hurry(): void {
    this.posting?.hurry();
  }

  dismiss(): void {
    this.failure = null;
    this.changed();
  }

  /** What is known of the conversation changed (here or elsewhere). */
  setConversation(changes: Partial<Conversation>): void {
    if (this.conversation) {
      this.conversation = { ...this.conversation, ...changes };
      this.options.onConversation?.(this.conversation);
      this.changed();
    }
  }

  /** The list knows it better. */
  adopt(conversation: Conversation): void {
    if (conversation.id === this.id && conversation !== this.conversation) {
      this.conversation = conversation;
      this.changed();
    }
  }

  // ---- how

  private later(work: () => void, ms: number): void {
    (this.options.later ?? ((f, wait) => setTimeout(f, wait)))(work, ms);
  }

  private async start(
    ask: Ask,
    parentId: string | null,
    said: { parts: UserPart[] } | null
  ): Promise<boolean> {
    const shownBefore = this.tree.path;
    const requestId = ask.requestId ?? this.newId();
    const userId = said ? `local-${requestId}` : null;
    const answerId = `local-${requestId}-answer`;
    if (said && userId) {
      this.tree.grow(this.draft(userId, parentId, 'user', said.parts));
    }
    this.tree.grow({
      ...this.draft(answerId, userId ?? parentId, 'assistant', []),
      status: 'running',
      model: ask.model,
      instruction: ask.instruction ?? null
    });
    this.tree.put(answerId, { ...this.mustGet(answerId), wait: 'connecting' });
    const body: RunRequest = {
      client_request_id: requestId,
      parent_id: parentId,
      message: said,
      ...(ask.model ? { model: ask.model } : {}),
      ...(ask.instruction ? { instruction: ask.instruction } : {})
    };
    return await this.post(
      body,
      answerId,
      {
        accepted: started => {
          if (this.tree.get(started.message_id)) {
            // It had been sent before, from here or from another tab, and is known already.
            this.isStale = true;
            this.takeBack(answerId, userId, shownBefore);
            return;
          }
          this.tree.rename(answerId, started.message_id);
          this.tree.patch(started.message_id, { run_id: started.run_id });
          if (userId && started.user_message_id) {
            this.tree.rename(userId, started.user_message_id);
          }
        },
        refused: () => {
          this.takeBack(answerId, userId, shownBefore);
        }
      },
      ask.system
    );
  }

  private takeBack(answerId: string, userId: string | null, shownBefore: readonly string[]): void {
    this.tree.prune(answerId);
    if (userId) {
      this.tree.prune(userId);
    }
    this.restore(shownBefore);
  }

  /** Start a run, asking again with the same id while nobody answers. */
  private async post(
    body: RunRequest,
    local: string,
    outcome: { accepted: (started: RunAccepted) => void; refused: () => void },
    system: string | null = null
  ): Promise<boolean> {
    this.failure = null;
    const posting = new Persistence((f, ms) => {
      this.later(f, ms);
    });
    this.posting = posting;
    this.changed();
    let instructions = this.conversation ? null : system;
    let made: Conversation | null = null;
    const accepted = await this.exclusively(async () => {
      try {
        const ask = async (): Promise<RunAccepted> => {
          const { id } = this.conversation ?? (made = await this.create(body));
          if (instructions) {
            const params = { system: instructions };
            this.setConversation(await this.options.client.updateConversation(id, { params }));
            instructions = null;
          }
          return await this.options.client.startRun(id, body);
        };
        const started = await posting.until(ask, why => {
          this.sayWaiting(local, why);
        });
        outcome.accepted(started);
        return true;
      } catch (thrown) {
        outcome.refused();
        if (made) {
          this.unmake(made);
        }
        if (isGone(thrown) && this.id) {
          this.options.onGone?.(this.id);
        } else if (!(thrown instanceof GivenUp)) {
          this.fail(thrown, null);
        }
        return false;
      } finally {
        this.posting = null;
        this.follow();
        this.changed();
      }
    });
    if (accepted && posting.hasGivenUp) {
      await this.stop();
    }
    return accepted;
  }

  private async create({ client_request_id, model }: RunRequest): Promise<Conversation> {
    const conversation = await this.options.client.createConversation({
      client_request_id,
      ...(model ? { model } : {})
    });
    this.conversation = conversation;
    this.options.onConversation?.(conversation);
    return conversation;
  }

  /** Nothing was said in the conversation that was made for it: none remains. */
  private unmake({ id }: Conversation): void {
    this.conversation = null;
    this.options.onUnmade?.(id);
    void this.options.client.deleteConversation(id).catch(() => {
      // An empty conversation in the list harms nobody.
    });
  }

  private isFree(): boolean {
    return this.busy === 0 && !this.disposed;
  }

  private sayWaiting(id: string, why: ApiError): void {
    const node = this.tree.get(id);
    if (node) {
      const wait = why.isLoggedOut ? 'waiting for the login' : 'waiting for the Jupyter server';
      this.tree.put(id, { ...node, wait });
      this.touch(id);
    }
  }

  /** Nothing that comes from elsewhere is shown while `work` changes the path; afterwards it is looked up once. */
  private async exclusively(work: () => Promise<boolean>): Promise<boolean> {
    this.busy += 1;
    this.edits += 1;
    try {
      return await work();
    } catch (thrown) {
      this.fail(thrown, null);
      this.isStale = true;
      return false;
    } finally {
      this.busy -= 1;
      void this.syncIfStale();
    }
  }

  private show(messages: readonly Message[]): void {
    this.tree.show(messages).forEach(id => {
      this.touch(id);
    });
    this.follow();
    this.changed();
    void this.outline();
  }

  /** Learn what is above the messages that were loaded. */
  private async outline(): Promise<void> {
    const { id } = this;
    if (!id || this.isOutlining || this.tree.isWhole) {
      return;
    }
    this.isOutlining = true;
    try {
      const { items } = await this.options.client.tree(id);
      this.tree.outline(items);
    } catch (thrown) {
      this.fail(thrown, () => void this.outline());
    } finally {
      this.isOutlining = false;
      this.changed();
    }
  }

  /** The lowest message near what is looked at whose body is not here. */
  private missing(): string | undefined {
    const { path } = this.tree;
    const near = path.slice(Math.max(0, this.seen.first - AHEAD), this.seen.end + AHEAD);
    return near.findLast(id => !this.tree.get(id));
  }

  /** Load what is looked at. Where somebody looked on the way there is not loaded. */
  private async fill(): Promise<void> {
    this.isFilling = true;
    try {
      for (let leaf = this.missing(); this.id && leaf !== undefined; leaf = this.missing()) {
        const page = await this.options.client.messages(this.id, { leaf, limit: PAGE });
        if (this.disposed || !page.items.some(message => message.id === leaf)) {
          break;
        }
        this.tree.load(page.items).forEach(id => {
          this.touch(id);
        });
        this.changed();
      }
    } catch (thrown) {
      this.fail(thrown, () => {
        this.dismiss();
        void this.fill();
      });
    } finally {
      this.isFilling = false;
    }
  }

  private restore(path: readonly string[]): void {
    this.tree.restore(path);
    this.follow();
    this.changed();
  }

  private follow(): void {
    if (!this.disposed) {
      this.follower.keepTo(this.tree.path);
    }
  }

  private fail(thrown: unknown, retry: (() => void) | null): void {
    if (!this.disposed) {
      this.failure = { error: errorInfo(thrown), retry };
      this.cannotShow = false;
      this.changed();
    }
  }

  private touch(id: string): void {
    this.frames.touch(id);
  }

  private draft(id: string, parent_id: string | null, role: Message['role'], parts: Part[]): Message {
    return {
      id,
      conversation_id: this.id ?? '',
      parent_id,
      role,
      status: 'complete',
      parts,
      sibling_ids: [],
      created_at: new Date(this.now()).toISOString()
    };
  }

  private mustGet(id: string): Node {
    const node = this.tree.get(id);
    if (!node) {
      throw new Error(`No message ${id}`);
    }
    return node;
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

/** The conversation is not there. What else may be missing (a model, a file) says so in its details. */
function isGone(thrown: unknown): boolean {
  return thrown instanceof ApiError && thrown.status === 404 && 'conversation_id' in thrown.details;
}

/** It may well succeed later, by itself. */
function isPassing(thrown: unknown): boolean {
  return thrown instanceof ApiError && (thrown.isOffline || thrown.isLoggedOut);
}
