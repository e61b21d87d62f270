/** The inside and the language of a fenced or indented code block, closed or not. */
export function readCode(raw: string): { code: string; language: string; isClosed: boolean } {
  const fence = /^ {0,3}(`{3,}|~{3,})([^\n]*)\n?/.exec(raw);
  if (!fence) {
    return { code: raw.replace(/^(?: {4}|\t)/gm, '').replace(/\s+$/, ''), language: '', isClosed: true };
  }
  const [opener, marks = '', info = ''] = fence;
  const closer = new RegExp(`(?:^|\\n) {0,3}${marks.startsWith('~') ? '~' : '`'}{${marks.length},}\\s*$`);
  const inside = raw.slice(opener.length);
  const code = inside.replace(closer, '');
  return {
    code: code.replace(/\n$/, ''),
    language: info.trim().split(/[\s{,]/)[0] ?? '',
    isClosed: code.length < inside.length
  };
}
