import type { ChatModel } from '../../model/chat';
import type { Bookmark } from './bookmark';
import type { RowFocus } from './focus';
import type { Pin } from './pin';
import type { Rows } from './rows';
import { nextSpan, type Span } from './span';
import type { Stage } from './stage';
import type { Stand } from './stand';

export interface ExcerptOptions {
  chat: ChatModel;
  rows: Rows;
  stage: Stage;
  stand: Stand;
  pin: Pin;
  bookmark: Bookmark;
  focus: RowFocus;
  /** Other rows were chosen in a later frame. */
  changed: () => void;
}

/** What of a thread is in the page: the rows near the view. Those that come are drawn some in each frame. */
export class Excerpt implements Span {
  /** The rows in the page: from `first` to before `end`. */
  first = 0;
  end = 0;
  /** React has not drawn the rows that were chosen: the page and the layout do not belong together. */
  isStale = true;

  private timer = 0;

  constructor(private readonly options: ExcerptOptions) {}

  /** There are so many more rows above them. */
  move(by: number): void {
    const { length } = this.options.rows.path;
    this.first = clamp(this.first + by, 0, length);
    this.end = clamp(this.end + by, this.first, length);
  }

  /** Choose the rows for where the view stands, or will in a moment. True when these are others than before. */
  choose(isAhead = false): boolean {
    const { chat, rows, stage, bookmark, focus } = this.options;
    const { layout, path } = rows;
    const top = this.wantedTop();
    const bottom = top + Math.max(stage.viewHeight, 200);
    const { first, end } = this;
    if (path.length === 0 || bookmark.spot) {
      this.first = 0;
      this.end = 0;
    } else {
      const span = nextSpan(layout, this, top, bottom, isAhead);
      this.first = span.first;
      this.end = span.end;
      if (!span.isWhole) {
        this.chooseSoon();
      }
    }
    if (stage.elements && this.end > this.first) {
      chat.look(layout.at(top), layout.at(bottom) + 1);
    }
    const isOther = this.first !== first || this.end !== end;
    if (isOther) {
      this.isStale = true;
      if (stage.elements) {
        focus.keep(stage.elements, this.first, this.end);
      }
    }
    return isOther;
  }

  /** In the next frame, some more of those ahead. */
  chooseSoon(): void {
    this.timer ||= requestAnimationFrame(() => {
      this.timer = 0;
      if (this.options.stage.elements && this.choose(true)) {
        this.options.changed();
      }
    });
  }

  leave(): void {
    cancelAnimationFrame(this.timer);
    this.timer = 0;
  }

  /** Pixels from the top of the first row. */
  private wantedTop(): number {
    const { pin, rows, stage, stand } = this.options;
    const { layout } = rows;
    if (pin.isDue) {
      return layout.top(pin.index);
    }
    if (stand.anchorOffset !== null && stand.anchor) {
      return layout.top(rows.indexOf(stand.anchor.key)) - stand.anchorOffset;
    }
    return stand.follows || !stage.elements ? layout.total - stage.viewHeight : stand.top - stand.base;
  }
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
