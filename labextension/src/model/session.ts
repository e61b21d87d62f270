import { ApiError, errorInfo } from '../api/errors';
import type { Conversation, ErrorInfo, Message } from '../api/schema';
import { Attachments, type DraftPart } from './attachments';
import { ChatModel } from './chat';
import type { Hub } from './hub';
import { newId } from './ids';
import { isCut, isFile, isRunning, type Node, siblingsOf, textOf } from './node';
import { Observable } from './observable';
import { partsOf, type Queued, requestsOf, standing, type Standing } from './queue';

export type View = 'thread' | 'conversations' | 'providers';

/** A word about what has just been done, above the composer. */
export interface Note {
  readonly text: string;
  readonly isProblem: boolean;
}

/** Remembers which conversation a session shows, for as long as its place lasts: a browser, a tab of the layout. */
export interface Place {
  /** Tells drafts of new chats apart; empty for the side panel. */
  readonly name: string;
  get: () => string | null;
  set: (conversation: string | null) => void;
}

/**
 * One panel or tab: which conversation it shows, and what a person does there. What is shared by all of them (models,
 * providers, the list of conversations, drafts) is in the `Hub`.
 */
export class Session extends Observable {
  chat: ChatModel;
  view: View = 'thread';
  /** The provider that the provider view should begin with, because its key was refused. */
  providerWanted: string | null = null;
  /** The list of models is open. */
  isChoosingModel = false;
  /** The title is being edited. */
  isRenaming = false;
  /** Why the conversation that was asked for cannot be shown. */
  error: ErrorInfo | null = null;
  /** Files on their way to the server. */
  readonly attachments: Attachments;
  /** Said above the composer until something else is done. */
  note: Note | null = null;
  /** What was shown here was deleted elsewhere. */
  gone: { title: string | null } | null = null;
  /** What stands open above the composer. */
  card: 'help' | 'instructions' | 'several' | null = null;

  private readonly focusListeners = new Set<() => void>();
  private isFocusWanted = false;
  private started = false;
  private isShown = false;
  private wanted: string | null = null;
  /** The model for the conversation that does not exist yet. */
  private chosen: string | null = null;
  /** The message of the queue that goes next, whatever became of the answer before. */
  private urgent: string | null = null;
  /** The chat whose message is on its way right now. */
  private sendingIn: ChatModel | null = null;
  /** A message that could not be sent waits until a person says so. */
  private refused: string | null = null;
  /** Answers that were seen being written here. */
  private readonly witnessed = new Set<string>();
  private readonly stopPumping: () => void;

  constructor(
    readonly hub: Hub,
    private readonly place: Place
  ) {
    super();
    this.attachments = new Attachments(hub.options.client, () => hub.catalogue.config?.limits['file_bytes']);
    this.chat = this.makeChat(null);
    this.stopPumping = hub.queue.subscribe(() => {
      this.pump();
    });
  }

  /** Whether it is a tab of its own; the side panel is not. */
  get isTab(): boolean {
    return this.place.name !== '';
  }

  /** Show what was shown here last; called when the session is first seen. */
  start(): void {
    if (this.started) {
      return;
    }
    this.started = true;
    const { hub } = this;
    const last = this.place.get();
    if (last) {
      void this.open(last);
    }
    void hub.start().then(() => {
      // A browser that was never here before joins what is being answered now.
      const running =
        last === null && this.place.name === '' ? hub.conversations.items.find(item => item.running) : null;
      if (running && this.chat.id === null && !hub.drafts.get(this.draftKey).text) {
        void this.open(running.id);
      }
    });
  }

  /** Nobody looks at it any more. What is being answered goes on. */
  dispose(): void {
    this.stopPumping();
    this.chat.dispose();
    this.hub.leave(this);
  }

  // ---- what is shown

  async open(id: string): Promise<void> {
    this.view = 'thread';
    this.error = null;
    this.gone = null;
    if (this.chat.id === id) {
      this.markRead();
      this.changed();
      return;
    }
    this.wanted = id;
    try {
      const { conversations, client } = this.hub;
      const known = conversations.items.find(item => item.id === id) ?? (await client.conversation(id));
      if (this.wanted === id) {
        this.showChat(this.makeChat(known));
        await this.chat.load();
      }
    } catch (thrown) {
      if (thrown instanceof ApiError && thrown.status === 404) {
        this.newChat();
      } else {
        this.error = errorInfo(thrown);
        this.changed();
      }
    }
  }

  newChat(): void {
    this.wanted = null;
    this.chosen = null;
    this.view = 'thread';
    this.error = null;
    this.gone = null;
    if (this.chat.id !== null || this.chat.tree.path.length > 0) {
      this.showChat(this.makeChat(null));
    } else {
      this.changed();
    }
    this.remember();
    this.focusComposer();
  }

  show(view: View, provider: string | null = null): void {
    this.view = view;
    this.providerWanted = provider;
    this.markRead();
    this.changed();
  }

  /** Open or close the list of models. */
  chooseModel(isOpen = true): void {
    this.isChoosingModel = isOpen;
    if (isOpen && this.view !== 'thread') {
      this.show('thread');
    } else {
      this.changed();
    }
  }

  /** Let the person edit the title. */
  beginRename(): void {
    if (this.chat.id !== null) {
      this.isRenaming = true;
      this.show('thread');
    }
  }

  endRename(): void {
    this.isRenaming = false;
    this.changed();
  }

  /** Give the conversation that is shown another title. */
  async rename(title: string): Promise<void> {
    const { id } = this.chat;
    if (id) {
      this.chat.setConversation({ title });
      await this.hub.conversations.rename(id, title);
    }
  }

  // ---- asking

  /** Where the draft of what is shown is kept. */
  get draftKey(): string | null {
    return this.chat.id ?? (this.place.name || null);
  }

  /** The model that answers next here. */
  get model(): string | null {
    return this.chat.conversation?.model ?? this.chosen ?? this.hub.catalogue.preferred;
  }

  setModel(id: string): void {
    const { catalogue, client } = this.hub;
    catalogue.prefer(id);
    this.chosen = id;
    const conversation = this.chat.id;
    if (conversation) {
      this.chat.setConversation({ model: id });
      void client.updateConversation(conversation, { model: id }).catch(() => {
        // The next run says it again.
      });
    }
    const isDemo = id === catalogue.demo?.id;
    if (!isDemo && !catalogue.get(catalogue.config?.default_model)?.available) {
      void client.updateSettings({ default_model: id }).catch(() => {
        // Locked by an administrator: this browser remembers it.
      });
    }
    this.changed();
  }

  /** A provider was set up: use its first model and go on writing. */
  begin(provider: string): void {
    const model = this.hub.catalogue.models.find(one => one.provider === provider && one.available);
    if (model) {
      this.setModel(model.id);
    }
    this.show('thread');
    this.focusComposer();
  }

  /** Write for the person, who may still change it. */
  suggest(text: string): void {
    this.hub.drafts.set(this.draftKey, { text });
    this.focusComposer();
  }

  /** Attach files to what is being written here. True when all could be. */
  attach(files: readonly File[], facts: { isPaste?: boolean } = {}): Promise<boolean> {
    const { chat } = this;
    return this.attachments.add(
      files,
      part => {
        const { drafts } = this.hub;
        const key = this.keyOf(chat);
        drafts.set(key, { files: [...drafts.get(key).files, part] });
      },
      facts
    );
  }

  /** Attach a part that the server has already, a quote say. */
  attachPart(part: DraftPart): void {
    const { drafts } = this.hub;
    drafts.set(this.draftKey, { files: [...drafts.get(this.draftKey).files, part] });
    this.focusComposer();
  }

  /** Whether an answer is being written here, or will be in a moment. */
  get isAnswering(): boolean {
    return this.chat.running !== null || this.chat.isPosting || this.sendingIn === this.chat;
  }

  /** Whether there is something to send, and somebody to send it to. */
  get canSend(): boolean {
    const { text, files, model } = this.hub.drafts.get(this.draftKey);
    return (
      (text.trim() !== '' || files.length > 0) && !this.attachments.isBusy && (model ?? this.model) !== null
    );
  }

  /** Send the draft, to several models if so many are named. While an answer is being written, it waits for its end. */
  send(models: readonly string[] = []): void {
    if (!this.canSend) {
      return;
    }
    const { draftKey } = this;
    const { drafts, queue } = this.hub;
    const { text, files, requestId, model, system } = drafts.get(draftKey);
    const id = requestId ?? newId();
    drafts.forget(draftKey);
    this.attachments.forgetProblems();
    this.say(null);
    const isAtOnce = !this.isAnswering;
    if (isAtOnce) {
      this.urgent = id;
    }
    const answering = models.length > 0 ? models : model !== null ? [model] : [];
    const after = this.chat.running?.message.run_id ? this.chat.running.message.id : null;
    queue.add(draftKey, { id, text, files, models: answering, system, after }, isAtOnce);
  }

  /** What waits for the end of the answer, in order. */
  get waiting(): readonly Queued[] {
    return this.hub.queue.waiting(this.draftKey);
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
        isBusy: this.isAnswering || chat.isLoading || (chat.id !== null && !head),
        hasFailed: chat.failure !== null || this.refused === item.id,
        path,
        head: head?.message,
        isWitness: head !== undefined && this.witnessed.has(head.message.id)
      },
      this.hub.queue.isFresh(item)
    );
  }

  /** Send a message that waits without waiting: the answer that is being written ends here, and what it has said stays. */
  sendNow(id: string): void {
    this.urgent = id;
    if (this.chat.running || this.chat.isPosting) {
      void this.chat.stop();
    }
    this.pump();
  }

  /** Take a message that waits back into the composer. */
  editQueued(id: string): void {
    const item = this.hub.queue.remove(id);
    if (item) {
      const { text, files, models } = item;
      this.hub.drafts.append(this.draftKey, { text, files, model: models[0] ?? null });
      this.focusComposer();
    }
  }

  openHelp(): void {
    this.openCard('help');
  }

  openInstructions(): void {
    this.openCard('instructions');
  }

  /** Ask which models should answer what is written. */
  openSeveral(): void {
    if (this.canSend) {
      this.openCard('several');
    }
  }

  closeCard(): void {
    this.openCard(null);
  }

  /** What the models are told in this conversation before anything is said. */
  get instructions(): string {
    const { system } = (this.chat.conversation?.params ?? {}) as { system?: string | null };
    return this.chat.conversation ? (system ?? '') : (this.hub.drafts.get(this.draftKey).system ?? '');
  }

  /** Tell the models this in this conversation; nothing: no longer. */
  async instruct(text: string): Promise<void> {
    const { chat } = this;
    const system = text.trim() || null;
    if (chat.conversation && chat.id) {
      const params = { ...chat.conversation.params, system };
      chat.setConversation(await this.hub.client.updateConversation(chat.id, { params }));
    } else {
      this.hub.drafts.set(this.draftKey, { system });
    }
    this.changed();
  }

  private openCard(card: Session['card']): void {
    this.card = card;
    this.note = null;
    this.changed();
  }

  /** Say something above the composer; null: what was said is over. */
  say(text: string | null, isProblem = false): void {
    if (text !== null || this.note !== null) {
      this.note = text === null ? null : { text, isProblem };
      this.changed();
    }
  }

  // ---- what is done with messages

  /** The answer that is shown last. */
  get lastAnswer(): Node | null {
    return this.last(({ role }) => role === 'assistant');
  }

  /** What the person said last. */
  get lastQuestion(): Node | null {
    return this.last(({ role }) => role === 'user');
  }

  /** The message shown last that has branches beside it. */
  get lastBranching(): Node | null {
    return this.last(message => siblingsOf(message).length > 1);
  }

  /** Say what was said last in other words. False: nothing was said yet. */
  editLast(): boolean {
    const node = this.lastQuestion;
    if (!node || this.chat.isPosting) {
      return false;
    }
    this.chat.edits.begin(node.message.id);
    void this.chat.reveal(node.message.id);
    return true;
  }

  /** Another answer to what was said last; by another model, or as `instruction` says. */
  regenerateLast(instruction: string | null = null, model: string | null = this.model): Promise<boolean> {
    const node = this.lastAnswer;
    const canAsk = node && !isRunning(node.message) && !this.chat.isPosting;
    return canAsk ? this.chat.regenerate(node.message.id, model, instruction) : Promise.resolve(false);
  }

  /** Whether the last answer did not come to its end. */
  get canContinue(): boolean {
    const { head } = this.chat.tree;
    return head !== undefined && isCut(head.message) && !this.chat.isPosting;
  }

  continueLast(): Promise<boolean> {
    const { head } = this.chat.tree;
    return head && this.canContinue
      ? this.chat.continueAnswer(head.message.id, this.model)
      : Promise.resolve(false);
  }

  /** Show the branch before (-1) or after (1) the one that is shown, of the last message that has any. */
  async stepBranch(step: -1 | 1, id: string | undefined = this.lastBranching?.message.id): Promise<boolean> {
    const message = id === undefined ? undefined : this.chat.node(id)?.message;
    const siblings = message ? siblingsOf(message) : [];
    const to = message ? siblings[siblings.indexOf(message.id) + step] : undefined;
    if (to === undefined || this.chat.isPosting) {
      return false;
    }
    await this.chat.switchTo(to);
    return true;
  }

  previousBranch(): Promise<boolean> {
    return this.stepBranch(-1);
  }

  nextBranch(): Promise<boolean> {
    return this.stepBranch(1);
  }

  /** Delete the last message; it can be undone for a while. */
  async deleteLast(): Promise<void> {
    const { head } = this.chat.tree;
    if (head && !isRunning(head.message)) {
      await this.chat.remove(head.message.id);
    }
  }

  /** Put words of a message into the draft, to write about them. */
  quote(messageId: string, text: string): void {
    const words = text.trim();
    if (words) {
      const { drafts } = this.hub;
      const { files } = drafts.get(this.draftKey);
      drafts.set(this.draftKey, { files: [...files, { type: 'quote', message_id: messageId, text: words }] });
      this.show('thread');
      this.focusComposer();
    }
  }

  /** The question `id` in a chat of its own, without what came before it. It is not sent yet. */
  askAnew(id: string): void {
    const parts = this.chat.node(id)?.message.parts ?? [];
    const files = parts.filter(isFile);
    this.newChat();
    this.hub.drafts.set(this.draftKey, { text: textOf(parts), files });
    this.focusComposer();
  }

  private last(isWanted: (message: Message) => boolean): Node | null {
    const { path } = this.chat.tree;
    for (let at = path.length - 1; at >= 0; at--) {
      const node = this.chat.node(path[at] ?? '');
      if (node && isWanted(node.message)) {
        return node;
      }
    }
    return null;
  }

  // ---- where the cursor is

  /** Put the cursor into the composer, now or when it is there. */
  focusComposer(): void {
    this.isFocusWanted = this.focusListeners.size === 0;
    this.focusListeners.forEach(listener => {
      listener();
    });
  }

  onFocusComposer(listener: () => void): () => void {
    this.focusListeners.add(listener);
    if (this.isFocusWanted) {
      this.isFocusWanted = false;
      listener();
    }
    return () => this.focusListeners.delete(listener);
  }

  // ---- what the hub says

  /** Something about these conversations is known better now. */
  adopt(conversations: readonly Conversation[]): void {
    const known = conversations.find(item => item.id === this.chat.id);
    if (known) {
      this.chat.adopt(known);
      this.markRead();
    }
  }

  /** A person can see the panel, or no longer. */
  setShown(isShown: boolean): void {
    this.isShown = isShown;
    this.markRead();
  }

  /** What a person has before their eyes is read. */
  markRead(): void {
    const { conversation } = this.chat;
    if (conversation?.unread && this.isShown && this.hub.isPageShown && this.view === 'thread') {
      this.chat.setConversation({ unread: false });
      void this.hub.conversations.markRead(conversation.id);
    }
  }

  /** Nothing has been begun here since what was shown was deleted. */
  get isUntouched(): boolean {
    return this.chat.id === null && this.chat.tree.path.length === 0;
  }

  /** The conversation that is shown is deleted; the view stays. */
  lose(): void {
    const { view } = this;
    this.newChat();
    this.show(view);
  }

  /** It is back; the view stays. */
  async regain(id: string): Promise<void> {
    const { view } = this;
    const opening = this.open(id);
    this.show(view);
    await opening;
  }

  /** It was deleted elsewhere. What was being written stays here. */
  noteGone(id: string): void {
    if (this.chat.id === id) {
      const title = this.chat.conversation?.title ?? null;
      const draft = this.draftKey;
      this.lose();
      const { drafts, queue } = this.hub;
      drafts.unsent(draft);
      drafts.move(draft, this.draftKey);
      for (const { id: waiting, text, files } of queue.waiting(id)) {
        queue.remove(waiting);
        drafts.append(this.draftKey, { text, files });
      }
      this.gone = { title };
      this.changed();
    }
  }

  dismissGone(): void {
    this.gone = null;
    this.changed();
  }

  // ---- how

  private makeChat(conversation: Conversation | null): ChatModel {
    const { client, stream, schedule } = this.hub.options;
    let isKnown = conversation !== null;
    const chat = new ChatModel(
      {
        client,
        stream,
        schedule,
        onConversation: changed => {
          if (!isKnown) {
            // What was written while there was no conversation is written in this one.
            isKnown = true;
            this.hub.drafts.move(this.place.name || null, changed.id);
            this.hub.queue.move(this.place.name || null, changed.id);
          }
          this.hub.conversations.learn(changed);
          if (chat === this.chat) {
            this.remember();
          }
        },
        onUnmade: id => {
          this.hub.conversations.forget(id);
          if (chat === this.chat) {
            this.remember();
          }
        },
        onGone: id => {
          this.hub.noteGone(id);
        }
      },
      conversation
    );
    chat.subscribe(() => {
      if (chat === this.chat) {
        this.witness();
        this.pump();
      }
    });
    return chat;
  }

  /** Where the draft of a chat is kept. */
  private keyOf(chat: ChatModel): string | null {
    return chat.id ?? (this.place.name || null);
  }

  /** Remember which answers were being written here, and let what waits know them by name. */
  private witness(): void {
    const { id, run_id } = this.chat.running?.message ?? {};
    if (id && run_id) {
      this.witnessed.add(id);
      this.hub.queue.settle(this.draftKey, id);
    }
  }

  /** Send what waits, if it may go. */
  private pump(): void {
    const { chat, waiting } = this;
    if (this.sendingIn || chat.running || chat.isPosting || waiting.length === 0) {
      return;
    }
    const urgent = waiting.find(item => item.id === this.urgent);
    const item = urgent ?? (this.standing === 'go' ? waiting[0] : undefined);
    if (item && (urgent || this.started)) {
      void this.dispatch(chat, item);
    }
  }

  private async dispatch(chat: ChatModel, item: Queued): Promise<void> {
    const { queue, drafts } = this.hub;
    this.sendingIn = chat;
    if (!queue.claim(item.id)) {
      this.sendingIn = null;
      return;
    }
    this.refused = null;
    this.urgent = this.urgent === item.id ? null : this.urgent;
    const { id: requestId, text, files, system } = item;
    const [model = this.model, ...others] = item.models;
    const isTaken = await chat.send({ parts: partsOf(item), model, requestId, system });
    if (isTaken) {
      queue.remove(requestId);
      const answer = chat.tree.head?.message.id;
      if (answer && others.length > 0) {
        void chat.alsoAsk(answer, requestsOf(requestId, others));
      }
    } else {
      const { text: typed, files: attached } = drafts.get(this.keyOf(chat));
      if (typed || attached.length) {
        this.refused = requestId;
        queue.release(requestId);
      } else {
        queue.remove(requestId);
        const kept = { requestId, model: item.models[0] ?? null, system: chat.id ? null : system };
        drafts.set(this.keyOf(chat), { text, files, ...kept });
      }
    }
    this.sendingIn = null;
    this.changed();
    this.pump();
  }

  private showChat(chat: ChatModel): void {
    this.isRenaming = false;
    this.chat.dispose();
    this.chat = chat;
    this.note = null;
    this.card = null;
    this.attachments.forgetProblems();
    this.remember();
    this.markRead();
    this.changed();
  }

  private remember(): void {
    this.place.set(this.chat.id);
    this.hub.noteShown();
  }
}
