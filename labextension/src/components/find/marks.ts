const shown = new Map<string, Map<object, readonly Range[]>>();

/** Marks of one kind that one part of the page (`owner`) wants to be seen: a page has one registry of them, which all panels share. */
export function mark(name: string, owner: object, ranges: readonly Range[]): void {
  const { highlights } = CSS as { highlights?: HighlightRegistry };
  const all = shown.get(name) ?? new Map<object, readonly Range[]>();
  shown.set(name, all);
  if (ranges.length > 0) {
    all.set(owner, ranges);
  } else {
    all.delete(owner);
  }
  if (!highlights) {
    return;
  }
  if (all.size > 0) {
    highlights.set(name, new Highlight(...[...all.values()].flat()));
  } else {
    highlights.delete(name);
  }
}
