import type { Client } from '../api/client';
import type { Conversation } from '../api/schema';
import type { EventStream, Notice } from '../api/stream';
import { Activity } from './activity';
import { Catalogue } from './catalogue';
import { Conversations } from './conversations';
import { Drafts } from './drafts';
import { Ephemeral } from './ephemeral';
import { Filing } from './filing';
import { Folders } from './folders';
import { Folds } from './folds';
import type { Schedule } from './frames';
import { Gauge } from './gauge';
import { Heights } from './heights';
import { Login } from './login';
import { Observable } from './observable';
import { Parameters } from './parameters';
import { Preferences } from './preferences';
import { Presets } from './presets';
import { ProvidersModel } from './providers';
import { Queue, sendUnseen } from './queue';
import { type Place, Session } from './session';
import { Spending } from './spending';
import { Spots } from './spots';
import { UserSettings } from './settings';
import { SafeStorage, type Storage } from './storage';
import { Version } from './version';

export interface HubOptions {
  client: Client;
  stream: EventStream;
  /** The browser's; naming it may throw where it is forbidden. */
  storage: () => Storage;
  schedule: Schedule;
}

const SHOWN = 'llmhub:conversation';

/** All state of a page: what its panels share, and the panels. Models are made here and in `Session`, nowhere else. */
export class Hub extends Observable {
  readonly client: Client;
  readonly stream: EventStream;
  readonly activity: Activity;
  readonly catalogue: Catalogue;
  readonly conversations: Conversations;
  /** The storage without what is temporary. */
  readonly ephemeral: Ephemeral;
  readonly filing: Filing;
  readonly folders: Folders;
  readonly drafts: Drafts;
  readonly folds: Folds;
  readonly gauge: Gauge;
  readonly login: Login;
  readonly parameters: Parameters;
  readonly preferences = new Preferences();
  readonly presets: Presets;
  readonly settings: UserSettings;
  readonly spending: Spending;
  readonly spots: Spots;
  readonly heights: Heights;
  readonly providers: ProvidersModel;
  readonly queue: Queue;
  readonly storage: SafeStorage;
  readonly serverVersion = new Version();
  /** The side panel. */
  readonly side: Session;

  private readonly open: Session[] = [];
  private current: Session;
  private starting: Promise<void> | null = null;
  private isShown = true;
  /** The panels that showed what was deleted, as long as that can be undone. */
  private readonly lost = new Map<string, Session[]>();
  private readonly importListeners = new Set<(files: readonly File[]) => void>();
  private readonly startListeners = new Set<() => void>();

  constructor(readonly options: HubOptions) {
    super();
    const { client, stream } = options;
    const storage = new SafeStorage(options.storage);
    this.client = client;
    this.stream = stream;
    this.activity = new Activity(client);
    this.storage = storage;
    this.login = new Login(client, stream);
    this.catalogue = new Catalogue(client, storage);
    this.settings = new UserSettings(client, this.catalogue);
    this.parameters = new Parameters(client);
    this.presets = new Presets(client);
    this.conversations = new Conversations(client);
    this.folders = new Folders(client, storage, () => void this.conversations.refresh());
    this.filing = new Filing(client, this.conversations, this.folders);
    this.ephemeral = new Ephemeral(storage);
    this.drafts = new Drafts(this.ephemeral);
    this.queue = new Queue(this.ephemeral);
    this.folds = new Folds(storage);
    this.gauge = new Gauge(client);
    this.spending = new Spending(client);
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
    stream.onVersion(version => {
      this.serverVersion.hear(version);
    });
    this.catalogue.subscribe(() => {
      this.serverVersion.hear(this.catalogue.config?.version ?? '');
    });
    this.login.subscribe(() => {
      if (!this.login.isOut) {
        this.lookAgain();
      }
    });
  }

  /** Told when somebody drops files of conversations; none: they want to choose some. */
  onImport(listener: (files: readonly File[]) => void): () => void {
    this.importListeners.add(listener);
    return () => this.importListeners.delete(listener);
  }

  /** Files of conversations are wanted in. */
  importFiles(files: readonly File[]): void {
    this.importListeners.forEach(listener => {
      listener(files);
    });
  }

  /** Told once, when the first panel is shown: before that nothing is asked of the server. */
  onStart(listener: () => void): void {
    this.startListeners.add(listener);
  }

  /** Ask the server for everything that panels need, once; ends when the conversations are known. */
  start(): Promise<void> {
    if (this.starting === null) {
      this.starting = this.ask();
      this.startListeners.forEach(listener => {
        listener();
      });
    }
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

  /** Whether a person can see this page; unset while it is in the background. */
  get isPageShown(): boolean {
    return this.isShown;
  }

  setPageShown(isShown: boolean): void {
    this.isShown = isShown;
    if (isShown) {
      this.poke();
      this.open.forEach(session => {
        session.markRead();
      });
    }
  }

  /** Something suggests that the way to the server is another than before (the network came back, the page is shown again). */
  poke(): void {
    if (this.login.isOut) {
      void this.login.look();
    } else {
      this.stream.poke();
    }
  }

  /** The server can probably be reached again: do not wait for the next attempt. */
  hurry(): void {
    if (this.login.isOut || this.stream.state === 'lost') {
      this.poke();
    }
  }

  /**
   * A person comes back to the page. Another program (a command, a server of their own on the same data) may have written
   * conversations meanwhile, and tells nobody.
   */
  welcomeBack(): void {
    this.hurry();
    if (this.starting && !this.login.isOut && this.stream.state !== 'lost') {
      void this.conversations.refresh();
      for (const session of this.open) {
        void session.chat.sync();
      }
    }
  }

  /** Take a conversation away, with a while to think again. */
  deleteConversation(id: string, found?: Conversation): void {
    const showing = this.open.filter(session => session.chat.id === id);
    const conversation = found ?? this.conversations.get(id) ?? showing[0]?.chat.conversation;
    if (conversation?.temporary) {
      showing.forEach(session => {
        session.newChat();
      });
      return;
    }
    if (!conversation) {
      void this.client.conversation(id).then(
        known => {
          this.deleteConversation(id, known);
        },
        () => {
          // There is none: nothing is left to do.
        }
      );
      return;
    }
    this.lost.set(id, showing);
    this.conversations.remove(conversation, () => {
      this.lost.delete(id);
      this.drafts.forget(id);
      this.queue.forget(id);
    });
    showing.forEach(session => {
      session.lose();
    });
  }

  /** The same for several at once. */
  deleteConversations(conversations: readonly Conversation[]): void {
    const [only] = conversations;
    if (conversations.length === 1 && only) {
      this.deleteConversation(only.id, only);
      return;
    }
    const ids = new Set(conversations.map(one => one.id));
    const showing = this.open.filter(session => session.chat.id !== null && ids.has(session.chat.id));
    showing.forEach(session => {
      this.lost.set(session.chat.id ?? '', [session]);
    });
    this.conversations.removeMany(conversations, () => {
      for (const id of ids) {
        this.lost.delete(id);
        this.drafts.forget(id);
        this.queue.forget(id);
      }
      void this.folders.load();
    });
    showing.forEach(session => {
      session.lose();
    });
  }

  /** Bring back what was deleted last (or `id`), also to where it was shown. */
  undoDeletion(id?: string): void {
    for (const conversation of this.conversations.undoRemoval(id)) {
      const showing = this.lost.get(conversation.id) ?? [];
      this.lost.delete(conversation.id);
      showing
        .filter(session => this.open.includes(session) && session.isUntouched)
        .forEach(session => {
          void session.regain(conversation.id);
        });
    }
  }

  /** A conversation was deleted elsewhere. */
  noteGone(id: string): void {
    this.conversations.forget(id);
    for (const session of this.open) {
      session.noteGone(id);
    }
    this.drafts.forget(id);
    this.queue.forget(id);
  }

  /** The page goes away: what waits to be deleted is deleted now, and what is kept nowhere is gone. */
  leavePage(): void {
    this.conversations.settleRemovals();
    this.folders.settleRemovals();
    this.open.forEach(session => {
      session.dropTemporary();
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
    void this.presets.load();
    void this.activity.refresh();
    void this.spending.load();
    void this.folders.load();
    await this.conversations.refresh();
  }

  private take(notice: Notice): void {
    this.activity.take(notice);
    this.spending.take(notice);
    if (notice.what === 'presets.changed') {
      void this.presets.load();
      return;
    }
    if (
      notice.what === 'folders.changed' ||
      notice.what === 'run.finished' ||
      notice.what === 'run.started'
    ) {
      void this.folders.load();
    }
    if (notice.what === 'folders.changed') {
      return;
    }
    if (notice.what === 'settings.changed' || notice.what === 'models.changed') {
      this.parameters.forget();
      void this.presets.load();
      void this.catalogue.load();
      return;
    }
    if (notice.what === 'missed') {
      this.lookAgain();
      return;
    }
    const id = notice.conversation_id;
    if (notice.what === 'conversation.deleted' && id) {
      this.noteGone(id);
      return;
    }
    if (notice.what === 'run.started' && id && this.conversations.isRemoved(id)) {
      // Somebody writes in it elsewhere: it is not deleted under their hands.
      this.undoDeletion(id);
    }
    void this.conversations.refresh({ isDeep: notice.what === 'conversations.changed' });
    if (notice.what === 'run.finished' && notice.conversation_id) {
      this.sendUnseen(notice.conversation_id);
    }
    for (const session of this.open) {
      if (id === session.chat.id) {
        void session.chat.sync();
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
    void this.spending.load();
    void this.folders.load();
    void this.conversations.refresh();
    // Another version of the server may have come back, with other models.
    void this.catalogue.load();
    for (const session of this.open) {
      session.chat.hurry();
      void session.chat.sync();
    }
  }
}

/** The side panel shows what this browser showed last. */
function placeInBrowser(storage: Storage): Place {
  return {
    name: '',
    get: () => storage.getItem(SHOWN),
    set: conversation => {
      storage.setItem(SHOWN, conversation ?? '');
    }
  };
}
