import type { Heights } from '../../model/heights';
import type { ChatModel, Where } from '../../model/chat';
import { weightOf } from '../../model/node';
import { Observable } from '../../model/observable';
import { Leisure } from '../leisure';
import type { Spot, Spots } from '../../model/spots';
import { type Anchor, anchorIn, lower, yIn } from './anchor';
import { Layout } from './layout';
import { Marks } from './marks';
import { Ruler } from './ruler';
import { AROUND, nextSpan } from './span';

/** Closer to the end than this is at the end. Pixels. */
const AT_END = 40;
/** How much of the view a long question may keep when its answer begins. */
const QUESTION_SHARE = 0.35;
/** Between the top of the view and a question that was sent to it. Pixels. */
const TOP_GAP = 4;
/** What tells of the question above covers so much of the view. Pixels. */
const REMINDER = 30;
/** After so long without scrolling, nobody scrolls. Milliseconds. */
const IDLE_MS = 150;
/** The elements of a thread. */
export interface Elements {
  /** What is scrolled. */
  readonly view: HTMLElement;
  readonly content: HTMLElement;
  /** Stands for the rows above those in the page. */
  readonly above: HTMLElement;
  readonly rows: HTMLElement;
  readonly below: HTMLElement;
  /** Stands below everything; as high as the answer to a pinned question still has room. */
  readonly reserve: HTMLElement;
}

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
  /** All rows, by message. */
  path: readonly string[] = [];
  /** What stands around the thread: the question being answered in view, the way to the end. */
  readonly marks = new Marks();
  /** When what nobody needs while they scroll is drawn. */
  readonly leisure = new Leisure();

  private elements: Elements | null = null;
  private readonly layout = new Layout();
  private keys: string[] = [];
  private readonly ruler: Ruler;
  /** How much lower everything stands than the estimated heights say. */
  private drift = 0;
  /** Above the first row, inside of the content. */
  private padding = 0;
  private paddingBelow = 0;
  private top = 0;
  private viewHeight = 0;
  private anchor: Anchor | null = null;
  /** The view stays at the end while more arrives. Only a person's own going to the end begins this. */
  private follows = true;
  /** The key of the question that has room below it. */
  private pinned: string | null = null;
  private isPinning = false;
  private spot: Spot | undefined;
  private focusWanted: string | null = null;
  private wasPosting = false;
  private isHeld = false;
  private idleTimer = 0;
  private chooseTimer = 0;
  /** How much was said when the end was last in view. */
  private seenWeight: string | null = null;
  private leaveLast: (() => void) | null = null;
  /** React has not drawn the rows that were chosen: the page and the layout do not belong together. */
  private isStale = true;
  /** `top` is where the view is to be moved to. */
  private isMoved = false;
  private wasHidden = false;
  private loaded = 0;
  /** Where the anchor is to stand in the view, until that was possible. */
  private spotOffset: number | null = null;
  private readonly observer = new ResizeObserver(() => {
    this.resized();
  });
  /** What is drawn into rows is settled at once: by the time sizes are observed, a browser has noted that things moved. */
  private readonly drawing = new MutationObserver(() => {
    this.settle();
  });

  constructor(
    private readonly chat: ChatModel,
    private readonly heights: Heights,
    private readonly spots: Spots
  ) {
    super();
    this.ruler = new Ruler(chat, heights);
    this.spot = chat.id === null ? undefined : spots.get(chat.id);
    this.follows = (this.spot?.id ?? null) === null;
    this.take();
  }

  /** Whether the place where somebody was is not known yet: nothing is shown before it is. */
  get isFinding(): boolean {
    return this.spot !== undefined && this.path.length > 0;
  }

  heightOf(index: number): number {
    return this.layout.height(index);
  }

  // ---- its life

  attach(elements: Elements): () => void {
    this.elements = elements;
    const { view } = elements;
    this.measureSurroundings();
    const leave = [
      this.chat.subscribe(() => {
        this.take();
      }),
      this.chat.onGo(where => {
        this.go(where);
      }),
      listen(view, 'scroll', () => {
        this.scrolled();
      }),
      listen(view, 'wheel', event => {
        if ((event as WheelEvent).deltaY < 0 && view.scrollHeight > view.clientHeight) {
          this.letGo();
        }
      }),
      // Also on the scroll bar, which tells of its release by the next move only.
      listen(view, 'pointerdown', () => {
        this.isHeld = true;
      }),
      ...['pointermove', 'pointerup'].map(type =>
        listen(document, type, event => {
          this.isHeld = this.isHeld && (event as PointerEvent).buttons !== 0;
        })
      ),
      listen(window, 'pagehide', () => {
        this.remember();
        this.heights.save();
      })
    ];
    this.observer.observe(view);
    this.drawing.observe(elements.rows, { childList: true, characterData: true, subtree: true });
    this.take();
    return () => {
      this.remember();
      window.clearTimeout(this.idleTimer);
      leave.forEach(one => {
        one();
      });
      this.leaveLast?.();
      this.observer.disconnect();
      this.drawing.disconnect();
      cancelAnimationFrame(this.chooseTimer);
      this.elements = null;
    };
  }

  /** A row or what stands below the rows is in the page. */
  watch(element: HTMLElement): () => void {
    this.observer.observe(element);
    return () => {
      this.observer.unobserve(element);
    };
  }

  // ---- going somewhere

  go(where: Where): void {
    switch (where) {
      case 'end':
        this.follows = true;
        this.arrive();
        break;
      case 'start':
        this.show(0, this.padding);
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
          this.spot = { id: where.id, offset: TOP_GAP, pinned: null };
        }
      }
    }
  }

  /** What is in view already stays where it is. */
  private reveal(index: number): void {
    const y = this.y(index) - this.top;
    const isSeen = y >= 0 && y < this.viewHeight / 2;
    if (!isSeen || this.isStale) {
      this.show(index, TOP_GAP);
      this.focus(index);
    }
  }

  private goToQuestion(step: 1 | -1): void {
    // What stands at the top of the view is where one is.
    const here = this.layout.at(this.top - this.base + TOP_GAP + 1);
    const isAtTop = Math.abs(this.y(here) - TOP_GAP - this.top) < 4;
    let index = step < 0 && !isAtTop ? here : here + step;
    while (index >= 0 && index < this.path.length && !this.isQuestion(index)) {
      index += step;
    }
    if (index >= this.path.length) {
      this.go('end');
    } else {
      this.show(Math.max(0, index), TOP_GAP);
      this.focus(Math.max(0, index));
    }
  }

  /** Put a row so many pixels below the top of the view. */
  private show(index: number, offset: number): void {
    this.follows = false;
    this.isPinning = false;
    this.drift = 0;
    this.anchor = { key: this.keys[index] ?? '', inner: [], y: this.y(index) };
    this.spotOffset = offset;
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

  /** Give the keyboard to a message, when it is in the page. */
  private focus(index: number): void {
    this.focusWanted = this.keys[index] ?? null;
    this.settle();
  }

  // ---- what changes

  /** The chat says something new: other messages, or more of them. */
  private take(): void {
    const { tree } = this.chat;
    const { path } = tree;
    const before = this.keys;
    const wasPath = this.path;
    if (path !== wasPath || this.isThin()) {
      const kept = this.keptAnchor(before, path);
      this.path = path;
      this.keys = path.map(id => this.chat.node(id)?.key ?? id);
      const shift = this.keys.length === 0 ? 0 : this.indexShift(before, kept);
      this.layOut();
      this.first = clamp(this.first + shift, 0, path.length);
      this.end = clamp(this.end + shift, this.first, path.length);
      this.holdTo(kept);
      this.listenToLast();
    }
    this.pinWhatWasSent();
    this.findSpot();
    this.choose();
    this.isStale = true;
    this.changed();
    this.mark();
  }

  /** What the last message says may be below the view. */
  private listenToLast(): void {
    this.leaveLast?.();
    const last = this.path.at(-1);
    this.leaveLast =
      last === undefined || !this.elements
        ? null
        : this.chat.subscribeNode(last, () => {
            if (this.marks.isEndBelow) {
              this.mark();
            }
          });
  }

  /** Some of what is shown has come since it was laid out. */
  private isThin(): boolean {
    const loaded = this.path.reduce((sum, id) => sum + (this.chat.node(id) ? 1 : 0), 0);
    const isOther = loaded !== this.loaded;
    this.loaded = loaded;
    return isOther;
  }

  private layOut(): void {
    this.layout.set(this.ruler.measure(this.path, this.keys));
  }

  /** Of the rows in view before, the first that is still there; and where it stood. */
  private keptAnchor(before: readonly string[], path: readonly string[]): Anchor | null {
    const keys = new Set(path.map(id => this.chat.node(id)?.key ?? id));
    if (!this.anchor || keys.has(this.anchor.key)) {
      return this.anchor;
    }
    const at = before.indexOf(this.anchor.key);
    for (let step = 0; step < before.length; step++) {
      // Below what stood at the top, then above it.
      for (const index of [at + step, at - step]) {
        const key = before[index];
        if (key !== undefined && keys.has(key)) {
          return { key, inner: [], y: this.y(index) };
        }
      }
    }
    return null;
  }

  private indexShift(before: readonly string[], kept: Anchor | null): number {
    const key = kept?.key ?? before[this.first];
    const was = key === undefined ? -1 : before.indexOf(key);
    const is = key === undefined ? -1 : this.keys.indexOf(key);
    return was >= 0 && is >= 0 ? is - was : 0;
  }

  /** The row stays where it was, though there are others above it now. */
  private holdTo(anchor: Anchor | null): void {
    this.anchor = anchor;
    const index = anchor ? this.keys.indexOf(anchor.key) : -1;
    if (anchor && index >= 0 && !this.follows) {
      this.drift += anchor.y - this.y(index);
      if (!this.isHeld && Math.abs(this.drift) > AROUND) {
        const by = -this.drift;
        this.drift = 0;
        this.shift(by);
      }
    }
  }

  /** A question that was asked here goes to the top of the view, and its answer has room below. */
  private pinWhatWasSent(): void {
    const isPosting = this.chat.isPosting;
    const begins = isPosting && !this.wasPosting;
    this.wasPosting = isPosting;
    const question = this.lastQuestion();
    const key = question < 0 ? null : (this.keys[question] ?? null);
    const lastId = this.path.at(-1);
    const isReading = this.chat.isSendingByItself && this.marks.isEndBelow;
    if (begins && key !== null && lastId?.startsWith('local-') && !isReading) {
      this.pinned = key;
      this.isPinning = true;
      this.follows = false;
      this.spot = undefined;
    } else if (this.pinned !== null && this.pinned !== key) {
      this.pinned = null;
      this.isPinning = false;
    }
  }

  private lastQuestion(): number {
    for (let index = this.path.length - 1; index >= 0; index--) {
      if (this.isQuestion(index)) {
        return index;
      }
    }
    return -1;
  }

  /** Go where somebody was when they left, as soon as it is known where that is. */
  private findSpot(): void {
    const { spot } = this;
    if (!spot || this.path.length === 0) {
      return;
    }
    const pinned = spot.pinned === null ? -1 : this.path.indexOf(spot.pinned);
    if (pinned >= 0 && pinned === this.lastQuestion()) {
      this.pinned = this.keys[pinned] ?? null;
    }
    const index = spot.id === null ? -1 : this.path.indexOf(spot.id);
    if (index < 0) {
      if (spot.id !== null && !this.chat.tree.isWhole) {
        return;
      }
      this.follows = true;
    } else if (this.elements) {
      this.anchor = { key: this.keys[index] ?? '', inner: [], y: this.y(index) };
      this.spotOffset = spot.offset;
    } else {
      return;
    }
    this.spot = undefined;
  }

  // ---- settling

  /** React has drawn the rows that were chosen. */
  drawn(): void {
    this.isStale = false;
    this.settle();
    this.chooseSoon();
  }

  private resized(): void {
    this.wasHidden ||= this.elements?.view.clientHeight === 0;
    this.measureSurroundings();
    this.settle();
    // Rows that come now would be painted before they are observed.
    this.chooseSoon();
  }

  private chooseSoon(): void {
    this.chooseTimer ||= requestAnimationFrame(() => {
      this.chooseTimer = 0;
      if (this.elements && this.choose(true)) {
        this.changed();
      }
    });
  }

  private measureSurroundings(): void {
    const { elements } = this;
    if (!elements?.view.clientHeight) {
      return;
    }
    const { view, content, above } = elements;
    this.viewHeight = view.clientHeight;
    view.parentElement?.style.setProperty('--jp-llmhub-gutter', `${view.offsetWidth - view.clientWidth}px`);
    const style = getComputedStyle(content);
    this.padding = parseFloat(style.paddingTop) || 0;
    this.paddingBelow = parseFloat(style.paddingBottom) || 0;
    if (!this.ruler.fit(above.clientWidth, style)) {
      return;
    }
    const before = this.anchor;
    this.layOut();
    this.holdTo(before);
  }

  /** Bring what is in the page into order: heights, space for what is not, the view. Before anything of it is painted. */
  private settle(): void {
    const { elements } = this;
    if (!elements || this.isStale || elements.view.clientHeight === 0) {
      return;
    }
    const { view } = elements;
    // What was drawn so far is settled by this.
    this.drawing.takeRecords();
    // What is hidden forgets how far it was scrolled.
    this.isMoved ||= this.wasHidden;
    this.wasHidden = false;
    // A browser takes the view back when there is less below it; soon there is as much as before.
    const most = view.scrollHeight - view.clientHeight;
    this.isMoved ||= view.scrollTop < this.top - 0.5 && view.scrollTop >= most - 1;
    this.measureRows(elements);
    this.space(elements);
    this.reserve(elements);
    if (this.isPinning) {
      this.pin(view);
    } else if (this.spotOffset !== null && this.anchor) {
      this.reach(view, this.spotOffset);
    } else if (this.follows) {
      this.scrollTo(view, view.scrollHeight);
    } else {
      this.hold(elements);
    }
    this.giveFocus(elements);
    this.mark();
    if (Math.abs(this.drift) >= 1) {
      this.restSoon();
    }
  }

  private measureRows({ rows }: Elements): void {
    const children = rows.children;
    for (let at = 0; at < children.length; at++) {
      const index = this.first + at;
      const row = children[at] as HTMLElement;
      const key = this.keys[index];
      if (key === undefined || row.dataset['key'] !== key || row.dataset['loaded'] === undefined) {
        continue;
      }
      const { height } = row.getBoundingClientRect();
      if (this.ruler.note(this.path[index] ?? key, key, height)) {
        this.layout.resize(index, height);
      }
    }
  }

  /** Make room for the rows that are not in the page. */
  private space(elements: Elements): void {
    let above = this.layout.top(this.first) + this.drift;
    if (above < 0 || (this.first === 0 && above !== 0)) {
      // There is no room to give: the view moves instead.
      this.drift -= above;
      this.shift(-above);
      above = 0;
    }
    setHeight(elements.above, above);
    setHeight(elements.below, this.layout.total - this.layout.top(this.end));
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
    const index = this.pinned === null ? -1 : this.keys.indexOf(this.pinned);
    if (index < 0) {
      setHeight(reserve, 0);
      return;
    }
    const end = yIn(view, reserve) + this.paddingBelow;
    setHeight(reserve, Math.max(0, this.viewHeight - (end - this.pinTop(index))));
  }

  /** Where the view stands when a question is at its top. Of a long one only the end is kept in view. */
  private pinTop(index: number): number {
    const height = this.layout.height(index);
    const hidden = Math.max(0, height - this.viewHeight * QUESTION_SHARE);
    return this.y(index) + hidden - TOP_GAP;
  }

  private pin(view: HTMLElement): void {
    const index = this.pinned === null ? -1 : this.keys.indexOf(this.pinned);
    if (index < this.first || index >= this.end) {
      return;
    }
    this.isPinning = false;
    this.anchor = { key: this.keys[index] ?? '', inner: [], y: this.y(index) };
    this.scrollTo(view, this.pinTop(index));
  }

  /** Where somebody was when they left. */
  private reach(view: HTMLElement, offset: number): void {
    const index = this.keys.indexOf(this.anchor?.key ?? '');
    const y = this.y(index);
    this.anchor = { key: this.keys[index] ?? '', inner: [], y };
    this.scrollTo(view, y - offset);
    if (index >= this.first && index < this.end) {
      this.spotOffset = null;
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
    const index = this.keys.indexOf(anchor.key);
    const row = rows.children[index - this.first];
    const y = row ? yIn(view, row) : index >= 0 ? this.y(index) : anchor.y;
    return y - anchor.y;
  }

  private scrollTo(view: HTMLElement, top: number): void {
    view.scrollTop = top;
    this.top = view.scrollTop;
    this.isMoved = false;
  }

  private giveFocus({ rows }: Elements): void {
    const index = this.focusWanted === null ? -1 : this.keys.indexOf(this.focusWanted);
    const article = rows.children[index - this.first]?.querySelector<HTMLElement>('article');
    if (article) {
      this.focusWanted = null;
      if (!article.contains(document.activeElement)) {
        article.focus({ preventScroll: true });
      }
    }
  }

  // ---- scrolling

  private scrolled(): void {
    const { elements } = this;
    if (!elements) {
      return;
    }
    const { view } = elements;
    const before = this.top;
    const { scrollTop } = view;
    if (Math.abs(scrollTop - before) < 0.5) {
      return;
    }
    this.top = scrollTop;
    const left = view.scrollHeight - view.clientHeight - scrollTop;
    if (scrollTop < before && left > 1) {
      // A browser scrolls up by itself when there is less than before; then it stands at the end.
      this.follows = false;
    } else if (scrollTop > before && left < AT_END && elements.reserve.clientHeight === 0) {
      this.follows = true;
    }
    this.spotOffset = null;
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
    const { elements } = this;
    if (this.isHeld || this.isStale) {
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
    const { elements } = this;
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
      const far = this.layout.at(this.top - this.base);
      this.anchor = { key: this.keys[far] ?? '', inner: [], y: this.y(far) };
      return;
    }
    this.anchor = anchorIn(view, row, this.keys[index] ?? '');
  }

  /** Which rows are to be in the page. True when these are others than before. */
  private choose(isAhead = false): boolean {
    const { length } = this.path;
    let top = this.top - this.base;
    if (this.isPinning && this.pinned !== null) {
      top = this.layout.top(this.keys.indexOf(this.pinned));
    } else if (this.spotOffset !== null && this.anchor) {
      top = this.layout.top(this.keys.indexOf(this.anchor.key)) - this.spotOffset;
    } else if (this.follows || !this.elements) {
      top = this.layout.total - this.viewHeight;
    }
    const height = Math.max(this.viewHeight, 200);
    const bottom = top + height;
    const { first, end } = this;
    if (length === 0 || this.spot) {
      this.first = 0;
      this.end = 0;
    } else {
      const span = nextSpan(this.layout, this, top, bottom, isAhead);
      this.first = span.first;
      this.end = span.end;
      if (!span.isWhole) {
        this.chooseSoon();
      }
    }
    if (this.elements && this.end > this.first) {
      this.chat.look(this.layout.at(top), this.layout.at(bottom) + 1);
    }
    const isOther = this.first !== first || this.end !== end;
    if (isOther) {
      this.isStale = true;
      this.keepFocus();
    }
    return isOther;
  }

  /** Who has the keyboard in a row that leaves the page can go on by keyboard. */
  private keepFocus(): void {
    const row = document.activeElement?.closest<HTMLElement>('[data-key]');
    if (row && this.elements?.rows.contains(row)) {
      const index = this.keys.indexOf(row.dataset['key'] ?? '');
      if (index < this.first || index >= this.end) {
        this.elements.view.focus({ preventScroll: true });
      }
    }
  }

  // ---- what is told

  private mark(): void {
    const { elements } = this;
    if (!elements || this.path.length === 0) {
      this.marks.set(false, false, null);
      return;
    }
    const end = this.base + this.layout.total;
    const isEndBelow = end - (this.top + this.viewHeight) > AT_END && !this.follows;
    const lastId = this.path.at(-1) ?? '';
    const weight = `${this.path.length} ${weightOf(this.chat.node(lastId)?.message.parts ?? [])}`;
    if (!isEndBelow || this.seenWeight === null) {
      this.seenWeight = weight;
    }
    const isUnread = isEndBelow && weight !== this.seenWeight;
    this.marks.set(isEndBelow, isUnread, this.questionAbove());
  }

  /** The question that what stands at the top of the view belongs to, when it is no longer in view itself. */
  private questionAbove(): string | null {
    for (let index = this.layout.at(this.top - this.base + REMINDER); index >= 0; index--) {
      if (this.isQuestion(index)) {
        return this.y(index + 1) <= this.top + REMINDER ? (this.path[index] ?? null) : null;
      }
    }
    return null;
  }

  private remember(): void {
    const { id } = this.chat;
    if (id === null || this.path.length === 0 || this.isFinding || this.spotOffset !== null) {
      return;
    }
    const pinnedAt = this.pinned === null ? -1 : this.keys.indexOf(this.pinned);
    const pinned = this.path[pinnedAt] ?? null;
    const index = this.layout.at(this.top - this.base);
    this.spots.set(
      id,
      this.follows
        ? { id: null, offset: 0, pinned }
        : { id: this.path[index] ?? null, offset: this.y(index) - this.top, pinned }
    );
  }

  // ---- measures

  /** Where the first row stands. Pixels from the top of what is scrolled. */
  private get base(): number {
    return this.padding + this.drift;
  }

  private y(index: number): number {
    return this.base + this.layout.top(index);
  }

  private isQuestion(index: number): boolean {
    return this.chat.tree.roleOf(this.path[index] ?? '') === 'user';
  }
}

function listen(target: EventTarget, type: string, listener: (event: Event) => void): () => void {
  const options = { passive: true, capture: target === document };
  target.addEventListener(type, listener, options);
  return () => {
    target.removeEventListener(type, listener, options);
  };
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
