import type { Layout } from '../layout';

/** Rows are in the page as far as this above and below the view. Pixels. */
export const AROUND = 700;
/** What is nearer than this is drawn at once, the rest some of it in each frame. */
const LEAST = 300;
const PER_FRAME = 350;

/** Rows in the page: from `first` to before `end`. */
export interface Span {
  readonly first: number;
  readonly end: number;
}

export interface NextSpan extends Span {
  /** Nothing is left to be drawn ahead. */
  readonly isWhole: boolean;
  /** Nothing of what was in the page is seen. */
  readonly isFar: boolean;
}

/**
 * Which rows are to be in the page where those from `top` to `bottom` are seen: the near ones now, the others in the frames that
 * follow (`isAhead`), so that none has to draw many of them.
 */
export function nextSpan(
  layout: Layout,
  drawn: Span,
  top: number,
  bottom: number,
  isAhead: boolean
): NextSpan {
  const most = { first: layout.at(top - AROUND), end: layout.at(bottom + AROUND) + 1 };
  // Far away from what is in the page only what is seen is drawn at first.
  const isFar = drawn.end <= drawn.first || layout.top(drawn.end) < top || layout.top(drawn.first) > bottom;
  const near = isFar || isAhead ? 0 : LEAST;
  let first = layout.at(top - near);
  let end = layout.at(bottom + near) + 1;
  if (!isFar) {
    // What is in the page stays until it is far away.
    first = Math.min(first, Math.max(drawn.first, layout.at(top - 2 * AROUND)));
    end = Math.max(end, Math.min(drawn.end, layout.at(bottom + 2 * AROUND) + 1));
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
  return { first, end, isWhole: first <= most.first && end >= most.end, isFar };
}
