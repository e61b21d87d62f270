import type { Client } from '../api/client';
import { ApiError, errorInfo } from '../api/errors';
import type { Conversation, ErrorInfo } from '../api/schema';
import type { EventStream, Notice } from '../api/stream';
import type { UserPart } from '../api/types';
import { Catalogue } from './catalogue';
import { ChatModel } from './chat';
import { Conversations } from './conversations';
import { Drafts, type Storage } from './drafts';
import { Observable } from './observable';
import { Preferences } from './preferences';
import { ProvidersModel } from './providers';

export interface HubOptions {
  client: Client;
  stream: EventStream;
  storage: Storage;
  schedule: (flush: () => void) => void;
}

export type View = 'thread' | 'conversations' | 'providers';

const OPEN = 'llmhub:conversation';

/** All state of a page: which conversation is shown, and the lists beside it. Models are made here and nowhere else. */
export class Hub extends Observable {
  readonly client: Client;
  readonly stream: EventStream;
  readonly catalogue: Catalogue;
  readonly conversations: Conversations;
  readonly drafts: Drafts;
  readonly preferences = new Preferences();
  readonly providers: ProvidersModel;
  chat: ChatModel;
  view: View = 'thread';
  /** The provider that the provider view should begin with, because its key was refused. */
  providerWanted: string | null = null;
  /** Why the conversation that was asked for cannot be shown. */
  error: ErrorInfo | null = null;

  private readonly focusListeners = new Set<() => void>();
  private isFocusWanted = false;
  private started = false;
  private wanted: string | null = null;

  constructor(private readonly options: HubOptions) {
    super();
    const { client, stream, storage } = options;
    this.client = client;
    this.stream = stream;
    this.catalogue = new Catalogue(client, storage);
    this.conversations = new Conversations(client);
    this.drafts = new Drafts(storage);
    this.providers = new ProvidersModel(client, () => this.catalogue.load());
    this.chat = this.makeChat(null);
    this.conversations.subscribe(() => {
      const known = this.conversations.items.find(item => item.id === this.chat.id);
      if (known) {
        this.chat.adopt(known);
      }
    });
    stream.onNotice(notice => {
      this.take(notice);
    });
    stream.onReturn(() => {
      this.lookAgain();
    });
  }

  /** Ask the server for everything the panel needs; called when it is first shown. */
  start(): void {
    if (this.started) {
      return;
    }
    this.started = true;
    this.stream.start();
    void this.catalogue.load();
    void this.providers.load();
    const last = this.options.storage.getItem(OPEN);
    if (last) {
      void this.open(last);
    }
    void this.conversations.refresh().then(() => {
      // A browser that was never here before joins what is being answered now.
      const running = last === null ? this.conversations.items.find(item => item.running) : undefined;
      if (running && this.chat.id === null && !this.drafts.get(null).text) {
        void this.open(running.id);
      }
    });
  }

  async open(id: string): Promise<void> {
    this.view = 'thread';
    this.error = null;
    if (this.chat.id === id) {
      this.changed();
      return;
    }
    this.wanted = id;
    try {
      const known =
        this.conversations.items.find(item => item.id === id) ?? (await this.client.conversation(id));
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
    this.view = 'thread';
    this.error = null;
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
    this.changed();
  }

  deleteConversation(id: string): void {
    this.conversations.remove(id);
    this.drafts.forget(id);
    if (this.chat.id === id) {
      const { view } = this;
      this.newChat();
      this.show(view);
    }
  }

  // ---- asking

  /** The model that answers next in the conversation shown. */
  get model(): string | null {
    return this.chat.conversation?.model ?? this.catalogue.preferred;
  }

  setModel(id: string): void {
    this.catalogue.prefer(id);
    const conversation = this.chat.id;
    if (conversation) {
      this.chat.setConversation({ model: id });
      void this.client.updateConversation(conversation, { model: id }).catch(() => {
        // The next run says it again.
      });
    }
    const isDemo = id === this.catalogue.demo?.id;
    if (!isDemo && !this.catalogue.get(this.catalogue.config?.default_model)?.available) {
      void this.client.updateSettings({ default_model: id }).catch(() => {
        // Locked by an administrator: this browser remembers it.
      });
    }
    this.changed();
  }

  /** What a provider is called. */
  providerLabel(name: string): string {
    return this.providers.items.find(item => item.name === name)?.label ?? name;
  }

  /** A provider was set up: use its first model and go on writing. */
  begin(provider: string): void {
    const model = this.catalogue.models.find(one => one.provider === provider && one.available);
    if (model) {
      this.setModel(model.id);
    }
    this.show('thread');
    this.focusComposer();
  }

  /** Write for the person, who may still change it. */
  suggest(text: string): void {
    this.drafts.set(this.chat.id, { text });
    this.focusComposer();
  }

  /** Send the draft. */
  async send(): Promise<void> {
    const { chat, drafts } = this;
    const from = chat.id;
    const { text, files } = drafts.get(from);
    if ((!text.trim() && files.length === 0) || chat.running || chat.isPosting) {
      return;
    }
    const parts: UserPart[] = text.trim() ? [...files, { type: 'text', text }] : [...files];
    const requestId = drafts.beginSending(from);
    if (await chat.send({ parts, model: this.model, requestId })) {
      drafts.sent(from);
    } else {
      drafts.unsent(from, chat.id);
    }
  }

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

  // ---- how

  private makeChat(conversation: Conversation | null): ChatModel {
    const chat = new ChatModel(
      {
        client: this.client,
        stream: this.stream,
        schedule: this.options.schedule,
        onConversation: changed => {
          this.conversations.learn(changed);
          if (chat === this.chat) {
            this.remember();
          }
        }
      },
      conversation
    );
    return chat;
  }

  private showChat(chat: ChatModel): void {
    this.chat.dispose();
    this.chat = chat;
    this.remember();
    this.changed();
  }

  private remember(): void {
    try {
      this.options.storage.setItem(OPEN, this.chat.id ?? '');
    } catch {
      // Without storage a reload begins with a new chat.
    }
  }

  private take(notice: Notice): void {
    if (notice.what === 'settings.changed') {
      void this.catalogue.load();
      return;
    }
    if (notice.what === 'missed') {
      this.lookAgain();
      return;
    }
    void this.conversations.refresh();
    if (notice.conversation_id === this.chat.id) {
      if (notice.what === 'conversation.deleted') {
        this.newChat();
      } else {
        void this.chat.sync();
      }
    }
  }

  private lookAgain(): void {
    void this.conversations.refresh();
    void this.chat.sync();
    if (!this.catalogue.isLoaded || this.catalogue.error) {
      void this.catalogue.load();
    }
  }
}
