import type { ChatModel } from '../../model/chat';
import { weightOf } from '../../model/node';
import type { Rows } from './rows';

/** How much there was when the end was last in view. */
interface Seen {
  readonly said: string;
  readonly height: number;
  /** More of what had been said was still flowing in: it counts as new when it is drawn. */
  readonly isFlowing: boolean;
}

/** Whether anything has come below the view since the end was last in view. */
export class News {
  private seen: Seen | null = null;
  private leaveLast: (() => void) | null = null;

  constructor(
    private readonly chat: ChatModel,
    private readonly rows: Rows
  ) {}

  /** The end is in view; `row` is the last one as it is drawn. */
  read(row: Element | undefined): void {
    const isFlowing = Boolean(row?.querySelector('.jp-llmhub-markdown[aria-busy]'));
    this.seen = { said: this.said, height: this.height, isFlowing };
  }

  /** Whether there is something new below the view. Who has seen nothing yet misses nothing. */
  get isUnread(): boolean {
    if (!this.seen) {
      this.read(undefined);
      return false;
    }
    const { said, height, isFlowing } = this.seen;
    return said !== this.said || (isFlowing && this.height > height + 1);
  }

  /** Calls `listener` whenever the last message says more. */
  listen(listener: () => void): void {
    this.leave();
    const last = this.rows.path.at(-1);
    this.leaveLast = last === undefined ? null : this.chat.subscribeNode(last, listener);
  }

  leave(): void {
    this.leaveLast?.();
    this.leaveLast = null;
  }

  private get said(): string {
    const { path } = this.rows;
    return `${path.length} ${weightOf(this.chat.node(path.at(-1) ?? '')?.message.parts ?? [])}`;
  }

  private get height(): number {
    return this.rows.layout.height(this.rows.path.length - 1);
  }
}
