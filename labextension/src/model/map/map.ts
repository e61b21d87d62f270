import type { Client } from '../../api/client';
import { errorInfo } from '../../api/errors';
import type { ErrorInfo, TreeNode } from '../../api/schema';
import type { SearchHits } from '../../api/types';
import type { ChatModel } from '../chat';
import { laterInPage } from '../conversations';
import { textOf } from '../node';
import { Observable } from '../observable';
import { EMPTY, type Item, type Layout, layoutOf } from './lanes';
import { type Step, stepFrom } from './walk';

export interface MapOptions {
  client: Pick<Client, 'tree' | 'search'>;
  chat: ChatModel;
  /** Does `work` soon, many wishes for it at once. */
  later?: (work: () => void) => void;
}

/** How long somebody may go on typing before the server is asked. Milliseconds. */
const TYPING = 150;
/** As the server gives them at once, and how often it is asked for more. */
const HITS = 100;
const MOST_PAGES = 10;

/** What of a message is marked on the map. */
export type Mark = 'running' | 'failed' | 'pinned' | 'starred' | 'summary';

/** Changes elsewhere are looked up so long after they were heard of. Milliseconds. */
const PAUSE = 400;

/**
 * The map of a conversation: all its messages and where they stand, which of them is pointed at, found, marked for comparing.
 * It follows the chat, and what is folded away stays so until somebody opens it.
 */
export class ConversationMap extends Observable {
  layout: Layout = EMPTY;
  error: ErrorInfo | null = null;
  isLoading = true;
  /** The message that the keys are at. */
  at: string | null = null;
  /** What is to be compared: at most two messages. */
  picked: readonly string[] = [];
  /** Long stretches without branches are one line each. */
  isFolded = true;

  private nodes = new Map<string, TreeNode>();
  private order: readonly TreeNode[] = [];
  private path = new Set<string>();
  private readonly open = new Set<string>();
  private query: readonly string[] = [];
  private wanted: ReadonlySet<string> = new Set();
  private hits: ReadonlySet<string> | null = null;
  /** The head when messages were put in their places. */
  private layoutHead: string | null = null;
  /** What the server found for `query`, which knows all words of every message. */
  private said: ReadonlySet<string> = new Set();
  /** Why it did not find anything: only what is known here was looked through. */
  findError: ErrorInfo | null = null;
  private asking: AbortController | null = null;
  private stopWaiting: (() => void) | null = null;
  private readonly leave: () => void;
  /** What was deleted last. */
  private removal: string | null = null;
  private isWaiting = false;
  private isStale = false;
  private disposed = false;

  constructor(private readonly options: MapOptions) {
    super();
    this.leave = options.chat.subscribe(() => {
      this.follow();
    });
  }

  dispose(): void {
    this.disposed = true;
    this.leave();
    this.stopAsking();
  }

  /** Fetch the tree, then the words: where things stand is known sooner than what they say. */
  async load(): Promise<void> {
    const { client, chat } = this.options;
    const { id } = chat;
    if (id === null) {
      this.isLoading = false;
      this.take([]);
      return;
    }
    try {
      if (this.order.length === 0 && chat.tree.all.length > 0) {
        // It was known a moment ago: so it is seen at once, and what is new in a moment.
        this.take(chat.tree.all);
      } else if (this.order.length === 0) {
        // Not both at once: the server would work on both, and the first would come as late as the second.
        this.take((await chat.whole(id)).items);
      }
      const { items } = await client.tree(id, { excerpts: true });
      chat.tree.all = items;
      this.take(items);
      this.error = null;
    } catch (thrown) {
      this.error = errorInfo(thrown);
    }
    this.isLoading = false;
    this.changed();
  }

  // ---- what is there

  get size(): number {
    return this.order.length;
  }

  node(id: string): TreeNode | undefined {
    return this.nodes.get(id);
  }

  /** The models that answered, in the order in which they came. The same array as long as they are the same. */
  models: readonly string[] = [];

  /** The first words of a message, as far as they are known. */
  words(id: string): string {
    const said = this.options.chat.node(id)?.message.parts;
    return this.nodes.get(id)?.excerpt ?? (said ? textOf(said).trim().slice(0, 120) : '');
  }

  statusOf(id: string): TreeNode['status'] | undefined {
    return this.options.chat.node(id)?.message.status ?? this.nodes.get(id)?.status;
  }

  marksOf(id: string): Mark[] {
    const { chat } = this.options;
    const status = this.statusOf(id);
    const isPinned = chat.node(id)?.message.pinned ?? this.nodes.get(id)?.pinned;
    const isStarred = chat.node(id)?.message.starred ?? this.nodes.get(id)?.starred;
    return [
      ...(status === 'running' || status === 'waiting' ? (['running'] as const) : []),
      ...(status === 'failed' || status === 'interrupted' ? (['failed'] as const) : []),
      ...(isPinned ? (['pinned'] as const) : []),
      ...(isStarred ? (['starred'] as const) : []),
      ...(chat.summaries.at(id) ? (['summary'] as const) : [])
    ];
  }

  /** On the branch that is shown. */
  readonly isOnPath = (id: string): boolean => this.path.has(id);

  /** The last message of what is shown: where one is. */
  get head(): string | null {
    return this.options.chat.tree.path.at(-1) ?? null;
  }

  // ---- pointing

  item(id: string | null): Item | undefined {
    return id === null ? undefined : this.layout.of.get(id);
  }

  /** Where the keys are; at first, where one is. */
  get current(): Item | undefined {
    return this.item(this.at) ?? this.item(this.head) ?? this.layout.items[0];
  }

  pointAt(id: string): void {
    this.at = id;
    this.changed();
  }

  walk(step: Step): void {
    const { current } = this;
    const next = current && stepFrom(current, step, this.layout, this.isOnPath);
    if (next) {
      this.pointAt(next.id);
    }
  }

  /** Show the messages of a fold one by one. */
  unfold(item: Item): void {
    item.ids.forEach(id => this.open.add(id));
    this.at = item.id;
    this.arrange();
  }

  setFolded(isFolded: boolean): void {
    this.isFolded = isFolded;
    this.open.clear();
    this.arrange();
  }

  // ---- finding

  /**
   * What is found has all these words, and is by one of these models if any is wanted. What is known here is found at once, the
   * rest when the server has answered.
   */
  find(query: string, models: ReadonlySet<string>): void {
    const words = fold(query).split(/\s+/).filter(Boolean);
    const isOther = words.join(' ') !== this.query.join(' ');
    this.query = words;
    this.wanted = models;
    if (isOther) {
      this.stopAsking();
      this.said = new Set();
      this.findError = null;
      const { id, isTemporary } = this.options.chat;
      if (words.length > 0 && id !== null && !isTemporary) {
        this.stopWaiting = laterInPage(() => void this.ask(id, query), TYPING);
      }
    }
    this.search();
    this.changed();
  }

  /** How many messages were found; null: nothing is looked for. */
  get found(): number | null {
    return this.hits?.size ?? null;
  }

  isFound(item: Item): boolean {
    const { hits } = this;
    return hits === null || item.ids.some(id => hits.has(id));
  }

  /** Point at the next message that was found, or the one before; after the last comes the first. */
  nextFound(step: -1 | 1): void {
    const hits = this.layout.items.flatMap(({ ids }) => ids).filter(id => this.hits?.has(id));
    const { current } = this;
    const at = current ? hits.findIndex(id => current.ids.includes(id)) : -1;
    const next = hits[(at + step + hits.length) % hits.length];
    const item = next === undefined ? undefined : this.item(next);
    if (next === undefined || !item) {
      return;
    }
    if (item.ids.length > 1) {
      this.unfold(item);
    }
    this.pointAt(next);
  }

  // ---- comparing

  /** Take a message for comparing, or put it back. Of three the first is put back. */
  pick(id: string): void {
    this.picked = this.picked.includes(id)
      ? this.picked.filter(one => one !== id)
      : [...this.picked.slice(-1), id];
    this.changed();
  }

  unpick(): void {
    this.picked = [];
    this.changed();
  }

  // ---- how

  private follow(): void {
    const { path } = this.options.chat.tree;
    const removal = this.options.chat.removal?.id ?? null;
    const isRemoved = removal !== this.removal;
    this.removal = removal;
    const isNew = path.some(id => !this.path.has(id)) || path.length !== this.path.size;
    const isUnknown = path.some(id => !this.nodes.has(id) && !id.startsWith('local-'));
    if (isNew) {
      this.path = new Set(path);
      this.arrange();
    }
    if (
      isUnknown ||
      isRemoved ||
      this.order.some(({ status }) => status === 'running' || status === 'waiting')
    ) {
      this.refreshSoon();
    }
  }

  private refreshSoon(): void {
    if (this.isWaiting) {
      this.isStale = true;
      return;
    }
    this.isWaiting = true;
    const { later = (work: () => void) => setTimeout(work, PAUSE) } = this.options;
    later(() => {
      this.isStale = false;
      const loading = this.disposed ? Promise.resolve() : this.load();
      void loading.then(() => {
        this.isWaiting = false;
        if (this.isStale) {
          this.refreshSoon();
        }
      });
    });
  }

  private take(nodes: readonly TreeNode[]): void {
    const isAsBefore = sameShape(this.order, nodes) && this.layoutHead === this.head;
    this.order = nodes;
    this.nodes = new Map(nodes.map(node => [node.id, node]));
    this.path = new Set(this.options.chat.tree.path);
    this.picked = this.picked.filter(id => this.nodes.has(id));
    const models = new Set(nodes.map(({ role, model }) => (role === 'assistant' ? model : null)));
    models.delete(null);
    if (models.size !== this.models.length) {
      this.models = [...models].filter(model => model !== null);
    }
    if (isAsBefore) {
      // Only words are new: nothing stands elsewhere.
      this.search();
      this.changed();
    } else {
      this.arrange();
    }
  }

  private arrange(): void {
    const { chat } = this.options;
    const { head } = this;
    this.layoutHead = head;
    const open = this.isFolded ? this.open : new Set(this.nodes.keys());
    this.layout = layoutOf(this.order, {
      open,
      before: this.layout,
      isKept: id => {
        const node = this.nodes.get(id);
        const isAsOthers = node?.status === 'complete' || node?.status === 'stopped';
        return (
          id === head ||
          node?.pinned === true ||
          node?.starred === true ||
          !isAsOthers ||
          chat.summaries.at(id) !== null
        );
      }
    });
    this.search();
    this.changed();
  }

  private stopAsking(): void {
    this.stopWaiting?.();
    this.stopWaiting = null;
    this.asking?.abort();
    this.asking = null;
  }

  private async ask(conversation_id: string, q: string): Promise<void> {
    const asking = (this.asking = new AbortController());
    const said = new Set<string>();
    let cursor: string | null = null;
    try {
      for (let page = 0; page < MOST_PAGES && (page === 0 || cursor !== null); page++) {
        const found: SearchHits = await this.options.client.search(
          { q, conversation_id, limit: HITS, cursor },
          asking.signal
        );
        found.items.forEach(({ message_id }) => message_id && said.add(message_id));
        cursor = found.next;
      }
    } catch (thrown) {
      if (this.asking === asking) {
        this.findError = errorInfo(thrown);
      }
    }
    if (this.asking === asking) {
      this.asking = null;
      this.said = said;
      this.search();
      this.changed();
    }
  }

  private search(): void {
    const { query, wanted } = this;
    this.hits =
      query.length === 0 && wanted.size === 0
        ? null
        : new Set(this.order.filter(node => this.matches(node)).map(({ id }) => id));
  }

  private matches({ id, model }: TreeNode): boolean {
    if (this.wanted.size > 0 && (model === null || !this.wanted.has(model))) {
      return false;
    }
    if (this.query.length === 0 || this.said.has(id)) {
      return true;
    }
    const said = this.options.chat.node(id)?.message.parts;
    const text = fold(`${this.nodes.get(id)?.excerpt ?? ''} ${said ? textOf(said) : ''} ${model ?? ''}`);
    return this.query.every(word => text.includes(word));
  }
}

/** Whether the same messages stand in the same places, and are folded alike. */
function sameShape(before: readonly TreeNode[], after: readonly TreeNode[]): boolean {
  return (
    before.length === after.length &&
    before.every((one, at) => {
      const other = after[at];
      return (
        one.id === other?.id &&
        one.parent_id === other.parent_id &&
        one.status === other.status &&
        one.pinned === other.pinned &&
        one.starred === other.starred
      );
    })
  );
}

/** Without regard to case and accents. */
function fold(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}
