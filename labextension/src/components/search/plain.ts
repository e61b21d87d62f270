import type { Piece } from './snippet';

/** Markup, what stays of it, markup. Lines are gone in a snippet, and code in it is not told from words: what could be code stays. */
const MARKUP: readonly RegExp[] = [
  // The fence of a block, with its language.
  /(?<=^|\s)(`{3,}[\w+#.-]*(?:\s|$))()()/g,
  // A heading: in the middle one "#" is rather a comment.
  /^(#{1,6}\s)()()/g,
  /(?<=\s)(#{2,6}\s)()()/g,
  /(?<![\w*`])(\*\*)(?=[^\s*])([^*]*?[^\s*])(\*\*)(?![\w*`])/g,
  /(?<![\w*`])(\*)(?=[\p{L}\p{N}])([^*]*?[^\s*])(\*)(?![\w*`])/gu,
  // A link or an image, whose address looks like one.
  /(?<![\w\])])(!?\[)([^[\]]+)(\]\([^()\s]*[./#:@][^()\s]*\))/g,
  /(?<!`)(`)([^`]+)(`)(?!`)/g
];

/** A snippet of Markdown as it reads when it is drawn: text only. What was found keeps all its letters. */
export function plain(pieces: readonly Piece[]): readonly Piece[] {
  return MARKUP.reduce(without, pieces);
}

function without(pieces: readonly Piece[], markup: RegExp): readonly Piece[] {
  const text = pieces.map(piece => piece.text).join('');
  const isFound = pieces.flatMap(piece =>
    Array.from<boolean>({ length: piece.text.length }).fill(piece.isMatch)
  );
  const isGone = new Set<number>();
  for (const { 0: whole, 1: before = '', 2: kept = '', index } of text.matchAll(markup)) {
    const places = Array.from({ length: whole.length }, (_, at) => at)
      .filter(at => at < before.length || at >= before.length + kept.length)
      .map(at => index + at);
    if (!places.some(at => isFound[at])) {
      places.forEach(at => isGone.add(at));
    }
  }
  let start = 0;
  return pieces.flatMap(piece => {
    const left = Array.from({ length: piece.text.length }, (_, at) => start + at).filter(
      at => !isGone.has(at)
    );
    start += piece.text.length;
    return left.length > 0 ? [{ ...piece, text: left.map(at => text.charAt(at)).join('') }] : [];
  });
}
