/** Where `query` stands in `title`, as the server compares them (without case, one form for composed characters), or null. */
export function match(title: string, query: string): { from: number; to: number } | null {
  const wanted = fold(query.trim());
  if (!wanted) {
    return null;
  }
  let folded = '';
  /** For each unit of the folded title, where the character that it comes from begins and ends. */
  const origin: { from: number; to: number }[] = [];
  let to = 0;
  for (const character of title) {
    const from = to;
    to += character.length;
    const end = to;
    const piece = fold(character);
    folded += piece;
    origin.push(...Array.from({ length: piece.length }, () => ({ from, to: end })));
  }
  const found = folded.indexOf(wanted);
  const first = origin[found];
  const last = origin[found + wanted.length - 1];
  return found >= 0 && first && last ? { from: first.from, to: last.to } : null;
}

function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase().replace(/ß/g, 'ss');
}
