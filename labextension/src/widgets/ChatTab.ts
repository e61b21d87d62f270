import type { Message } from '@lumino/messaging';

import type { LatePageServices } from '../components/context';
import type { ChatModel } from '../model/chat';
import { ChatWidget } from './ChatWidget';

/** What JupyterLab's layout keeps of a tab. */
export interface TabState {
  /** Names the tab across reloads. */
  readonly name: string;
  /** The conversation that it shows, or will show when it is first seen. */
  readonly conversation: string | null;
  /** What it was called last, to be read before anything is asked of the server. */
  readonly title: string | null;
}

const PREFIX = 'llmhub-tab-';

/** One conversation as a tab of the main area; its title, its tooltip and its icon follow the conversation. */
export class ChatTab extends ChatWidget {
  private shown: string | null;
  private lastTitle: string | null;
  private followed: ChatModel | null = null;
  private readonly unsubscribe: (() => void)[];
  private unfollow: () => void = () => undefined;

  /** `changed` is called whenever `state` has changed. */
  constructor(
    page: LatePageServices,
    state: TabState,
    private readonly changed: (tab: ChatTab) => void
  ) {
    const place = { conversation: state.conversation, moved: (): void => undefined };
    const session = page.hub.session({
      name: state.name,
      get: () => place.conversation,
      set: id => {
        place.conversation = id;
        place.moved();
      }
    });
    super(page, session);
    this.shown = state.conversation;
    this.lastTitle = state.title;
    place.moved = () => {
      this.shown = place.conversation;
      this.lastTitle = null;
      this.follow();
      this.changed(this);
    };
    this.id = `${PREFIX}${state.name}`;
    this.title.closable = true;
    const follow = (): void => {
      this.follow();
    };
    this.unsubscribe = [session.subscribe(follow), page.hub.conversations.subscribe(follow)];
    this.follow();
  }

  get state(): TabState {
    return { name: this.id.slice(PREFIX.length), conversation: this.shown, title: this.lastTitle };
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this.unfollow();
      this.unsubscribe.forEach(undo => {
        undo();
      });
      super.dispose();
    }
  }

  /** A tab that is closed is gone. */
  protected override onCloseRequest(message: Message): void {
    super.onCloseRequest(message);
    this.dispose();
  }

  /** Bring the tab's title in step with the conversation. */
  private follow(): void {
    const { hub, trans } = this.page;
    const { chat } = this.session;
    if (this.followed !== chat) {
      this.unfollow();
      this.followed = chat;
      this.unfollow = chat.subscribe(() => {
        this.follow();
      });
    }
    const listed = hub.conversations.items.find(item => item.id === this.shown);
    const known = chat.id !== null && chat.id === this.shown ? chat.conversation : listed;
    const title = known?.title ?? null;
    if (title !== null && title !== this.lastTitle) {
      this.lastTitle = title;
      this.changed(this);
    }
    const label = title ?? this.lastTitle ?? trans.__('New chat');
    const isAnswering =
      chat.answering !== null || chat.isPosting || (chat.id === null && listed?.running === true);
    this.title.label = label;
    this.title.caption = isAnswering ? trans.__('%1 (answering)', label) : label;
    this.title.className = isAnswering ? 'jp-llmhub-tab jp-mod-answering' : 'jp-llmhub-tab';
  }
}
