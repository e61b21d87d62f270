import { type Anchor, anchorIn, lower, yIn } from './anchor';
import type { Rows } from './rows';
import { AROUND, type Span } from './span';
import type { Elements, Stage } from './stage';

/**
 * Where the view stands on the rows, and what holds it there.
 *
 * A row's height is only known when it is drawn; until then it is estimated. When a row above the view turns out higher, the
 * space that stands for the rows further up gives way (`drift`), so that no scrolling is needed and none is disturbed; when nobody
 * scrolls, the difference is settled.
 */
export class Stand {
  /** Where the view is, or, when `isMoved`, where it is to be moved to. Pixels. */
  top = 0;
  isMoved = false;
  /** What stays where it is. */
  anchor: Anchor | null = null;
  /** Where the anchor is to stand in the view, until that was possible. */
  anchorOffset: number | null = null;

  /** How much lower everything stands than the estimated heights say. */
  private drift = 0;

  /** `follows`: the view stays at the end while more arrives. Only a person's own going to the end begins this. */
  constructor(
    private readonly rows: Rows,
    private readonly stage: Stage,
    public follows: boolean
  ) {}

  /** Where the first row stands. Pixels from the top of what is scrolled. */
  get base(): number {
    return this.stage.padding + this.drift;
  }

  /** Where a row stands. */
  y(index: number): number {
    return this.base + this.rows.layout.top(index);
  }

  /** The row at the top of the view, by the heights that are known or estimated. */
  get index(): number {
    return this.rows.layout.at(this.top - this.base);
  }

  /** Everything stands elsewhere than the estimated heights say. */
  get isAdrift(): boolean {
    return Math.abs(this.drift) >= 1;
  }

  anchorAt(index: number): Anchor {
    return { key: this.rows.keys[index] ?? '', inner: [], y: this.y(index) };
  }

  /** Be where the row stands so many pixels below the top of the view, as soon as that is possible. */
  aim(index: number, offset: number): void {
    this.anchor = this.anchorAt(index);
    this.anchorOffset = offset;
  }

  /** The estimated heights are as good as any: nothing that is in view stays there. */
  forgetDrift(): void {
    this.drift = 0;
  }

  scrollTo(view: HTMLElement, top: number): void {
    view.scrollTop = top;
    this.top = view.scrollTop;
    this.isMoved = false;
  }

  // ---- other rows

  /** Of the rows in view, the first that will still be there; and where it stands. */
  keptAnchor(): Anchor | null {
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
  holdTo(anchor: Anchor | null): void {
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

  // ---- before anything is painted

  /** Make room for the rows that are not in the page. */
  space(elements: Elements, { first, end }: Span): void {
    const { layout } = this.rows;
    let above = layout.top(first) + this.drift;
    if (above < 0 || (first === 0 && above !== 0)) {
      // There is no room to give: the view moves instead.
      this.drift -= above;
      this.shift(-above);
      above = 0;
    }
    setHeight(elements.above, above);
    setHeight(elements.below, layout.total - layout.top(end));
  }

  /** Where somebody was when they left, or asked to go. */
  reach({ view }: Elements, { first, end }: Span, offset: number): void {
    const index = this.rows.indexOf(this.anchor?.key);
    this.anchor = this.anchorAt(index);
    this.scrollTo(view, this.anchor.y - offset);
    if (index >= first && index < end) {
      this.anchorOffset = null;
    }
  }

  /** What is read stays where it is. */
  hold(elements: Elements, span: Span): void {
    const error = this.error(elements, span);
    if (Math.abs(error) >= 0.25) {
      this.drift -= error;
      this.space(elements, span);
    }
    if (this.isMoved) {
      this.scrollTo(elements.view, this.top);
    }
  }

  /** A browser takes the view back when there is less below it; soon there is as much as before. */
  resist({ view }: Elements): void {
    const most = view.scrollHeight - view.clientHeight;
    this.isMoved ||= view.scrollTop < this.top - 0.5 && view.scrollTop >= most - 1;
  }

  // ---- scrolling

  /** What stands at the top of the view stays there; `isStale`: the rows of this place are not in the page yet. */
  pick({ view, rows }: Elements, { first }: Span, isStale: boolean): void {
    const top = view.getBoundingClientRect().top;
    const drawn = isStale ? [] : [...rows.children];
    const row = drawn.find(one => one.getBoundingClientRect().bottom > top + 1);
    const index = row ? first + drawn.indexOf(row) : -1;
    if (!row || (index === first && row.getBoundingClientRect().top > top && first > 0)) {
      this.anchor = this.anchorAt(this.index);
      return;
    }
    this.anchor = anchorIn(view, row, this.rows.keys[index] ?? '');
  }

  /** Nobody scrolls: the scroll bar may tell the truth again. */
  straighten(elements: Elements, span: Span): void {
    // The view can move by whole pixels only: that far everything goes with it.
    const before = this.top;
    this.scrollTo(elements.view, before - this.drift);
    const by = this.top - before;
    this.drift += by;
    this.shift(by);
    this.top -= by;
    this.isMoved = false;
    this.space(elements, span);
  }

  // ---- how

  /** Everything stands lower from now on, and so does the view. */
  private shift(by: number): void {
    if (this.anchor) {
      lower(this.anchor, by);
    }
    this.top += by;
    this.isMoved = true;
  }

  /** How much lower the anchor stands than it should. */
  private error({ view, rows }: Elements, { first }: Span): number {
    const { anchor } = this;
    if (!anchor) {
      return 0;
    }
    const inner = anchor.inner.findLast(({ element }) => element.isConnected);
    if (inner) {
      return yIn(view, inner.element) - inner.y;
    }
    const index = this.rows.indexOf(anchor.key);
    const row = rows.children[index - first];
    const y = row ? yIn(view, row) : index >= 0 ? this.y(index) : anchor.y;
    return y - anchor.y;
  }
}

/** Make what stands for rows so high. Pixels. */
export function setHeight(element: HTMLElement, height: number): void {
  const value = `${height}px`;
  if (element.style.height !== value) {
    element.style.height = value;
  }
}
