/** What stands on the text and moves with its own rules, or is drawn anew as a whole, holds nothing in place. */
const NOT_INSIDE = 'p, pre, table, svg, button, .jp-llmhub-code, .jp-llmhub-toolbar, mjx-container';

/** Something that stays where it is while things around it change. */
export interface Anchor {
  readonly key: string;
  /** Inside of the row, from outside in. */
  readonly inner: readonly { readonly element: Element; y: number }[];
  /** Where the row begins. Pixels from the top of what is scrolled. */
  y: number;
}

/** What in a row stands at the top of the view. */
export function anchorIn(view: HTMLElement, row: Element, key: string): Anchor {
  const top = view.getBoundingClientRect().top;
  const inner: { element: Element; y: number }[] = [];
  for (let at: Element | undefined = row; at && at.getBoundingClientRect().top < top;) {
    at = at.matches(NOT_INSIDE)
      ? undefined
      : [...at.children].find(child => {
          const { bottom, height } = child.getBoundingClientRect();
          return height > 0 && bottom > top + 1;
        });
    if (at) {
      inner.push({ element: at, y: yIn(view, at) });
    }
  }
  return { key, inner, y: yIn(view, row) };
}

/** The anchor is so much lower than it was, as everything is. */
export function lower(anchor: Anchor, by: number): void {
  anchor.y += by;
  anchor.inner.forEach(inner => {
    inner.y += by;
  });
}

/** Where an element stands in what is scrolled. Pixels from its top. */
export function yIn(view: HTMLElement, element: Element): number {
  return element.getBoundingClientRect().top - view.getBoundingClientRect().top + view.scrollTop;
}
