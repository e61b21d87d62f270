import type { Client } from '../api/client';
import { ApiError } from '../api/errors';
import type { Conversation, Message } from '../api/schema';
import type { EventStream } from '../api/stream';
import type { UserPart } from '../api/types';
import { type Companion, Companions } from './companions';
import { Comparisons, type FoldMemory } from './comparisons';
import { type History, historyOf } from './context';
import { Copies } from './copies';
import { Cue } from './cue';
import { Edits } from './edits';
import type { Schedule } from './frames';
import { Holds } from './holds';
import { newId } from './ids';
import { Marks } from './marks';
import { isRunning, type Node } from './node';
import { Observable } from './observable';
import { type Ask, Posting } from './posting';
import { Reading } from './reading';
import { type Removal, Removals } from './removal';
import { ANYWHERE, type Beginning, Room } from './room';
import { Summaries, type SummariesClient } from './summaries';
import type { Tree } from './tree';
import { Trouble } from './trouble';

export type ChatClient = SummariesClient &
  Pick<
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
    | 'fork'
    | 'duplicate'
  >;

export interface ChatOptions {
  client: ChatClient;
  stream: Pick<EventStream, 'watch'>;
  /** Runs `flush` once, before the next paint. */
  schedule: Schedule;
  now?: () => number;
  newId?: () => string;
  later?: (f: () => void, ms: number) => void;
  /** Where the conversation is made, if it is. */
  beginning?: Beginning;
  onConversation?: (conversation: Conversation) => void;
  /** Remembers what a person opened. */
  folds?: FoldMemory;
  /** A conversation was made for nothing. */
  onUnmade?: (id: string) => void;
  /** The server does not have it any more: somebody deleted it. */
  onGone?: (id: string) => void;
}

/** A place in a conversation: its ends, the question above or below what is looked at, a message; `quiet`: the focus stays. */
export type Where = 'start' | 'end' | 'previous' | 'next' | { readonly id: string; readonly quiet?: boolean };

/**
 * One conversation as it is shown: its path, what is said in it right now, and what a person can do with it.
 *
 * Structure (which messages are shown) is told through `subscribe`; the content of a message through `subscribeNode`, at most
 * once per frame. A new chat has no conversation until something is sent.
 */
export class ChatModel extends Observable {
  /** Tells one shown chat from the next. */
  readonly key = newId();
  readonly tree: Tree;
  /** Which messages are being edited. */
  readonly edits: Edits;
  /** Where the branch picker was that was used last. */
  readonly holds: Holds;
  /** Which answers stand side by side. */
  readonly comparisons: Comparisons;
  /** What stands for older turns in requests. */
  readonly summaries: Summaries;

  /** Stars and ratings. */
  readonly marks: Marks;
  /** Forks and copies. */
  readonly copies: Copies;

  private readonly beginning: Beginning;
  private readonly room: Room;
  private readonly trouble: Trouble;
  private readonly reading: Reading;
  private readonly posting: Posting;
  private readonly companions: Companions;
  private readonly removals: Removals;
  private readonly newId: () => string;
  private isByItself = false;
  private counted: { version: number; instructions: string; history: History } | null = null;
  private from: string | null = null;
  private coming: ReturnType<ChatClient['tree']> | null = null;
  private readonly going = new Cue<Where>();

  constructor(
    private readonly options: ChatOptions,
    conversation: Conversation | null = null
  ) {
    super();
    const changed = (): void => {
      this.changed();
    };
    const { client, now = () => Date.now(), later = wait } = options;
    this.newId = options.newId ?? newId;
    const room = new Room({ ...options, changed }, conversation);
    const trouble = new Trouble(changed);
    const reading: Reading = new Reading({
      ...options,
      room,
      trouble,
      changed,
      beside: path => comparisons.along(path)
    });
    const { folds = new Map<string, boolean>() } = options;
    const comparisons = new Comparisons({ client, room, reading, trouble, folds, changed });
    const parts = { client, room, trouble, reading, comparisons, later, now, changed };
    this.room = room;
    this.beginning = options.beginning ?? ANYWHERE;
    this.trouble = trouble;
    this.reading = reading;
    this.posting = new Posting({ ...parts, newId: this.newId, unwanted: () => this.stop() });
    this.companions = new Companions(parts);
    this.removals = new Removals(parts);
    this.tree = reading.tree;
    this.edits = new Edits(changed);
    this.holds = new Holds(this.tree);
    this.comparisons = comparisons;
    const touched = (id: string): void => {
      reading.touch(id);
    };
    const { tree } = reading;
    this.summaries = new Summaries({ ...parts, newId: this.newId, tree, touched });
    this.marks = new Marks({ ...parts, tree, touched });
    this.copies = new Copies({ ...parts, newId: this.newId });
  }

  dispose(): void {
    this.trouble.mute();
    this.reading.dispose();
  }

  get conversation(): Conversation | null {
    return this.room.conversation;
  }

  get id(): string | null {
    return this.room.id;
  }

  /** It is kept nowhere, or will be. */
  get isTemporary(): boolean {
    return this.conversation?.temporary ?? this.beginning.temporary;
  }

  /** The folder that it is in, or will be made in. */
  get folder(): string | null {
    return this.conversation ? (this.conversation.folder_id ?? null) : this.beginning.folder;
  }

  get isLoading(): boolean {
    return this.reading.isLoading;
  }

  /** Why the conversation cannot be shown, or why something was not done. */
  get failure(): Trouble['failure'] {
    return this.trouble.failure;
  }

  dismiss(): void {
    this.trouble.clear();
    this.changed();
  }

  /** What is known of the conversation changed (here or elsewhere). */
  setConversation(changes: Partial<Conversation>): void {
    this.room.change(changes);
  }

  /** The list knows it better. */
  adopt(conversation: Conversation): void {
    this.room.adopt(conversation);
  }

  /** The answer that is being written on the path shown, if any. */
  get running(): Node | null {
    return this.tree.runningOnPath ?? null;
  }

  /** Tokens of what was said; counted again when something has changed, not for each key that is pressed. */
  history(instructions: string): History {
    const version = this.version();
    if (this.counted?.version !== version || this.counted.instructions !== instructions) {
      this.counted = { version, instructions, history: historyOf(this.tree, instructions) };
    }
    return this.counted.history;
  }

  /** An answer that is being written here: the one on the path shown, else one that stands beside it. */
  get answering(): Node | null {
    return this.running ?? this.comparisons.running(this.tree.path.at(-1));
  }

  /** Between sending and the server's answer. */
  get isPosting(): boolean {
    return this.posting.isUnderWay;
  }

  node(id: string): Node | undefined {
    return this.tree.get(id);
  }

  subscribeNode(id: string, listener: () => void): () => void {
    return this.reading.frames.subscribe(id, listener);
  }

  /** Keep messages in step with their runs that are looked at elsewhere than on the path; what is returned ends it. */
  watch(messages: readonly Message[]): () => void {
    return this.reading.watch(messages);
  }

  // ---- looking

  /** Somebody is about to look at the whole tree: it is asked for while the code that shows it is still on its way. */
  foresee(): void {
    if (this.id !== null && this.tree.all.length === 0) {
      this.coming = this.options.client.tree(this.id);
      this.coming.catch(() => undefined); // told to whoever wants it
    }
  }

  /** All messages without their bodies; as they were asked for ahead, once. */
  whole(id: string): ReturnType<ChatClient['tree']> {
    const { coming } = this;
    this.coming = null;
    return coming ?? this.options.client.tree(id);
  }

  async load(): Promise<void> {
    await Promise.all([this.reading.load(), this.summaries.sync()]);
  }

  /** Fetch what is shown again: something may have changed elsewhere. */
  async sync(): Promise<void> {
    await Promise.all([this.reading.sync(), this.summaries.sync()]);
  }

  /** Somebody looks at the path from `first` to before `end`: what of it is not here is loaded, and a little more. */
  look(first: number, end: number): void {
    this.reading.look(first, end);
  }

  /** Show another branch: the one that goes through `id`. A run on the branch that is left goes on. */
  switchTo(id: string): Promise<void> {
    return this.reading.switchTo(id);
  }

  /** Bring a message into view, on whichever branch it is. */
  async reveal(id: string): Promise<void> {
    if (!this.tree.path.includes(id)) {
      await this.reading.outline();
    }
    if (!this.tree.path.includes(id)) {
      await this.switchTo(id);
    }
    if (this.tree.path.includes(id)) {
      this.go({ id });
    }
  }

  /** Whoever shows this chat shows that place, now or when it is there. */
  go(where: Where): void {
    this.going.give(where);
  }

  onGo(listener: (where: Where) => void): () => void {
    return this.going.on(listener);
  }

  // ---- asking

  /** Say something below the message that is shown last. True when the server has taken it; so with the others. */
  async send(ask: Ask, others: readonly Companion[] = []): Promise<boolean> {
    const { branchPoint } = this;
    const compared = branchPoint === null ? this.compared : null;
    if (compared !== null) {
      await this.choose(compared);
    }
    this.from = null;
    this.isByItself = ask.isByItself ?? false;
    const parent = branchPoint ?? this.tree.path.at(-1) ?? null;
    const { isAllowed } = this.posting;
    const posted = this.posting.start(ask, parent, { parts: ask.parts });
    const answer = this.tree.path.at(-1);
    if (answer !== undefined && others.length > 0) {
      this.companions.show(answer, others);
    }
    const isTaken = await posted;
    this.isByItself = false;
    if (!isTaken) {
      this.companions.takeBack(others);
      this.branchFrom(branchPoint);
      if (compared !== null) {
        this.comparisons.open(compared);
      }
    } else if (others.length > 0) {
      void this.askToo(answer, others, isAllowed);
    }
    return isTaken;
  }

  /** The answer of several at the end that is looked at: what is said next goes below it, and then it stands alone. */
  get compared(): string | null {
    const head = this.tree.path.at(-1);
    return head !== undefined && this.comparisons.of(head) ? this.comparisons.at(head) : null;
  }

  private async askToo(
    answer: string | undefined,
    others: readonly Companion[],
    isAllowed: boolean
  ): Promise<void> {
    if (this.tree.head?.key !== answer) {
      // It had been sent before, and is shown as soon as it was looked up.
      this.companions.takeBack(others);
      await this.sync();
    }
    await this.companions.ask(this.tree.path.at(-1) ?? '', others, isAllowed);
  }

  /** Go on with `id`, one of several answers side by side. */
  async choose(id: string): Promise<void> {
    if (!this.tree.path.includes(id)) {
      await this.switchTo(id);
    }
    if (this.tree.path.includes(id)) {
      this.comparisons.close(id);
    }
  }

  /** What is being sent had waited for that; nobody asked for it just now. */
  get isSendingByItself(): boolean {
    return this.isPosting && this.isByItself;
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

  /** What is asked next may cost more than the person wanted to spend: they have just said so. */
  allowOverCeiling(): void {
    this.posting.isAllowed = true;
  }

  /** Say something else instead of `id`: a new branch beside it. */
  edit(id: string, ask: Ask): Promise<boolean> {
    const parent = this.tree.get(id)?.message.parent_id ?? null;
    return this.posting.start(ask, parent, { parts: ask.parts });
  }

  /** Another answer beside `id`; `instruction` says how it should differ ("Shorter"). */
  regenerate(id: string, model: string | null, instruction: string | null = null): Promise<boolean> {
    const parent = this.tree.get(id)?.message.parent_id ?? null;
    return this.posting.start({ parts: [], model, instruction }, parent, null);
  }

  /** An answer to `id`, a message of the user. */
  answer(id: string, model: string | null): Promise<boolean> {
    return this.posting.start({ parts: [], model }, id, null);
  }

  /** Ask again for an answer that failed: in its own place if it said nothing, so that no empty branch stays; else beside it. */
  retry(id: string, model: string | null): Promise<boolean> {
    const message = this.tree.get(id)?.message;
    return message?.parts.length === 0
      ? this.continueAnswer(id, model)
      : this.regenerate(id, model, message?.instruction);
  }

  /** Fold what was said before the question of `id`, an answer for which there was no room, and ask again. */
  async foldAndRetry(id: string, model: string | null): Promise<boolean> {
    const question = this.tree.get(id)?.message.parent_id;
    if (!question) {
      return false;
    }
    this.trouble.clear();
    try {
      return (await this.summaries.make('', model, question)) !== null && (await this.retry(id, model));
    } catch (thrown) {
      this.trouble.raise(thrown);
      return false;
    }
  }

  /** Keep other words for `id` as a branch beside it. Nobody is asked. */
  async save(id: string, parts: UserPart[], requestId: string = this.newId()): Promise<boolean> {
    const message = this.tree.get(id)?.message;
    const conversation = this.id;
    if (!message || !conversation || (message.role !== 'user' && message.role !== 'assistant')) {
      return false;
    }
    const { role, parent_id, model } = message;
    this.trouble.clear();
    return await this.reading.exclusively(async () => {
      const body = { client_request_id: requestId, parent_id, role, parts, model: model ?? null };
      const saved = await this.options.client.saveMessage(conversation, body);
      this.tree.grow({ ...saved, sibling_ids: [] });
      this.reading.follow();
      this.changed();
      return true;
    });
  }

  /** Go on with an answer that did not come to its end. */
  continueAnswer(id: string, model: string | null): Promise<boolean> {
    return this.posting.goOn(id, model);
  }

  /** The server may be back: what waits for it is sent at once. */
  hurry(): void {
    this.posting.hurry();
  }

  /** Stop the answer that is being written. What was said stays. */
  async stop(): Promise<void> {
    if (this.posting.giveUp()) {
      return;
    }
    const { id } = this.answering?.message ?? {};
    if (id) {
      const compared = this.comparisons.of(id);
      if (!compared) {
        this.companions.stop(id);
      }
      await Promise.all((compared ?? [id]).map(one => this.stopOne(one)));
    }
  }

  /** Stop the answer `id`, of several that are being written. */
  async stopOne(id: string): Promise<void> {
    const message = this.tree.get(id)?.message;
    const runId = message && isRunning(message) ? message.run_id : null;
    if (!runId) {
      return;
    }
    try {
      await this.options.client.stopRun(runId);
    } catch (thrown) {
      if (thrown instanceof ApiError && (thrown.status === 404 || thrown.status === 409)) {
        await this.sync();
      } else {
        this.trouble.raise(thrown, () => void this.stopOne(id));
      }
    }
  }

  // ---- deleting

  /** What was deleted last; null when it is too late to undo it. */
  get removal(): Removal | null {
    return this.removals.last;
  }

  /** Delete a message and all that follows it; it can be undone for a while. */
  remove(id: string): Promise<void> {
    return this.removals.remove(id);
  }

  undoRemoval(): Promise<void> {
    return this.removals.undo();
  }
}

function wait(work: () => void, ms: number): void {
  setTimeout(work, ms);
}
