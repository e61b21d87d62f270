import { ApiError, errorInfo } from '../api/errors';
import type { Conversation, ErrorInfo } from '../api/schema';
import { ChatModel } from './chat';
import { Choice } from './choice';
import type { ForkMode } from './copies';
import { Cue } from './cue';
import { Desk } from './desk';
import type { Hub } from './hub';
import { Latest } from './latest';
import { isFile, textOf } from './node';
import { Observable } from './observable';
import { Outbox } from './outbox';
import { ANYWHERE, type Beginning } from './room';
import { Screen, type View } from './screen';
import { Selection } from './selection';
import { Sorting } from './sorting';
import { Titling } from './titling';
import { Writing } from './writing';

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
  /** Why the conversation that was asked for cannot be shown. */
  error: ErrorInfo | null = null;
  /** What was shown here was deleted elsewhere. */
  gone: { title: string | null } | null = null;
  /** What of the panel is seen. */
  readonly screen: Screen;
  readonly titling: Titling;
  /** What of the list is being put in order. */
  readonly sorting: Sorting;
  /** Which lines of the list are chosen. */
  readonly selection = new Selection();
  /** What is being written here. */
  readonly writing: Writing;
  /** What stands above the composer. */
  readonly desk: Desk;
  /** What waits to be sent here. */
  readonly outbox: Outbox;
  /** The messages shown last. */
  readonly latest: Latest;

  private readonly choice: Choice;
  private readonly focus = new Cue<null>();
  private started = false;
  private isShown = false;
  private wanted: string | null = null;
  /** What was shown here last is on its way. */
  private returning: Promise<void> = Promise.resolve();

  constructor(
    readonly hub: Hub,
    private readonly place: Place
  ) {
    super();
    this.chat = this.makeChat(null);
    const { catalogue, client, queue, drafts, parameters, presets } = hub;
    const changed = (): void => {
      this.changed();
    };
    const chat = (): ChatModel => this.chat;
    const keyOf = (one: ChatModel): string | null => this.keyOf(one);
    const model = (): string | null => this.model;
    this.screen = new Screen(hub.storage, () => {
      this.markRead();
      changed();
    });
    this.titling = new Titling(changed);
    this.sorting = new Sorting(changed);
    this.desk = new Desk(changed);
    this.choice = new Choice({
      catalogue,
      presets,
      client,
      update: (id, changes) => hub.conversations.update(id, changes),
      chat,
      changed,
      folderModel: () => hub.folders.modelOf(this.chat.folder)
    });
    this.latest = new Latest({ chat, model });
    this.outbox = new Outbox({ queue, drafts, chat, model, changed, keyOf, isStarted: () => this.started });
    this.writing = new Writing({
      parameters,
      presets,
      client,
      catalogue,
      drafts,
      chat,
      keyOf,
      changed,
      choice: this.choice,
      desk: this.desk,
      outbox: this.outbox,
      focus: () => {
        this.focusComposer();
      }
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
      this.returning = this.open(last);
    }
    void hub.start().then(() => {
      // A browser that was never here before joins what is being answered now.
      const running =
        last === null && this.place.name === '' ? hub.conversations.items.find(item => item.running) : null;
      if (running && this.chat.id === null && !hub.drafts.get(this.writing.key).text) {
        void this.open(running.id);
      }
    });
  }

  /** When what was shown here last is shown again, and it is known who can answer: then something can be asked without a person. */
  async ready(): Promise<void> {
    this.start();
    const { catalogue } = this.hub;
    await Promise.all([this.returning, catalogue.isLoaded ? null : catalogue.load()]);
  }

  /** Nobody looks at it any more. What is being answered goes on. */
  dispose(): void {
    this.dropTemporary();
    this.outbox.dispose();
    this.chat.dispose();
    this.hub.leave(this);
  }

  // ---- what is shown

  async open(id: string): Promise<void> {
    this.screen.view = 'thread';
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

  /** Show a message, on the branch that holds it. */
  async openAt(id: string, message: string): Promise<void> {
    await this.open(id);
    if (this.chat.id === id) {
      await this.chat.reveal(message);
    }
  }

  /** Begin another chat: in a folder, or one that is kept nowhere. */
  newChat(beginning: Beginning = ANYWHERE): void {
    this.wanted = null;
    this.choice.forget();
    this.screen.view = 'thread';
    this.error = null;
    this.gone = null;
    const { folder, isTemporary } = this.chat;
    const isOther = folder !== beginning.folder || isTemporary !== beginning.temporary;
    if (this.chat.id !== null || this.chat.tree.path.length > 0 || isOther) {
      if (beginning.temporary) {
        this.hub.ephemeral.keepOut(this.temporaryKey);
      }
      this.showChat(this.makeChat(null, beginning));
    } else {
      this.chat.dismiss();
      this.goOn();
      this.changed();
    }
    this.remember();
    this.focusComposer();
  }

  /** Let the person edit the title. */
  beginRename(): void {
    if (this.chat.id !== null) {
      this.titling.begin();
      this.screen.show('thread');
    }
  }

  /** Give the conversation that is shown another title. */
  async rename(title: string): Promise<void> {
    const { id } = this.chat;
    if (id) {
      if (this.chat.isTemporary) {
        this.chat.setConversation({ title }); // it is in no list that would tell
      }
      await this.hub.conversations.rename(id, title);
    }
  }

  /** Show a message of any conversation, on whichever branch it is. */
  async goTo(conversation: string, message: string): Promise<void> {
    await this.open(conversation);
    if (this.chat.id === conversation) {
      await this.chat.reveal(message);
    }
  }

  /** Make a conversation of its own from what leads to a message, or from more of it, and show it. */
  async fork(message: string, mode: ForkMode): Promise<void> {
    const { chat } = this;
    await this.showCopy(chat, await chat.copies.fork(message, mode));
  }

  /** Make a copy of the conversation (or of `id`) with all its branches, and show it. */
  async duplicate(id = this.chat.id): Promise<void> {
    const { chat } = this;
    if (id !== null) {
      await this.showCopy(chat, await chat.copies.duplicate(id));
    }
  }

  /** Who has gone on to another chat meanwhile is not taken away from it. */
  private async showCopy(chat: ChatModel, made: Conversation | null): Promise<void> {
    if (made) {
      this.hub.conversations.learn(made);
    }
    if (chat !== this.chat) {
      return;
    }
    if (made) {
      await this.open(made.id);
    } else {
      this.screen.show('thread'); // where it is said what went wrong
    }
  }

  // ---- asking

  /** The model that answers next here. */
  get model(): string | null {
    return this.choice.model;
  }

  setModel(id: string): void {
    this.choice.set(id);
  }

  /** A provider was set up: use its first model, or one that it is known to have before it is listed, and go on writing. */
  begin(provider: string, known?: string): void {
    const listed = this.hub.catalogue.models.find(one => one.provider === provider && one.available);
    const model = listed?.id ?? (known && `${provider}/${known}`);
    if (model) {
      this.setModel(model);
    }
    this.screen.show('thread');
    this.focusComposer();
  }

  /** Go on with `id`, one of several answers side by side, and with the model that gave it. */
  async continueWith(id: string): Promise<void> {
    await this.chat.choose(id);
    if (!this.chat.comparisons.of(id)) {
      this.choice.follow(id);
      this.focusComposer();
    }
  }

  /** Put words of a message into the draft, to write about them. */
  quote(messageId: string, text: string): void {
    const words = text.trim();
    if (words) {
      this.screen.show('thread');
      this.writing.attachPart({ type: 'quote', message_id: messageId, text: words });
    }
  }

  /** The question `id` in a chat of its own, without what came before it. It is not sent yet. */
  askAnew(id: string): void {
    const parts = this.chat.node(id)?.message.parts ?? [];
    const files = parts.filter(isFile);
    this.newChat();
    this.hub.drafts.set(this.writing.key, { text: textOf(parts), files });
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
    if (conversation?.unread && this.isShown && this.hub.isPageShown && this.screen.view === 'thread') {
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
    const { view } = this.screen;
    this.newChat();
    this.keep(view);
  }

  /** It is back; the view stays. */
  async regain(id: string): Promise<void> {
    const { view } = this.screen;
    const opening = this.open(id);
    this.keep(view);
    await opening;
  }

  /** It was deleted elsewhere. What was being written stays here. */
  noteGone(id: string): void {
    if (this.chat.id === id) {
      const title = this.chat.conversation?.title ?? null;
      const draft = this.writing.key;
      this.lose();
      const { drafts, queue } = this.hub;
      drafts.unsent(draft);
      drafts.move(draft, this.writing.key);
      for (const { id: waiting, text, files } of queue.waiting(id)) {
        queue.remove(waiting);
        drafts.append(this.writing.key, { text, files });
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

  private makeChat(conversation: Conversation | null, beginning: Beginning = ANYWHERE): ChatModel {
    const { client, stream, schedule } = this.hub.options;
    let isKnown = conversation !== null;
    const chat = new ChatModel(
      {
        client,
        stream,
        schedule,
        folds: this.hub.folds,
        beginning,
        onConversation: changed => {
          if (!isKnown) {
            // What was written while there was no conversation is written in this one.
            isKnown = true;
            const before = beginning.temporary ? this.temporaryKey : this.place.name || null;
            if (beginning.temporary) {
              this.hub.ephemeral.keepOut(changed.id);
            }
            this.hub.drafts.move(before, changed.id);
            this.hub.queue.move(before, changed.id);
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
    return chat.id ?? (chat.isTemporary ? this.temporaryKey : this.place.name || null);
  }

  private get temporaryKey(): string {
    return `temporary-${this.place.name}`;
  }

  /** What is kept nowhere is gone once nobody shows it. */
  dropTemporary(): void {
    const { id, isTemporary } = this.chat;
    if (isTemporary) {
      this.hub.drafts.forget(this.keyOf(this.chat));
      this.hub.queue.forget(this.keyOf(this.chat));
    }
    if (
      isTemporary &&
      id !== null &&
      !this.hub.sessions.some(other => other !== this && other.chat.id === id)
    ) {
      void this.hub.client.deleteConversation(id).catch(() => {
        // It is gone when the server stops.
      });
    }
  }

  /** Something else is in the panel, and the person still looks at this. */
  private keep(view: View): void {
    this.screen.view = view;
    this.changed();
  }

  private showChat(chat: ChatModel): void {
    this.titling.clear();
    this.dropTemporary();
    this.chat.dispose();
    this.chat = chat;
    this.goOn();
    this.remember();
    this.markRead();
    this.changed();
  }

  /** What was said about what came before is over. */
  private goOn(): void {
    this.desk.clear();
    this.writing.attachments.forgetProblems();
  }

  private remember(): void {
    this.place.set(this.chat.isTemporary ? null : this.chat.id);
    this.hub.noteShown();
  }
}
