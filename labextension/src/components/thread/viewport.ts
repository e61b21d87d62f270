import type { Heights } from '../../model/heights';
import type { ChatModel, Where } from '../../model/chat';
import { weightOf } from '../../model/node';
import { Observable } from '../../model/observable';
import type { Spot, Spots } from '../../model/spots';
import { estimate, type Metrics } from './estimate';
import { Layout } from './layout';

/** Rows are in the page as far as this above and below the view. Pixels. */
const AROUND = 700;
/** What is nearer than this is drawn at once, the rest some of it in each frame. */
const LEAST = 300;
const PER_FRAME = 350;
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
/** What stands on the text and moves with its own rules, or is drawn anew as a whole, holds nothing in place. */
const NOT_INSIDE = 'p, pre, table, svg, button, .jp-llmhub-code, .jp-llmhub-toolbar, mjx-container';

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

/** Something that stays where it is while things around it change. */
interface Anchor {
  readonly key: string;
  /** Inside of the row, from outside in. */
  readonly inner: readonly { readonly element: Element; y: number }[];
  /** Where the row begins. Pixels from the top of what is scrolled. */
  y: number;
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

  private elements: Elements | null = null;
  private readonly layout = new Layout();
  private keys: string[] = [];
  private readonly measured = new Map<string, number>();
  private metrics: Metrics = { width: 480, letter: 6.6, line: 21.7, codeLine: 17 };
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
      const kept = this.anchorIn(before, path);
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
    const { width } = this.metrics;
    const estimates = { user: [0, 0], other: [0, 0] } as Record<string, [number, number]>;
    const heights: number[] = [];
    const unknown: number[] = [];
    this.path.forEach((id, index) => {
      const message = this.chat.node(id)?.message;
      const known = this.measured.get(this.keys[index] ?? id) ?? this.remembered(id, width);
      const height = known ?? (message && estimate(message, this.metrics));
      if (height === undefined) {
        unknown.push(index);
      } else {
        const sum = estimates[this.isQuestion(index) ? 'user' : 'other'];
        if (sum) {
          sum[0] += height;
          sum[1] += 1;
        }
      }
      heights.push(height ?? 0);
    });
    for (const index of unknown) {
      // What is not here yet is probably like the rest.
      const isUser = this.isQuestion(index);
      const [sum, count] = estimates[isUser ? 'user' : 'other'] ?? [0, 0];
      heights[index] = count > 0 ? sum / count : isUser ? 80 : 300;
    }
    this.layout.set(heights);
  }

  /** As high as it was; at another width, as much higher or lower as the estimates differ. */
  private remembered(id: string, width: number): number | undefined {
    const kept = this.heights.get(id);
    if (!kept || Math.abs(kept.width - width) < 1) {
      return kept?.height;
    }
    const message = this.chat.node(id)?.message;
    if (!message) {
      return kept.height;
    }
    const then = estimate(message, { ...this.metrics, width: kept.width });
    return (kept.height * estimate(message, this.metrics)) / then;
  }

  /** Of the rows in view before, the first that is still there; and where it stood. */
  private anchorIn(before: readonly string[], path: readonly string[]): Anchor | null {
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
    if (begins && key !== null && lastId?.startsWith('local-')) {
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
    const width = above.clientWidth;
    if (Math.abs(width - this.metrics.width) < 0.5) {
      return;
    }
    const text = parseFloat(style.getPropertyValue('--jp-content-font-size1')) || 14;
    const code = parseFloat(style.getPropertyValue('--jp-code-font-size')) || 13;
    const codeLine = parseFloat(style.getPropertyValue('--jp-code-line-height')) || 1.3077;
    this.metrics = { width, letter: text * 0.475, line: text * 1.55, codeLine: code * codeLine };
    // Those in the page say themselves how high they are now.
    this.measured.clear();
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
    const { width } = this.metrics;
    const children = rows.children;
    for (let at = 0; at < children.length; at++) {
      const index = this.first + at;
      const row = children[at] as HTMLElement;
      const key = this.keys[index];
      if (key === undefined || row.dataset['key'] !== key || row.dataset['loaded'] === undefined) {
        continue;
      }
      const { height } = row.getBoundingClientRect();
      if (this.measured.get(key) !== height) {
        this.measured.set(key, height);
        this.layout.resize(index, height);
        this.heights.set(this.path[index] ?? key, width, height);
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
      this.anchor.y += by;
      this.anchor.inner.forEach(inner => {
        inner.y += by;
      });
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
    const end = this.yIn(view, reserve) + this.paddingBelow;
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
      return this.yIn(view, inner.element) - inner.y;
    }
    const index = this.keys.indexOf(anchor.key);
    const row = rows.children[index - this.first];
    const y = row ? this.yIn(view, row) : index >= 0 ? this.y(index) : anchor.y;
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
    const inner: { element: Element; y: number }[] = [];
    for (let at: Element | undefined = row; at && at.getBoundingClientRect().top < top;) {
      at = at.matches(NOT_INSIDE)
        ? undefined
        : [...at.children].find(child => {
            const { bottom, height } = child.getBoundingClientRect();
            return height > 0 && bottom > top + 1;
          });
      if (at) {
        inner.push({ element: at, y: this.yIn(view, at) });
      }
    }
    this.anchor = { key: this.keys[index] ?? '', inner, y: this.yIn(view, row) };
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
      this.draw(top, bottom, isAhead);
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

  /** The rows between two places and those around them: the near ones now, the others in the frames that follow. */
  private draw(top: number, bottom: number, isAhead: boolean): void {
    const { layout } = this;
    const most = { first: layout.at(top - AROUND), end: layout.at(bottom + AROUND) + 1 };
    // Far away from what is in the page only what is seen is drawn at first.
    const isFar = this.end <= this.first || layout.top(this.end) < top || layout.top(this.first) > bottom;
    const near = isFar ? 0 : LEAST;
    let first = layout.at(top - near);
    let end = layout.at(bottom + near) + 1;
    if (!isFar) {
      // What is in the page stays until it is far away.
      first = Math.min(first, Math.max(this.first, layout.at(top - 2 * AROUND)));
      end = Math.max(end, Math.min(this.end, layout.at(bottom + 2 * AROUND) + 1));
    }
    if (isAhead) {
      const above = first > most.first ? top - layout.top(first) : Infinity;
      const below = end < most.end ? layout.top(end) - bottom : Infinity;
      if (above < below) {
        first = Math.max(most.first, layout.at(layout.top(first) - PER_FRAME));
      } else if (below < Infinity) {
        end = Math.min(most.end, layout.at(layout.top(end) + PER_FRAME) + 1);
      }
    }
    this.first = first;
    this.end = end;
    if (first > most.first || end < most.end) {
      this.chooseSoon();
    }
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

  private yIn(view: HTMLElement, element: Element): number {
    return element.getBoundingClientRect().top - view.getBoundingClientRect().top + view.scrollTop;
  }

  private isQuestion(index: number): boolean {
    return this.chat.tree.roleOf(this.path[index] ?? '') === 'user';
  }
}

/** What stands around a thread and changes while it is scrolled: drawn for itself, so that the thread is not. */
export class Marks extends Observable {
  /** There is more below the view. */
  isEndBelow = false;
  /** And some of it has come since the end was last in view. */
  isUnread = false;
  /** The question whose answer is read, when it has left the view. */
  question: string | null = null;

  set(isEndBelow: boolean, isUnread: boolean, question: string | null): void {
    if (this.isEndBelow !== isEndBelow || this.isUnread !== isUnread || this.question !== question) {
      this.isEndBelow = isEndBelow;
      this.isUnread = isUnread;
      this.question = question;
      this.changed();
    }
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
