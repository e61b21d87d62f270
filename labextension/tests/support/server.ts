import { ApiError, OFFLINE } from '../../src/api/errors';
import type {
  Conversation,
  CopyStart,
  ForkStart,
  Head,
  Message,
  MessageChanges,
  MessageDraft,
  Parameter,
  Preset,
  PresetChanges,
  PresetStart,
  RunAccepted,
  RunEvent,
  RunRequest,
  Summaries,
  Summary,
  SummaryChanges,
  SummaryDraft
} from '../../src/api/schema';
import type { Watcher } from '../../src/api/stream';
import type { Page } from '../../src/api/types';
import type { ChatClient } from '../../src/model/chat';
import { asked, conversation, message, summary } from './values';

/**
 * A server that keeps a tree as the contract says: enough to talk to a `ChatModel` without a network. Runs say nothing by
 * themselves; a test says it for them with `say`.
 */
export class FakeServer implements ChatClient {
  messagesById = new Map<string, Message>();
  head: string | null = null;
  runs = new Map<string, RunAccepted>();
  events = new Map<string, RunEvent[]>();
  stopped: string[] = [];
  /** What runs were started with, without repetitions. */
  bodies: RunRequest[] = [];
  /** What was asked to be different about conversations. */
  changes: object[] = [];
  /** What conversations were made with. */
  drafts: object[] = [];
  parametersAsked: string[] = [];
  /** What every model takes. */
  taken: Parameter[] = [];
  presetList: Preset[] = [];
  deleted: string[] = [];
  calls: string[] = [];
  isDown = false;
  /** The next run is taken, but its answer gets lost on the way back. */
  losesAnswer = false;
  refusal: ApiError | null = null;
  private readonly watchers = new Map<string, Set<Watcher>>();
  private readonly removed = new Map<string, { removed: Message[]; head: string | null }>();
  private count = 0;

  readonly stream = {
    watch: (runId: string, after: number, watcher: Watcher): (() => void) => {
      const watchers = this.watchers.get(runId) ?? new Set();
      this.watchers.set(runId, watchers.add(watcher));
      for (const event of this.events.get(runId) ?? []) {
        if (event.seq > after) {
          watcher.event(event);
        }
      }
      return () => watchers.delete(watcher);
    }
  };

  add(...messages: Message[]): this {
    for (const one of messages) {
      this.messagesById.set(one.id, one);
      this.head = one.id;
    }
    return this;
  }

  /** What a run says next; everybody who watches hears it. */
  say(...events: RunEvent[]): void {
    for (const event of events) {
      this.events.set(event.run_id, [...(this.events.get(event.run_id) ?? []), event]);
      this.watchers.get(event.run_id)?.forEach(watcher => {
        watcher.event(event);
      });
    }
  }

  isWatched(runId: string): boolean {
    return (this.watchers.get(runId)?.size ?? 0) > 0;
  }

  createConversation(body: { params?: object | null } = {}): Promise<Conversation> {
    return this.answer('create', () => {
      this.drafts.push(body);
      return conversation('c1', { title: null, params: { ...body.params } });
    });
  }

  parameters(model: string): Promise<Page<Parameter>> {
    this.parametersAsked.push(model);
    return this.answer('parameters', () => ({ items: this.taken, next: null }));
  }

  presets(): Promise<Page<Preset>> {
    return this.answer('presets', () => ({ items: this.presetList, next: null }));
  }

  savePreset({
    client_request_id: id,
    name,
    model,
    params,
    tools,
    default: isDefault
  }: PresetStart): Promise<Preset> {
    return this.answer('savePreset', () => {
      const saved: Preset = {
        id,
        name,
        model: model ?? null,
        params: { ...params },
        tools: tools ?? [],
        default: isDefault ?? false,
        locked: false
      };
      this.presetList = [...this.presetList, saved];
      return saved;
    });
  }

  updatePreset(id: string, changes: PresetChanges): Promise<Preset> {
    return this.answer('updatePreset', () => {
      const before = this.presetList.find(one => one.id === id)!;
      const after = { ...before, ...changes } as Preset;
      this.presetList = this.presetList.map(one => (one.id === id ? after : one));
      return after;
    });
  }

  deletePreset(id: string): Promise<void> {
    return this.answer('deletePreset', () => {
      this.presetList = this.presetList.filter(one => one.id !== id);
    });
  }

  deleteConversation(id: string): Promise<void> {
    return this.answer('delete', () => {
      this.deleted.push(id);
    });
  }

  conversation(id: string): Promise<Conversation> {
    return this.answer('conversation', () => conversation(id));
  }

  updateConversation(id: string, changes: { head_id?: string | null }): Promise<Conversation> {
    return this.answer('update', () => {
      this.changes.push(changes);
      this.head = changes.head_id ?? this.head;
      return conversation(id, { head_id: this.head });
    });
  }

  messages(
    _id: string,
    query: { leaf?: string; limit?: number; cursor?: string } = {}
  ): Promise<Page<Message>> {
    return this.answer('messages', () => {
      const path = this.path(query.leaf ?? this.head);
      const end = query.cursor === undefined ? path.length : Number(query.cursor);
      const start = Math.max(0, end - (query.limit ?? path.length));
      return { items: path.slice(start, end), next: start > 0 ? String(start) : null };
    });
  }

  tree(): Promise<Page<Message & { model: string | null }>> {
    return this.answer('tree', () => ({
      items: [...this.messagesById.values()].map(one => ({ ...one, model: one.model ?? null })),
      next: null
    }));
  }

  startRun(_id: string, body: RunRequest): Promise<RunAccepted> {
    return this.answer('run', () => {
      if (this.refusal) {
        throw this.refusal;
      }
      const accepted = this.runs.get(body.client_request_id) ?? this.begin(body);
      if (this.losesAnswer) {
        this.losesAnswer = false;
        throw new ApiError(0, OFFLINE, 'gone');
      }
      return accepted;
    });
  }

  stopRun(id: string): Promise<never> {
    return this.answer('stop', () => {
      this.stopped.push(id);
      return undefined as never;
    });
  }

  saveMessage(_id: string, body: MessageDraft): Promise<Message> {
    return this.answer('save', () => {
      if (this.refusal) {
        throw this.refusal;
      }
      const { parent_id = null, role, parts, model } = body;
      const saved = message(`s${++this.count}`, { parent_id, role, parts, model });
      this.add(saved);
      return { ...saved, sibling_ids: this.siblings(saved) };
    });
  }

  deleteMessage(_id: string, messageId: string): Promise<Head> {
    return this.answer('delete', () => {
      if (this.refusal) {
        throw this.refusal;
      }
      const gone = this.messagesById.get(messageId);
      const all = [...this.messagesById.values()];
      const below = (id: string): Message[] =>
        all.filter(one => one.parent_id === id).flatMap(one => [one, ...below(one.id)]);
      const removed = gone ? [gone, ...below(messageId)] : [];
      removed.forEach(one => this.messagesById.delete(one.id));
      this.removed.set(messageId, { removed, head: this.head });
      if (removed.some(one => one.id === this.head)) {
        this.head = (gone && this.siblings(gone).at(-1)) ?? gone?.parent_id ?? null;
      }
      return { head_id: this.head };
    });
  }

  restoreMessage(_id: string, messageId: string): Promise<Head> {
    return this.answer('restore', () => {
      const { removed, head } = this.removed.get(messageId) ?? { removed: [], head: null };
      this.add(...removed);
      this.head = head;
      return { head_id: head };
    });
  }

  summariesList: Summary[] = [];
  summaryDrafts: SummaryDraft[] = [];

  summaries(): Promise<Summaries> {
    return this.answer('summaries', () => ({ items: this.summariesList, making: false }));
  }

  makeSummary(conversation_id: string, body: SummaryDraft): Promise<Summary> {
    this.summaryDrafts.push(body);
    return this.answer('makeSummary', () => {
      if (this.refusal) {
        throw this.refusal;
      }
      const made = summary(`sum${++this.count}`, {
        conversation_id,
        instructions: body.instructions ?? null
      });
      this.summariesList.push(made);
      return made;
    });
  }

  stopSummary(): Promise<void> {
    return this.answer('stopSummary', () => undefined);
  }

  changeSummary(_id: string, id: string, changes: SummaryChanges): Promise<Summary> {
    return this.answer('changeSummary', () => {
      this.summariesList = this.summariesList.map(one =>
        one.id === id ? { ...one, ...changes, edited: one.edited || 'text' in changes } : one
      );
      return this.summariesList.find(one => one.id === id)!;
    });
  }

  fork(_id: string, { mode, title }: ForkStart): Promise<Conversation> {
    return this.answer('fork', () => conversation('c2', { title: title ?? mode ?? null }));
  }

  duplicate(_id: string, { title }: CopyStart): Promise<Conversation> {
    return this.answer('duplicate', () => conversation('c2', { title: title ?? null }));
  }

  changeMessage(_id: string, messageId: string, { rating, ...changes }: MessageChanges): Promise<Message> {
    return this.answer('changeMessage', () => {
      if (this.refusal) {
        throw this.refusal;
      }
      const before = this.messagesById.get(messageId);
      const rated_at = '2026-11-20T12:00:00Z';
      const rated = rating === undefined ? before?.rating : rating && { ...rating, rated_at };
      const changed = message(messageId, { ...before, ...changes, rating: rated ?? null });
      this.messagesById.set(messageId, changed);
      return changed;
    });
  }

  private begin(body: RunRequest): RunAccepted {
    const run_id = `r${++this.count}`;
    const { head } = this;
    this.bodies.push(body);
    let parent = body.parent_id ?? null;
    let user_message_id: string | null = null;
    if (body.message) {
      user_message_id = `u${this.count}`;
      this.add(asked(user_message_id, '', { parent_id: parent, parts: body.message.parts }));
      parent = user_message_id;
    }
    const message_id = body.continue ?? `a${this.count}`;
    const before = this.messagesById.get(message_id);
    this.add(
      message(message_id, {
        parent_id: parent,
        parts: before?.parts ?? [],
        instruction: body.instruction ?? null,
        model: body.model ?? null,
        ...before,
        status: 'running',
        run_id
      })
    );
    this.head = body.head === false ? head : this.head;
    const accepted = { run_id, user_message_id, message_id };
    this.runs.set(body.client_request_id, accepted);
    return accepted;
  }

  private path(leaf: string | null): Message[] {
    const path: Message[] = [];
    for (let at = leaf; at !== null; at = this.messagesById.get(at)?.parent_id ?? null) {
      const one = this.messagesById.get(at);
      if (one) {
        path.unshift({ ...one, sibling_ids: this.siblings(one) });
      }
    }
    return path;
  }

  private siblings(one: Message): string[] {
    return [...this.messagesById.values()]
      .filter(other => other.parent_id === one.parent_id)
      .map(other => other.id);
  }

  private async answer<T>(call: string, work: () => T): Promise<T> {
    this.calls.push(call);
    await Promise.resolve();
    if (this.isDown) {
      throw new ApiError(0, OFFLINE, 'The Jupyter server cannot be reached.');
    }
    return work();
  }
}
