import type { ChatModel } from './chat';
import type { Drafts } from './drafts';
import { partsOf, type Queue, type Queued, requestsOf, standing, type Standing } from './queue';

export interface OutboxOptions {
  queue: Queue;
  drafts: Drafts;
  /** The chat that is shown. */
  chat: () => ChatModel;
  /** Where the draft of a chat is kept, and what waits in it. */
  keyOf: (chat: ChatModel) => string | null;
  /** The model that answers next. */
  model: () => string | null;
  /** Whether a person has seen the panel: nothing goes by itself before. */
  isStarted: () => boolean;
  changed: () => void;
}

/** Sends what waits in the chat that is shown, one message after the other, as soon as each may go. */
export class Outbox {
  /** The message that goes next, whatever became of the answer before. */
  private urgent: string | null = null;
  /** The chat whose message is on its way right now. */
  private sendingIn: ChatModel | null = null;
  /** A message that could not be sent waits until a person says so. */
  private refused: string | null = null;
  /** Answers that were seen being written here. */
  private readonly witnessed = new Set<string>();
  private readonly stopPumping: () => void;

  constructor(private readonly options: OutboxOptions) {
    this.stopPumping = options.queue.subscribe(() => {
      this.pump();
    });
  }

  dispose(): void {
    this.stopPumping();
    this.options.queue.disown(this);
  }

  /** Whether an answer is being written, or will be in a moment. */
  get isBusy(): boolean {
    const { chat } = this;
    return chat.answering !== null || chat.isPosting || this.sendingIn === chat;
  }

  /** What waits for the end of the answer, in order. */
  get waiting(): readonly Queued[] {
    return this.options.queue.waiting(this.key);
  }

  /** Whether the first message that waits will go by itself, and if not, why not. */
  get standing(): Standing {
    const { chat } = this;
    const [item] = this.waiting;
    if (!item) {
      return 'wait';
    }
    const { head, path } = chat.tree;
    return standing(
      item,
      {
        isBusy: this.isBusy || chat.isLoading || (chat.id !== null && !head),
        hasFailed: chat.failure !== null || this.refused === item.id,
        path,
        head: head?.message,
        isWitness: head !== undefined && this.witnessed.has(head.message.id)
      },
      this.options.queue.isFresh(item)
    );
  }

  /** Put a message in: it goes at once, or after the answer that is being written. */
  add(item: Omit<Queued, 'after' | 'at' | 'claim'>): void {
    const isAtOnce = !this.isBusy;
    if (isAtOnce) {
      this.urge(item.id);
    }
    const running = this.chat.running?.message;
    const after = running?.run_id ? running.id : null;
    this.options.queue.add(this.key, { ...item, after }, isAtOnce);
  }

  /** Send a message without waiting: the answer that is being written ends here, and what it has said stays. */
  sendNow(id: string): void {
    this.urge(id);
    if (this.chat.answering || this.chat.isPosting) {
      void this.chat.stop();
    }
    this.pump();
  }

  /** Send the message that the server had refused, if it waits here. */
  sendRefused(): boolean {
    const id = this.refused;
    if (id === null || !this.waiting.some(item => item.id === id)) {
      return false;
    }
    this.sendNow(id);
    return true;
  }

  /** Take a message back into the draft. False when it is not here any more. */
  takeBack(id: string): boolean {
    const item = this.options.queue.remove(id);
    if (item) {
      const { text, files, models } = item;
      this.options.drafts.append(this.key, { text, files, model: models[0] ?? null });
    }
    return item !== undefined;
  }

  /** Something happened in the chat that is shown. */
  notice(): void {
    this.witness();
    this.pump();
  }

  /** It goes next, and from here: what is said belongs where the person was who said it. */
  private urge(id: string): void {
    this.urgent = id;
    this.options.queue.own(id, this);
  }

  private get chat(): ChatModel {
    return this.options.chat();
  }

  private get key(): string | null {
    return this.options.keyOf(this.chat);
  }

  /** Remember which answers were being written here, and let what waits know them by name. */
  private witness(): void {
    const { id, run_id } = this.chat.running?.message ?? {};
    if (id && run_id) {
      this.witnessed.add(id);
      this.options.queue.settle(this.key, id);
    }
  }

  /** Send what waits, if it may go. */
  private pump(): void {
    const { chat, waiting } = this;
    if (this.sendingIn || chat.answering || chat.isPosting || waiting.length === 0) {
      return;
    }
    const urgent = waiting.find(item => item.id === this.urgent);
    const item = urgent ?? (this.standing === 'go' ? waiting[0] : undefined);
    if (item && !this.options.queue.isOthers(item.id, this) && (urgent || this.options.isStarted())) {
      void this.dispatch(chat, item, !urgent);
    }
  }

  private async dispatch(chat: ChatModel, item: Queued, isByItself: boolean): Promise<void> {
    const { queue, changed } = this.options;
    this.sendingIn = chat;
    if (!queue.claim(item.id)) {
      this.sendingIn = null;
      return;
    }
    this.refused = null;
    this.urgent = this.urgent === item.id ? null : this.urgent;
    const [model = this.options.model(), ...others] = item.models;
    const { id: requestId, params } = item;
    const ask = { parts: partsOf(item), model, requestId, params, isByItself };
    const isTaken = await chat.send(ask, requestsOf(requestId, others));
    if (isTaken) {
      queue.remove(requestId);
    } else {
      this.giveBack(chat, item);
    }
    this.sendingIn = null;
    changed();
    this.pump();
  }

  /** It could not be sent: it goes back into the draft, or waits where something else is being written. */
  private giveBack(chat: ChatModel, { id: requestId, text, files, models, params }: Queued): void {
    const { queue, drafts, keyOf } = this.options;
    const { text: typed, files: attached } = drafts.get(keyOf(chat));
    if (typed || attached.length) {
      this.refused = requestId;
      queue.release(requestId);
    } else {
      queue.remove(requestId);
      const kept = { requestId, model: models[0] ?? null, params: chat.id ? null : params };
      drafts.set(keyOf(chat), { text, files, ...kept });
    }
  }
}
