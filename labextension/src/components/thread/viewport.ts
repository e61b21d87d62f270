import type { ChatModel, Where } from '../../model/chat';
import type { Heights } from '../../model/heights';
import { Observable } from '../../model/observable';
import type { Spots } from '../../model/spots';
import { Leisure } from '../leisure';
import { type Anchor, anchorIn, lower, yIn } from './anchor';
import { Bookmark } from './bookmark';
import { RowFocus } from './focus';
import { Marks } from './marks';
import { News } from './news';
import { Pin, TOP_GAP } from './pin';
import { Rows } from './rows';
import { AROUND, nextSpan } from './span';
import { type Elements, Stage } from './stage';

/** Closer to the end than this is at the end. Pixels. */
const AT_END = 40;
/** What tells of the question above covers so much of the view. Pixels. */
const REMINDER = 30;
/** After so long without scrolling, nobody scrolls. Milliseconds. */
const IDLE_MS = 150;

/**
 * What of a thread is in the page, and where the view stands on it.
 *
 * It keeps what somebody reads where it is, whatever grows, shrinks, comes or goes around it. A row's height is only known when it
 * is drawn; until then it is estimated. When a row above the view turns out higher, the space that stands for the rows further
 * up gives way (`drift`), so that no scrolling is needed and none is disturbed; when nobody scrolls, the difference is settled.
 */
export class Viewport extends Observable {
  /** The rows in the page: from `first` to before `end`. */
  first = 0;
  end = 0;
  /** What stands around the thread: the question being answered in view, the way to the end. */
  readonly marks = new Marks();
  /** When what nobody needs while they scroll is drawn. */
  readonly leisure = new Leisure();

  private readonly stage: Stage;
  private readonly rows: Rows;
  private readonly pin: Pin;
  private readonly bookmark: Bookmark;
  private readonly news: News;
  private readonly focus: RowFocus;

  /** How much lower everything stands than the estimated heights say. */
  private drift = 0;
  private top = 0;
  private anchor: Anchor | null = null;
  /** Where the anchor is to stand in the view, until that was possible. */
  private anchorOffset: number | null = null;
  /** The view stays at the end while more arrives. Only a person's own going to the end begins this. */
  private follows: boolean;
  /** React has not drawn the rows that were chosen: the page and the layout do not belong together. */
  private isStale = true;
  /** `top` is where the view is to be moved to. */
  private isMoved = false;
  private wasHidden = false;
  private idleTimer = 0;
  private chooseTimer = 0;

  constructor(
    private readonly chat: ChatModel,
    private readonly heights: Heights,
    spots: Spots
  ) {
    super();
    this.rows = new Rows(chat, heights);
    this.pin = new Pin(chat, this.rows);
    this.bookmark = new Bookmark(chat, spots);
    this.news = new News(chat, this.rows);
    this.focus = new RowFocus(this.rows);
    this.stage = new Stage({
      scrolled: () => {
        this.scrolled();
      },
      turnedUp: () => {
        this.letGo();
      },
      resized: () => {
        this.resized();
      },
      drawn: () => {
        this.settle();
      },
      leaving: () => {
        this.remember();
        this.heights.save();
      }
    });
    this.follows = this.bookmark.isAtEnd;
    this.take();
  }

  /** All rows, by message. */
  get path(): readonly string[] {
    return this.rows.path;
  }

  /** Whether the place where somebody was is not known yet: nothing is shown before it is. */
  get isFinding(): boolean {
    return this.bookmark.spot !== undefined && this.path.length > 0;
  }

  heightOf(index: number): number {
    return this.rows.layout.height(index);
  }

  // ---- its life

  attach(elements: Elements): () => void {
    const close = this.stage.open(elements);
    this.measureSurroundings();
    const leave = [
      this.chat.subscribe(() => {
        this.take();
      }),
      this.chat.onGo(where => {
        this.go(where);
      })
    ];
    this.take();
    return () => {
      this.remember();
      window.clearTimeout(this.idleTimer);
      cancelAnimationFrame(this.chooseTimer);
      leave.forEach(one => {
        one();
      });
      this.news.leave();
      close();
    };
  }

  /** A row or what stands below the rows is in the page. */
  watch(element: HTMLElement): () => void {
    return this.stage.watch(element);
  }

  // ---- going somewhere

  go(where: Where): void {
    switch (where) {
      case 'end':
        this.follows = true;
        this.arrive();
        break;
      case 'start':
        this.show(0, this.stage.padding);
        break;
      case 'previous':
      case 'next':
        this.goToQuestion(where === 'previous' ? -1 : 1);
        break;
      default: {
        const index = this.path.indexOf(where.id);
        if (index >= 0) {
          this.reveal(index);
        } else if (!this.chat.tree.isWhole) {
          this.bookmark.spot = { id: where.id, offset: TOP_GAP, pinned: null };
        }
      }
    }
  }

  /** What is in view already stays where it is. */
  private reveal(index: number): void {
    const y = this.y(index) - this.top;
    const isSeen = y >= 0 && y < this.stage.viewHeight / 2;
    if (!isSeen || this.isStale) {
      this.show(index, TOP_GAP);
      this.giveFocus(index);
    }
  }

  private goToQuestion(step: 1 | -1): void {
    // What stands at the top of the view is where one is.
    const here = this.rows.layout.at(this.top - this.base + TOP_GAP + 1);
    const isAtTop = Math.abs(this.y(here) - TOP_GAP - this.top) < 4;
    let index = step < 0 && !isAtTop ? here : here + step;
    while (index >= 0 && index < this.path.length && !this.rows.isQuestion(index)) {
      index += step;
    }
    if (index >= this.path.length) {
      this.go('end');
    } else {
      this.show(Math.max(0, index), TOP_GAP);
      this.giveFocus(Math.max(0, index));
    }
  }

  /** Put a row so many pixels below the top of the view. */
  private show(index: number, offset: number): void {
    this.follows = false;
    this.pin.isDue = false;
    this.drift = 0;
    this.anchor = this.anchorAt(index);
    this.anchorOffset = offset;
    this.arrive();
  }

  private arrive(): void {
    if (this.choose()) {
      this.changed();
    } else {
      this.settle();
    }
    this.restSoon();
  }

  private giveFocus(index: number): void {
    this.focus.want(index);
    this.settle();
  }

  // ---- what changes

  /** The chat says something new: other messages, or more of them. */
  private take(): void {
    if (this.rows.isOld) {
      this.renew();
    }
    if (this.pin.notice(this.marks.isEndBelow)) {
      this.follows = false;
      this.bookmark.spot = undefined;
    }
    this.findSpot();
    this.choose();
    this.isStale = true;
    this.changed();
    this.mark();
  }

  private renew(): void {
    const { rows } = this;
    const before = rows.keys;
    const kept = this.keptAnchor();
    const key = kept?.key ?? before[this.first];
    rows.renew();
    const [was, is] = [key === undefined ? -1 : before.indexOf(key), rows.indexOf(key)];
    const shift = was >= 0 && is >= 0 ? is - was : 0;
    this.first = clamp(this.first + shift, 0, rows.path.length);
    this.end = clamp(this.end + shift, this.first, rows.path.length);
    this.holdTo(kept);
    if (this.stage.elements) {
      // What the last message says may be below the view.
      this.news.listen(() => {
        if (this.marks.isEndBelow) {
          this.mark();
        }
      });
    }
  }

  /** Of the rows in view, the first that will still be there; and where it stands. */
  private keptAnchor(): Anchor | null {
    const { anchor, rows } = this;
    if (!anchor) {
      return null;
    }
    const next = rows.nextKeys();
    if (next.has(anchor.key)) {
      return anchor;
    }
    const at = rows.indexOf(anchor.key);
    for (let step = 0; step < rows.keys.length; step++) {
      // Below what stands at the top, then above it.
      for (const index of [at + step, at - step]) {
        const key = rows.keys[index];
        if (key !== undefined && next.has(key)) {
          return this.anchorAt(index);
        }
      }
    }
    return null;
  }

  /** The row stays where it was, though there are others above it now. */
  private holdTo(anchor: Anchor | null): void {
    this.anchor = anchor;
    const index = this.rows.indexOf(anchor?.key);
    if (anchor && index >= 0 && !this.follows) {
      this.drift += anchor.y - this.y(index);
      if (!this.stage.isHeld && Math.abs(this.drift) > AROUND) {
        const by = -this.drift;
        this.drift = 0;
        this.shift(by);
      }
    }
  }

  /** Go where somebody was when they left, as soon as it is known where that is. */
  private findSpot(): void {
    const { bookmark, pin, rows } = this;
    const { spot } = bookmark;
    if (!spot || rows.path.length === 0) {
      return;
    }
    const pinned = spot.pinned === null ? -1 : rows.path.indexOf(spot.pinned);
    if (pinned >= 0 && pinned === rows.lastQuestion) {
      pin.key = rows.keys[pinned] ?? null;
    }
    const index = spot.id === null ? -1 : rows.path.indexOf(spot.id);
    if (index < 0) {
      if (spot.id !== null && !this.chat.tree.isWhole) {
        return;
      }
      this.follows = true;
    } else if (this.stage.elements) {
      this.anchor = this.anchorAt(index);
      this.anchorOffset = spot.offset;
    } else {
      return;
    }
    bookmark.spot = undefined;
  }

  // ---- settling

  /** React has drawn the rows that were chosen. */
  drawn(): void {
    this.isStale = false;
    this.settle();
    this.chooseSoon();
  }

  private resized(): void {
    this.wasHidden ||= this.stage.isHidden;
    this.measureSurroundings();
    this.settle();
    // Rows that come now would be painted before they are observed.
    this.chooseSoon();
  }

  private chooseSoon(): void {
    this.chooseTimer ||= requestAnimationFrame(() => {
      this.chooseTimer = 0;
      if (this.stage.elements && this.choose(true)) {
        this.changed();
      }
    });
  }

  private measureSurroundings(): void {
    const { stage } = this;
    const style = stage.measure();
    const before = this.anchor;
    if (style && stage.elements && this.rows.fit(stage.elements.above.clientWidth, style)) {
      this.holdTo(before);
    }
  }

  /** Bring what is in the page into order: heights, space for what is not, the view. Before anything of it is painted. */
  private settle(): void {
    const { elements } = this.stage;
    if (!elements || this.isStale || this.stage.isHidden) {
      return;
    }
    if (this.stage.isOutdated) {
      this.measureSurroundings();
    }
    const { view } = elements;
    this.stage.forgetDrawn();
    // What is hidden forgets how far it was scrolled.
    this.isMoved ||= this.wasHidden;
    this.wasHidden = false;
    // A browser takes the view back when there is less below it; soon there is as much as before.
    const most = view.scrollHeight - view.clientHeight;
    this.isMoved ||= view.scrollTop < this.top - 0.5 && view.scrollTop >= most - 1;
    this.rows.measure(elements.rows, this.first);
    this.space(elements);
    this.reserve(elements);
    if (this.pin.isDue) {
      this.standPinned(view);
    } else if (this.anchorOffset !== null && this.anchor) {
      this.reach(view, this.anchorOffset);
    } else if (this.follows) {
      this.scrollTo(view, view.scrollHeight);
    } else {
      this.hold(elements);
    }
    this.focus.give(elements, this.first);
    this.mark();
    if (Math.abs(this.drift) >= 1) {
      this.restSoon();
    }
  }

  /** Make room for the rows that are not in the page. */
  private space(elements: Elements): void {
    const { layout } = this.rows;
    let above = layout.top(this.first) + this.drift;
    if (above < 0 || (this.first === 0 && above !== 0)) {
      // There is no room to give: the view moves instead.
      this.drift -= above;
      this.shift(-above);
      above = 0;
    }
    setHeight(elements.above, above);
    setHeight(elements.below, layout.total - layout.top(this.end));
  }

  /** Everything stands lower from now on, and so does the view. */
  private shift(by: number): void {
    if (this.anchor) {
      lower(this.anchor, by);
    }
    this.top += by;
    this.isMoved = true;
  }

  private reserve({ view, reserve }: Elements): void {
    if (this.pin.index < 0) {
      setHeight(reserve, 0);
      return;
    }
    const end = yIn(view, reserve) + this.stage.paddingBelow;
    setHeight(reserve, Math.max(0, this.stage.viewHeight - (end - this.pinnedTop)));
  }

  private get pinnedTop(): number {
    const { index } = this.pin;
    return this.pin.topFor(this.y(index), this.heightOf(index), this.stage.viewHeight);
  }

  private standPinned(view: HTMLElement): void {
    const { index } = this.pin;
    if (index < this.first || index >= this.end) {
      return;
    }
    this.pin.isDue = false;
    this.anchor = this.anchorAt(index);
    this.scrollTo(view, this.pinnedTop);
  }

  /** Where somebody was when they left. */
  private reach(view: HTMLElement, offset: number): void {
    const index = this.rows.indexOf(this.anchor?.key);
    this.anchor = this.anchorAt(index);
    this.scrollTo(view, this.anchor.y - offset);
    if (index >= this.first && index < this.end) {
      this.anchorOffset = null;
    }
  }

  /** What is read stays where it is. */
  private hold(elements: Elements): void {
    const error = this.error(elements);
    if (Math.abs(error) >= 0.25) {
      this.drift -= error;
      this.space(elements);
    }
    if (this.isMoved) {
      this.scrollTo(elements.view, this.top);
    }
  }

  /** How much lower the anchor stands than it should. */
  private error({ view, rows }: Elements): number {
    const { anchor } = this;
    if (!anchor) {
      return 0;
    }
    const inner = anchor.inner.findLast(({ element }) => element.isConnected);
    if (inner) {
      return yIn(view, inner.element) - inner.y;
    }
    const index = this.rows.indexOf(anchor.key);
    const row = rows.children[index - this.first];
    const y = row ? yIn(view, row) : index >= 0 ? this.y(index) : anchor.y;
    return y - anchor.y;
  }

  private scrollTo(view: HTMLElement, top: number): void {
    view.scrollTop = top;
    this.top = view.scrollTop;
    this.isMoved = false;
  }

  // ---- scrolling

  private scrolled(): void {
    const { elements } = this.stage;
    if (!elements) {
      return;
    }
    const { view } = elements;
    const before = this.top;
    const { scrollTop } = view;
    if (Math.abs(scrollTop - before) < 0.5) {
      return;
    }
    const left = view.scrollHeight - view.clientHeight - scrollTop;
    if (scrollTop < before && left <= 1) {
      // A browser scrolls up by itself when there is less than before, or more room; then it stands at the end.
      this.isMoved = true;
      this.settle();
      this.chooseSoon();
      return;
    }
    this.top = scrollTop;
    if (scrollTop < before) {
      this.follows = false;
    } else if (left < AT_END && elements.reserve.clientHeight === 0) {
      this.follows = true;
    }
    this.anchorOffset = null;
    this.moved();
  }

  /** The view stands elsewhere. */
  private moved(): void {
    this.leisure.interrupt();
    if (!this.follows) {
      this.pick();
    }
    if (this.choose()) {
      this.changed();
    }
    this.mark();
    this.restSoon();
  }

  private restSoon(): void {
    window.clearTimeout(this.idleTimer);
    this.idleTimer = window.setTimeout(() => {
      this.rest();
    }, IDLE_MS);
  }

  private letGo(): void {
    if (this.follows) {
      this.follows = false;
      this.pick();
      this.mark();
    }
  }

  /** Nobody scrolls: the scroll bar may tell the truth again. */
  private rest(): void {
    const { elements } = this.stage;
    if (this.stage.isHeld || this.isStale) {
      this.restSoon();
      return;
    }
    if (elements && Math.abs(this.drift) >= 1) {
      // The view can move by whole pixels only: that far everything goes with it.
      const before = this.top;
      this.scrollTo(elements.view, before - this.drift);
      const by = this.top - before;
      this.drift += by;
      this.shift(by);
      this.top -= by;
      this.isMoved = false;
      this.space(elements);
    }
    this.remember();
  }

  /** What stands at the top of the view stays there. */
  private pick(): void {
    const { elements } = this.stage;
    if (!elements) {
      return;
    }
    const { view, rows } = elements;
    const top = view.getBoundingClientRect().top;
    const drawn = this.isStale ? [] : [...rows.children];
    const row = drawn.find(one => one.getBoundingClientRect().bottom > top + 1);
    const index = row ? this.first + drawn.indexOf(row) : -1;
    if (!row || (index === this.first && row.getBoundingClientRect().top > top && this.first > 0)) {
      // The rows of this place are not in the page yet.
      this.anchor = this.anchorAt(this.rows.layout.at(this.top - this.base));
      return;
    }
    this.anchor = anchorIn(view, row, this.rows.keys[index] ?? '');
  }

  /** Which rows are to be in the page. True when these are others than before. */
  private choose(isAhead = false): boolean {
    const { layout, path } = this.rows;
    const { elements } = this.stage;
    const top = this.wantedTop();
    const bottom = top + Math.max(this.stage.viewHeight, 200);
    const { first, end } = this;
    if (path.length === 0 || this.bookmark.spot) {
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
    if (elements && this.end > this.first) {
      this.chat.look(layout.at(top), layout.at(bottom) + 1);
    }
    const isOther = this.first !== first || this.end !== end;
    if (isOther) {
      this.isStale = true;
      if (elements) {
        this.focus.keep(elements, this.first, this.end);
      }
    }
    return isOther;
  }

  /** Where the view stands, or will in a moment. Pixels from the top of the first row. */
  private wantedTop(): number {
    const { layout } = this.rows;
    if (this.pin.isDue) {
      return layout.top(this.pin.index);
    }
    if (this.anchorOffset !== null && this.anchor) {
      return layout.top(this.rows.indexOf(this.anchor.key)) - this.anchorOffset;
    }
    return this.follows || !this.stage.elements ? layout.total - this.stage.viewHeight : this.top - this.base;
  }

  // ---- what is told

  private mark(): void {
    const { elements, viewHeight } = this.stage;
    const { path, layout } = this.rows;
    if (!elements || path.length === 0) {
      this.marks.set(false, false, null);
      return;
    }
    const end = this.base + layout.total;
    const isEndBelow = !this.follows && end - (this.top + viewHeight) > AT_END;
    if (!isEndBelow) {
      this.news.read(elements.rows.children[path.length - 1 - this.first]);
    }
    this.marks.set(isEndBelow, isEndBelow && this.news.isUnread, this.questionAbove());
  }

  /** The question that what stands at the top of the view belongs to, when it is no longer in view itself. */
  private questionAbove(): string | null {
    for (let index = this.rows.layout.at(this.top - this.base + REMINDER); index >= 0; index--) {
      if (this.rows.isQuestion(index)) {
        return this.y(index + 1) <= this.top + REMINDER ? (this.path[index] ?? null) : null;
      }
    }
    return null;
  }

  private remember(): void {
    if (this.path.length === 0 || this.isFinding || this.anchorOffset !== null) {
      return;
    }
    const pinned = this.path[this.pin.index] ?? null;
    const index = this.rows.layout.at(this.top - this.base);
    this.bookmark.keep(
      this.follows
        ? { id: null, offset: 0, pinned }
        : { id: this.path[index] ?? null, offset: this.y(index) - this.top, pinned }
    );
  }

  // ---- measures

  /** Where the first row stands. Pixels from the top of what is scrolled. */
  private get base(): number {
    return this.stage.padding + this.drift;
  }

  private y(index: number): number {
    return this.base + this.rows.layout.top(index);
  }

  private anchorAt(index: number): Anchor {
    return { key: this.rows.keys[index] ?? '', inner: [], y: this.y(index) };
  }
}

function setHeight(element: HTMLElement, height: number): void {
  const value = `${height}px`;
  if (element.style.height !== value) {
    element.style.height = value;
  }
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
