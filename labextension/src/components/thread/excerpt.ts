import type { ChatModel } from '../../model/chat';
import type { Bookmark } from './bookmark';
import type { RowFocus } from './focus';
import type { Pin } from './pin';
import type { Rows } from './rows';
import { type NextSpan, nextSpan, type Span } from './span';
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
  /** This frame has drawn a whole view already. */
  private hasLeapt = false;
  private looked: [number, number] = [0, 0];

  constructor(private readonly options: ExcerptOptions) {}

  /** There are so many more rows above them. */
  move(by: number): void {
    const { length } = this.options.rows.path;
    this.first = clamp(this.first + by, 0, length);
    this.end = clamp(this.end + by, this.first, length);
  }

  /** Choose the rows for where the view stands, or will in a moment. True when these are others than before. */
  choose(isAhead = false): boolean {
    const { stage, focus } = this.options;
    const { first, end } = this;
    const span = this.next(isAhead);
    this.first = span.first;
    this.end = span.end;
    this.hasLeapt ||= span.isFar;
    if (!span.isWhole) {
      this.chooseAhead();
    }
    this.look();
    const isOther = this.first !== first || this.end !== end;
    if (isOther) {
      this.isStale = true;
      if (stage.elements) {
        focus.keep(stage.elements, this.first, this.end);
      }
    }
    return isOther;
  }

  /** In the next frame, some more of those ahead. No frame is asked for if nothing else would be shown or looked at. */
  chooseSoon(): void {
    const { first, end, isWhole } = this.next(true);
    const [from, to] = this.seen();
    if (
      !isWhole ||
      first !== this.first ||
      end !== this.end ||
      from !== this.looked[0] ||
      to !== this.looked[1]
    ) {
      this.chooseAhead();
    }
  }

  leave(): void {
    cancelAnimationFrame(this.timer);
    this.timer = 0;
  }

  private chooseAhead(): void {
    this.timer ||= requestAnimationFrame(() => {
      this.timer = 0;
      if (this.hasLeapt) {
        // Rows ahead would make this frame late, and be for nothing if the next one leaps too.
        this.hasLeapt = false;
        this.chooseAhead();
      } else if (this.options.stage.elements && this.choose(true)) {
        this.options.changed();
      }
    });
  }

  private next(isAhead: boolean): NextSpan {
    const { rows, bookmark } = this.options;
    if (rows.path.length === 0 || bookmark.spot) {
      return { first: 0, end: 0, isWhole: true, isFar: false };
    }
    const [top, bottom] = this.wanted();
    return nextSpan(rows.layout, this, top, bottom, isAhead);
  }

  /** The chat is told what is looked at. */
  private look(): void {
    const { chat, stage } = this.options;
    if (stage.elements && this.end > this.first) {
      this.looked = this.seen();
      chat.look(...this.looked);
    }
  }

  /** The rows in the view: from which to before which. */
  private seen(): [number, number] {
    const { layout } = this.options.rows;
    const [top, bottom] = this.wanted();
    return [layout.at(top), layout.at(bottom) + 1];
  }

  /** Where the view stands, or will: pixels from the top of the first row to its upper and its lower edge. */
  private wanted(): [number, number] {
    const top = this.wantedTop();
    return [top, top + Math.max(this.options.stage.viewHeight, 200)];
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
