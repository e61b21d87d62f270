import type { ChatModel } from '../../model/chat';
import { Marks } from './marks';
import { News } from './news';
import type { Rows } from './rows';
import type { Span } from './span';
import type { Stage } from './stage';
import type { Stand } from './stand';

/** Closer to the end than this is at the end. Pixels. */
export const AT_END = 40;
/** What tells of the question above covers so much of the view. Pixels. */
const REMINDER = 30;

/** What is out of view and worth telling: the question being answered in view, that there is more below, something new in it. */
export class Outlook {
  readonly marks = new Marks();

  private readonly news: News;

  constructor(
    chat: ChatModel,
    private readonly rows: Rows,
    private readonly stage: Stage,
    private readonly stand: Stand
  ) {
    this.news = new News(chat, rows);
  }

  /** The view stands elsewhere, or rows do. */
  look({ first }: Span): void {
    const { elements, viewHeight } = this.stage;
    const { stand } = this;
    const { path, layout } = this.rows;
    if (!elements || path.length === 0) {
      this.marks.set(false, false, null);
      return;
    }
    const end = stand.base + layout.total;
    const isEndBelow = !stand.follows && end - (stand.top + viewHeight) > AT_END;
    if (!isEndBelow) {
      this.news.read(elements.rows.children[path.length - 1 - first]);
    }
    this.marks.set(isEndBelow, isEndBelow && this.news.isUnread, this.questionAbove());
  }

  /** There are other rows; what the last message says may be below the view. */
  listen(span: Span): void {
    this.news.listen(() => {
      if (this.marks.isEndBelow) {
        this.look(span);
      }
    });
  }

  leave(): void {
    this.news.leave();
  }

  /** The question that what stands at the top of the view belongs to, when it is no longer in view itself. */
  private questionAbove(): string | null {
    const { rows, stand } = this;
    for (let index = rows.layout.at(stand.top - stand.base + REMINDER); index >= 0; index--) {
      if (rows.isQuestion(index)) {
        return stand.y(index + 1) <= stand.top + REMINDER ? (rows.path[index] ?? null) : null;
      }
    }
    return null;
  }
}
