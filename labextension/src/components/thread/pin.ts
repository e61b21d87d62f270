import type { ChatModel } from '../../model/chat';
import type { Rows } from './rows';

/** How much of the view a long question may keep when its answer begins. */
const SHARE = 0.35;
/** Between the top of the view and a question that was sent to it. Pixels. */
export const TOP_GAP = 4;

/** The question that was asked here last: it stands at the top of the view, and its answer has room below. */
export class Pin {
  /** Of the question; null: there is none. */
  key: string | null = null;
  /** The view is to be moved to it. */
  isDue = false;

  private wasPosting = false;

  constructor(
    private readonly chat: ChatModel,
    private readonly rows: Rows
  ) {}

  /** -1: there is none. */
  get index(): number {
    return this.rows.indexOf(this.key);
  }

  /** Notice whether a question was sent, which is true, or the one that was pinned is no longer the last. */
  notice(isReadingElsewhere: boolean): boolean {
    const { isPosting } = this.chat;
    const begins = isPosting && !this.wasPosting;
    this.wasPosting = isPosting;
    const key = this.rows.keys[this.rows.lastQuestion] ?? null;
    const isNew = this.rows.path.at(-1)?.startsWith('local-') ?? false;
    if (begins && key !== null && isNew && !(this.chat.isSendingByItself && isReadingElsewhere)) {
      this.key = key;
      this.isDue = true;
      return true;
    }
    if (this.key !== key) {
      this.key = null;
      this.isDue = false;
    }
    return false;
  }

  /** Where the view stands with a question of this height, which begins at `y`, at its top. Of a long one only the end is seen. */
  topFor(y: number, height: number, viewHeight: number): number {
    return y + Math.max(0, height - viewHeight * SHARE) - TOP_GAP;
  }
}
