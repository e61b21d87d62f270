/** What stands in the page, but is no text of a message: buttons, and what is drawn twice. */
const NO_TEXT = 'button, select, [aria-hidden="true"]';
const BLOCK = 'p, li, td, th, pre, div, blockquote, h1, h2, h3, h4, h5, h6, dt, dd, summary, figcaption';

/** A letter as it is looked for, and where it stands. `node` is null between two blocks. */
interface Places {
  text: string;
  readonly nodes: (Text | null)[];
  readonly starts: number[];
  readonly ends: number[];
}

/** Where words stand in the text below an element, also across bold words and code; case, accents and line breaks do not count. */
export function rangesOf(element: Element, words: readonly string[]): Range[] {
  const wanted = [...new Set(words.map(word => folded(word).trim().replace(/\s+/g, ' ')))].filter(Boolean);
  if (wanted.length === 0) {
    return [];
  }
  const places = placesOf(element);
  const found: Range[] = [];
  for (const word of wanted) {
    for (let at = places.text.indexOf(word); at >= 0; at = places.text.indexOf(word, at + word.length)) {
      const range = rangeOf(places, at, at + word.length - 1);
      if (range) {
        found.push(range);
      }
    }
  }
  return found;
}

function rangeOf(places: Places, first: number, last: number): Range | null {
  const [start, end] = [places.nodes[first], places.nodes[last]];
  if (!start || !end) {
    return null;
  }
  const range = document.createRange();
  range.setStart(start, places.starts[first] ?? 0);
  range.setEnd(end, places.ends[last] ?? 0);
  return range;
}

function placesOf(element: Element): Places {
  const places: Places = { text: '', nodes: [], starts: [], ends: [] };
  const letters: string[] = [];
  const add = (letter: string, node: Text | null, start: number, end: number): void => {
    const blank = /\s/.test(letter);
    if (blank && (letters.length === 0 || letters.at(-1) === ' ')) {
      return; // of many blanks one counts
    }
    letters.push(blank ? ' ' : letter);
    places.nodes.push(node);
    places.starts.push(start);
    places.ends.push(end);
  };
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT, node =>
    node instanceof Element && node.matches(NO_TEXT) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT
  );
  let block: Element | null = null;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node instanceof Text) {
      const here = node.parentElement?.closest(BLOCK) ?? null;
      if (here !== block) {
        add(' ', null, 0, 0);
        block = here;
      }
      let at = 0;
      for (const letter of node.data) {
        const plain = folded(letter);
        for (let unit = 0; unit < plain.length; unit++) {
          add(plain.charAt(unit), node, at, at + letter.length);
        }
        at += letter.length;
        if (plain === '' && places.nodes.at(-1) === node) {
          places.ends[places.ends.length - 1] = at; // an accent belongs to the letter before it
        }
      }
    } else if (node.nodeName === 'BR') {
      add(' ', null, 0, 0);
    }
  }
  places.text = letters.join('');
  return places;
}

/** A text without case and accents. */
function folded(text: string): string {
  // eslint-disable-next-line no-control-regex
  return /^[\x00-\x7f]*$/.test(text)
    ? text.toLowerCase()
    : text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}
