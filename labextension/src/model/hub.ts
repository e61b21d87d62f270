import type { Client } from '../api/client';
import type { EventStream, Notice } from '../api/stream';
import { Activity } from './activity';
import { Catalogue } from './catalogue';
import { Conversations } from './conversations';
import { Drafts, type Storage } from './drafts';
import { Folds } from './folds';
import { Heights } from './heights';
import { Observable } from './observable';
import { Preferences } from './preferences';
import { ProvidersModel } from './providers';
import { Queue, sendUnseen } from './queue';
import { type Place, Session } from './session';
import { Spots } from './spots';

export interface HubOptions {
  client: Client;
  stream: EventStream;
  storage: Storage;
  schedule: (flush: () => void) => void;
}

const SHOWN = 'llmhub:conversation';

/** All state of a page: what its panels share, and the panels. Models are made here and in `Session`, nowhere else. */
export class Hub extends Observable {
  readonly client: Client;
  readonly stream: EventStream;
  readonly activity: Activity;
  readonly catalogue: Catalogue;
  readonly conversations: Conversations;
  readonly drafts: Drafts;
  readonly folds: Folds;
  readonly preferences = new Preferences();
  readonly spots: Spots;
  readonly heights: Heights;
  readonly providers: ProvidersModel;
  readonly queue: Queue;
  /** The side panel. */
  readonly side: Session;

  private readonly open: Session[] = [];
  private current: Session;
  private starting: Promise<void> | null = null;

  constructor(readonly options: HubOptions) {
    super();
    const { client, stream, storage } = options;
    this.client = client;
    this.stream = stream;
    this.activity = new Activity(client);
    this.catalogue = new Catalogue(client, storage);
    this.conversations = new Conversations(client);
    this.drafts = new Drafts(storage);
    this.queue = new Queue(storage);
    this.folds = new Folds(storage);
    this.spots = new Spots(storage);
    this.heights = new Heights(storage);
    this.providers = new ProvidersModel(client, () => this.catalogue.load());
    this.side = this.session(placeInBrowser(storage));
    this.current = this.side;
    this.conversations.subscribe(() => {
      this.open.forEach(session => {
        session.adopt(this.conversations.items);
      });
    });
    stream.onNotice(notice => {
      this.take(notice);
    });
    stream.onReturn(() => {
      this.lookAgain();
    });
  }

  /** Ask the server for everything that panels need, once; ends when the conversations are known. */
  start(): Promise<void> {
    this.starting ??= this.ask();
    return this.starting;
  }

  // ---- panels

  /** The panels there are, the side panel first. */
  get sessions(): readonly Session[] {
    return this.open;
  }

  /** The panel that a person used last: commands are about it. */
  get active(): Session {
    return this.current;
  }

  /** A new panel. */
  session(place: Place): Session {
    const session = new Session(this, place);
    this.open.push(session);
    session.subscribe(() => {
      this.changed();
    });
    return session;
  }

  /** A person is in this panel now. */
  activate(session: Session): void {
    if (this.current !== session) {
      this.current = session;
      this.changed();
    }
  }

  /** Called by a session that is no longer shown. */
  leave(session: Session): void {
    const at = this.open.indexOf(session);
    if (at >= 0) {
      this.open.splice(at, 1);
      this.current = this.current === session ? this.side : this.current;
      this.changed();
    }
  }

  /** Called by a session that shows another conversation. */
  noteShown(): void {
    this.changed();
  }

  deleteConversation(id: string): void {
    this.conversations.remove(id);
    this.drafts.forget(id);
    this.queue.forget(id);
    this.open.forEach(session => {
      session.lose(id);
    });
  }

  /** Another tab of this browser has written into the storage; `isTyping`: a person writes in this one. */
  hear(storageKey: string, isTyping: boolean): void {
    this.drafts.hear(storageKey, isTyping);
    this.queue.hear(storageKey);
  }

  /** What a provider is called. */
  providerLabel(name: string): string {
    return this.providers.items.find(item => item.name === name)?.label ?? name;
  }

  // ---- how

  private async ask(): Promise<void> {
    this.stream.start();
    void this.catalogue.load();
    void this.providers.load();
    void this.activity.refresh();
    await this.conversations.refresh();
  }

  private take(notice: Notice): void {
    this.activity.take(notice);
    if (notice.what === 'settings.changed') {
      void this.catalogue.load();
      return;
    }
    if (notice.what === 'missed') {
      this.lookAgain();
      return;
    }
    void this.conversations.refresh();
    if (notice.what === 'run.finished' && notice.conversation_id) {
      this.sendUnseen(notice.conversation_id);
    }
    for (const session of [...this.open]) {
      if (notice.conversation_id === session.chat.id) {
        if (notice.what === 'conversation.deleted') {
          session.newChat();
        } else {
          void session.chat.sync();
        }
      }
    }
  }

  /** What waits for an answer is sent after it, also when the person has gone on to another conversation. */
  private sendUnseen(id: string): void {
    if (!this.open.some(session => session.chat.id === id)) {
      const model = this.conversations.items.find(item => item.id === id)?.model ?? this.catalogue.preferred;
      sendUnseen(this.queue, this.client, id, model).catch((thrown: unknown) => {
        console.warn('llmhub: a message that waits could not be sent.', thrown);
      });
    }
  }

  private lookAgain(): void {
    void this.activity.refresh();
    void this.conversations.refresh();
    this.open.forEach(session => {
      void session.chat.sync();
    });
    if (!this.catalogue.isLoaded || this.catalogue.error) {
      void this.catalogue.load();
    }
  }
}

/** The side panel shows what this browser showed last. */
function placeInBrowser(storage: Storage): Place {
  return {
    name: '',
    get: () => storage.getItem(SHOWN),
    set: conversation => {
      try {
        storage.setItem(SHOWN, conversation ?? '');
      } catch {
        // Without storage a reload begins with a new chat.
      }
    }
  };
}
