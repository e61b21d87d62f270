/** A text that has all letters of what was typed, in order. */
export interface Hit {
  /** The better the higher. */
  readonly score: number;
  /** Where the letters stand. */
  readonly at: readonly number[];
}

const BOUNDARY = /[\s/_\-.:()]/;

/** Find `query` in `text` as people type it: letters in order, with gaps; beginnings of words and runs count more. */
export function fuzzy(query: string, text: string): Hit | null {
  const wanted = query.toLowerCase();
  const within = text.toLowerCase();
  const exact = wanted ? within.lastIndexOf(wanted) : -1;
  if (exact >= 0) {
    const at = Array.from(wanted, (_letter, index) => exact + index);
    return { score: 100 + scoreOf(at, text), at };
  }
  const at: number[] = [];
  let from = 0;
  for (const letter of wanted) {
    const found = nextOf(letter, within, from, text);
    if (found < 0) {
      return null;
    }
    at.push(found);
    from = found + 1;
  }
  return { score: scoreOf(at, text), at };
}

/** Where `letter` stands next: right here, else at the beginning of a word, else anywhere. */
function nextOf(letter: string, within: string, from: number, text: string): number {
  if (within[from] === letter) {
    return from;
  }
  const first = within.indexOf(letter, from);
  for (let at = first; at >= 0; at = within.indexOf(letter, at + 1)) {
    if (isBeginning(text, at)) {
      return at;
    }
  }
  return first;
}

function scoreOf(at: readonly number[], text: string): number {
  let score = 0;
  at.forEach((place, index) => {
    score += 1 + (isBeginning(text, place) ? 4 : 0) + (index > 0 && at[index - 1] === place - 1 ? 3 : 0);
  });
  // Of two that fit, the shorter one is meant.
  return score - text.length / 100;
}

function isBeginning(text: string, at: number): boolean {
  return at === 0 || BOUNDARY.test(text[at - 1] ?? '');
}
