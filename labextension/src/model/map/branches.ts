import type { Client } from '../../api/client';
import { errorInfo } from '../../api/errors';
import type { ErrorInfo, Message, TreeNode } from '../../api/schema';
import type { ChatModel } from '../chat';
import { Observable } from '../observable';

/** Two messages that stand in the same place of their branches; one is null where its branch has none there. */
export type Row = readonly [Message | null, Message | null];

export interface BranchesOptions {
  client: Pick<Client, 'tree' | 'messages'>;
  chat: ChatModel;
}

/** So many messages of a branch are fetched at once. */
const PAGE = 100;

/** Two branches of a conversation, from where they part. */
export class TwoBranches extends Observable {
  isLoading = true;
  error: ErrorInfo | null = null;
  /** They do not part: one message comes after the other. */
  isOne = false;
  rows: readonly Row[] = [];
  /** How many messages each has, from where they part. */
  counts: readonly [number, number] = [0, 0];
  /** The last messages. */
  leaves: readonly [string, string] = ['', ''];
  /** The first messages that are not in both. */
  tops: readonly [string, string] = ['', ''];

  private most = PAGE;
  private pair: readonly [string, string] | null = null;
  /** What was asked last: an answer to something else is too late. */
  private asked = 0;
  private shownEnd: string | undefined;
  private isGone = false;
  private unwatch: (() => void) | null = null;
  private readonly leave: () => void;

  constructor(private readonly options: BranchesOptions) {
    super();
    this.leave = options.chat.subscribe(() => {
      this.follow();
    });
  }

  dispose(): void {
    this.isGone = true;
    this.leave();
    this.unwatch?.();
  }

  /** `pair`: a message of each branch. What is being written in them is followed. */
  async load(pair: readonly [string, string]): Promise<void> {
    const { client, chat } = this.options;
    const { id } = chat;
    const asked = ++this.asked;
    const isLate = (): boolean => this.isGone || asked !== this.asked;
    this.pair = pair;
    this.shownEnd = chat.tree.path.at(-1);
    this.isLoading = true;
    this.error = null;
    this.changed();
    try {
      const { items } = await client.tree(id ?? '');
      const [left, right] = linesOf(pair, items, message => chat.tree.leafBelow(message, items));
      const isOne = left.length === 0 || right.length === 0;
      const [ours, theirs] = isOne ? [[], []] : [await this.fetch(left), await this.fetch(right)];
      if (isLate()) {
        return;
      }
      this.isOne = isOne;
      this.counts = [left.length, right.length];
      this.leaves = [left.at(-1) ?? '', right.at(-1) ?? ''];
      this.tops = [left[0] ?? '', right[0] ?? ''];
      this.rows = aligned(ours, theirs);
      const before = this.unwatch;
      this.unwatch = chat.watch([...ours, ...theirs]);
      before?.();
    } catch (thrown) {
      if (isLate()) {
        return;
      }
      this.error = errorInfo(thrown);
    }
    this.isLoading = false;
    this.changed();
  }

  /** How many messages are not shown yet. */
  get rest(): number {
    return Math.max(0, Math.max(...this.counts) - this.most);
  }

  more(pair: readonly [string, string]): Promise<void> {
    this.most += PAGE;
    return this.load(pair);
  }

  /** One of them goes on in the chat: what is new there belongs to it. */
  private follow(): void {
    const { path } = this.options.chat.tree;
    const end = path.at(-1);
    const isNew = end !== this.shownEnd && end !== undefined && !end.startsWith('local-');
    if (this.pair && isNew && !this.isLoading && this.tops.some(top => path.includes(top))) {
      void this.load(this.pair);
    }
  }

  /** The messages of a line, from the top; as many as are shown. */
  private async fetch(line: readonly string[]): Promise<Message[]> {
    const { client, chat } = this.options;
    const wanted = line.slice(0, this.most);
    const found: Message[] = [];
    for (let end = wanted.length; end > 0; end -= PAGE) {
      const leaf = wanted[end - 1] ?? '';
      const { items } = await client.messages(chat.id ?? '', { leaf, limit: Math.min(PAGE, end) });
      found.unshift(...items);
    }
    return found;
  }
}

/** What is in one branch and not in the other, from the top: of both. */
export function linesOf(
  pair: readonly [string, string],
  all: readonly Pick<TreeNode, 'id' | 'parent_id'>[],
  leafBelow: (id: string) => string
): [string[], string[]] {
  const parents = new Map(all.map(({ id, parent_id }) => [id, parent_id]));
  const up = (id: string): string[] => {
    const line: string[] = [];
    for (let at: string | null | undefined = id; at != null && parents.has(at); at = parents.get(at)) {
      line.push(at);
    }
    return line.reverse();
  };
  const [left, right] = [up(leafBelow(pair[0])), up(leafBelow(pair[1]))];
  let at = 0;
  while (at < left.length && left[at] === right[at]) {
    at++;
  }
  return [left.slice(at), right.slice(at)];
}

/** Turn beside turn: a longer one of one branch does not push the next question of the other out of step. */
export function aligned(left: readonly Message[], right: readonly Message[]): Row[] {
  const [ours, theirs] = [turnsOf(left), turnsOf(right)];
  const rows: Row[] = [];
  for (let turn = 0; turn < Math.max(ours.length, theirs.length); turn++) {
    const [one, other] = [ours[turn] ?? [], theirs[turn] ?? []];
    for (let at = 0; at < Math.max(one.length, other.length); at++) {
      rows.push([one[at] ?? null, other[at] ?? null]);
    }
  }
  return rows;
}

/** A turn begins with a question. Where branches part at an answer, the first one has none. */
function turnsOf(messages: readonly Message[]): Message[][] {
  const turns: Message[][] = [];
  for (const message of messages) {
    const turn = turns.at(-1);
    if (!turn || (message.role === 'user' && turn.some(({ role }) => role !== 'user'))) {
      turns.push([message]);
    } else {
      turn.push(message);
    }
  }
  return turns;
}
