import { ApiError, errorInfo } from '../api/errors';
import type { Conversation, ErrorInfo } from '../api/schema';
import { Attachments, type DraftPart } from './attachments';
import { ChatModel } from './chat';
import { Choice } from './choice';
import { Cue } from './cue';
import { Desk } from './desk';
import type { Hub } from './hub';
import { newId } from './ids';
import { Latest } from './latest';
import { isFile, textOf } from './node';
import { Observable } from './observable';
import { Outbox } from './outbox';
import { SideList } from './sidelist';

export type View = 'thread' | 'conversations' | 'providers';

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
  /** The conversation whose title is being edited in the list. */
  renamingListed: string | null = null;
  /** Why the conversation that was asked for cannot be shown. */
  error: ErrorInfo | null = null;
  /** Files on their way to the server. */
  readonly attachments: Attachments;
  /** What was shown here was deleted elsewhere. */
  gone: { title: string | null } | null = null;
  /** What stands above the composer. */
  readonly desk: Desk;
  /** What waits to be sent here. */
  readonly outbox: Outbox;
  /** The messages shown last. */
  readonly latest: Latest;

  private readonly choice: Choice;
  private readonly focus = new Cue<null>();
  private readonly finding = new Cue<null>();
  private readonly sideList: SideList;
  private started = false;
  private isShown = false;
  private wanted: string | null = null;

  constructor(
    readonly hub: Hub,
    private readonly place: Place
  ) {
    super();
    this.attachments = new Attachments(hub.options.client, () => hub.catalogue.config?.limits['file_bytes']);
    this.chat = this.makeChat(null);
    this.sideList = new SideList(hub.storage);
    const { catalogue, client, queue, drafts } = hub;
    const changed = (): void => {
      this.changed();
    };
    const chat = (): ChatModel => this.chat;
    const model = (): string | null => this.model;
    this.desk = new Desk(changed);
    this.choice = new Choice({ catalogue, client, chat });
    this.latest = new Latest({ chat, model });
    this.outbox = new Outbox({
      queue,
      drafts,
      chat,
      model,
      changed,
      keyOf: one => this.keyOf(one),
      isStarted: () => this.started
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
    this.outbox.dispose();
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
    this.choice.forget();
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
    if (view === 'conversations') {
      if (this.sideList.isPossible) {
        this.sideList.set(true);
      }
      this.finding.give(null);
    }
    this.view = view === 'conversations' && this.sideList.isPossible ? 'thread' : view;
    this.providerWanted = provider;
    this.markRead();
    this.changed();
  }

  /** The list of conversations is seen, beside the thread or instead of it. */
  get hasList(): boolean {
    return this.view === 'conversations' || this.sideList.isShown;
  }

  toggleList(): void {
    if (!this.sideList.isPossible) {
      this.show(this.view === 'conversations' ? 'thread' : 'conversations');
    } else {
      this.sideList.set(!this.sideList.isShown);
      this.changed();
    }
  }

  /** There is room for the list beside the thread, or no longer. */
  setWide(isWide: boolean): void {
    if (this.sideList.setRoom(isWide)) {
      if (isWide && this.view === 'conversations') {
        this.show('conversations');
      } else {
        this.changed();
      }
    }
  }

  /** Called when the search field of the list should have the cursor, now or when it is there. */
  onFind(listener: () => void): () => void {
    return this.finding.on(listener);
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

  /** Whoever writes a title keeps the cursor. */
  get isEditingTitle(): boolean {
    return this.isRenaming || this.renamingListed !== null;
  }

  /** Let the person edit a title in the list; null: no longer. */
  renameListed(id: string | null): void {
    this.renamingListed = id;
    this.changed();
  }

  /** Give the conversation that is shown another title. */
  async rename(title: string): Promise<void> {
    const { id } = this.chat;
    if (id) {
      await this.hub.conversations.rename(id, title);
    }
  }

  // ---- asking

  /** Where the draft of what is shown is kept. */
  get draftKey(): string | null {
    return this.keyOf(this.chat);
  }

  /** The model that answers next here. */
  get model(): string | null {
    return this.choice.model;
  }

  setModel(id: string): void {
    this.choice.set(id);
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
    return this.outbox.isBusy;
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
    this.followModel(this.chat.compared);
    const { draftKey } = this;
    const { drafts } = this.hub;
    const { text, files, requestId, model, system } = drafts.get(draftKey);
    const id = requestId ?? newId();
    drafts.forget(draftKey);
    this.attachments.forgetProblems();
    this.desk.say(null);
    const answering = models.length > 0 ? models : model !== null ? [model] : [];
    this.outbox.add({ id, text, files, models: answering, system });
  }

  /** Go on with `id`, one of several answers side by side, and with the model that gave it. */
  async continueWith(id: string): Promise<void> {
    await this.chat.choose(id);
    if (!this.chat.comparisons.of(id)) {
      this.followModel(id);
      this.focusComposer();
    }
  }

  /** Take a message that waits back into the composer. */
  editQueued(id: string): void {
    if (this.outbox.takeBack(id)) {
      this.focusComposer();
    }
  }

  /** Ask which models should answer what is written. */
  openSeveral(): void {
    if (this.canSend) {
      this.desk.open('several');
    }
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

  // ---- where the cursor is

  /** Put the cursor into the composer, now or when it is there. */
  focusComposer(): void {
    this.focus.give(null);
  }

  onFocusComposer(listener: () => void): () => void {
    return this.focus.on(listener);
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
    this.keep(view);
  }

  /** It is back; the view stays. */
  async regain(id: string): Promise<void> {
    const { view } = this;
    const opening = this.open(id);
    this.keep(view);
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

  /** Whose answer is gone on with answers next, if it can. */
  private followModel(answer: string | null): void {
    const model = answer === null ? null : this.chat.node(answer)?.message.model;
    if (model && model !== this.model && this.hub.catalogue.get(model)?.available) {
      this.setModel(model);
    }
  }

  private makeChat(conversation: Conversation | null): ChatModel {
    const { client, stream, schedule } = this.hub.options;
    let isKnown = conversation !== null;
    const chat = new ChatModel(
      {
        client,
        stream,
        schedule,
        folds: this.hub.folds,
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
        this.outbox.notice();
      }
    });
    return chat;
  }

  /** Where the draft of a chat is kept. */
  private keyOf(chat: ChatModel): string | null {
    return chat.id ?? (this.place.name || null);
  }

  /** Something else is in the panel, and the person still looks at this. */
  private keep(view: View): void {
    this.view = view;
    this.changed();
  }

  private showChat(chat: ChatModel): void {
    this.isRenaming = false;
    this.chat.dispose();
    this.chat = chat;
    this.desk.clear();
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
