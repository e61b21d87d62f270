import { Lexer, type Token } from 'marked';

/** A top-level block of Markdown. A closed one never changes again, however much text follows. */
export interface Block {
  readonly type: string;
  readonly raw: string;
  readonly closed: boolean;
}

/**
 * Cuts Markdown that grows at its end into top-level blocks. Closed blocks are frozen: the same objects come back, and only what
 * follows them is read again.
 *
 * A block closes when another one has begun on a line that is complete; a half line (`#`, `-`) may still turn out to belong to the
 * paragraph above. Display mathematics stays in one block even where Markdown would cut it.
 */
export class BlockSplitter {
  private frozen: readonly Block[] = [];
  private frozenText = '';

  split(source: string, done: boolean): readonly Block[] {
    const text = source.replace(/\r\n?/g, '\n');
    if (!text.startsWith(this.frozenText)) {
      this.frozen = [];
      this.frozenText = '';
    }
    const tail = text.slice(this.frozenText.length);
    const pieces = join(new Lexer({ gfm: true }).blockTokens(tail, []));
    const complete = tail.lastIndexOf('\n') + 1;
    const closed: Block[] = [];
    const open: Block[] = [];
    let end = 0;
    for (const [index, { type, raw }] of pieces.entries()) {
      end += raw.length;
      // The block after this one starts at `end`; its first line has to be complete.
      const isClosed =
        index < pieces.length - 1 && open.length === 0 && tail.slice(end, complete).trim() !== '';
      if (isClosed && !done) {
        closed.push({ type, raw, closed: true });
      } else {
        open.push({ type, raw, closed: done });
      }
    }
    if (closed.length) {
      this.frozen = [...this.frozen, ...closed];
      this.frozenText = text.slice(
        0,
        this.frozenText.length + closed.reduce((sum, block) => sum + block.raw.length, 0)
      );
    }
    return [...this.frozen, ...open];
  }
}

const MATH: readonly { open: RegExp; close: RegExp }[] = [
  { open: /^\s*\$\$/, close: /\$\$\s*$/ },
  { open: /^\s*\\\[/, close: /\\\]\s*$/ },
  { open: /^\s*\\begin\{/, close: /\\end\{[^}]*\}\s*$/ }
];

interface Piece {
  type: string;
  raw: string;
}

/** Blank lines belong to the block before them; mathematics that was cut is put together. */
function join(tokens: readonly Token[]): Piece[] {
  const pieces: Piece[] = [];
  let closing: RegExp | null = null;
  for (const token of tokens) {
    const last = pieces.at(-1);
    if (last && (closing || token.type === 'space')) {
      last.raw += token.raw;
      if (closing?.test(last.raw)) {
        closing = null;
      }
      continue;
    }
    const math = token.type === 'paragraph' || token.type === 'text' ? opening(token.raw) : undefined;
    if (math && !math.close.test(token.raw.replace(math.open, ''))) {
      closing = math.close;
    }
    pieces.push({ type: math ? 'math' : token.type, raw: token.raw });
  }
  return pieces;
}

function opening(raw: string): (typeof MATH)[number] | undefined {
  return MATH.find(({ open }) => open.test(raw));
}

/** The inside and the language of a fenced or indented code block, closed or not. */
export function readCode(raw: string): { code: string; language: string } {
  const fence = /^ {0,3}(`{3,}|~{3,})([^\n]*)\n?/.exec(raw);
  if (!fence) {
    return { code: raw.replace(/^(?: {4}|\t)/gm, '').replace(/\s+$/, ''), language: '' };
  }
  const [opener, marks = '', info = ''] = fence;
  const closer = new RegExp(`(?:^|\\n) {0,3}${marks.startsWith('~') ? '~' : '`'}{${marks.length},}\\s*$`);
  const code = raw.slice(opener.length).replace(closer, '').replace(/\n$/, '');
  return { code, language: info.trim().split(/[\s{,]/)[0] ?? '' };
}

/** TeX's own delimiters as the ones that JupyterLab reads, outside of code. */
export function withDollars(source: string): string {
  if (!/\\[([]/.test(source)) {
    return source;
  }
  return source
    .split(/(`+[^`]*`+)/)
    .map((piece, index) =>
      index % 2
        ? piece
        : piece
            .replace(/\\\[([\s\S]*?)\\\]/g, (_all, tex: string) => `$$${tex}$$`)
            .replace(/\\\((.*?)\\\)/g, (_all, tex: string) => `$${tex.trim()}$`)
    )
    .join('');
}

/**
 * Mermaid's code as plain code. JupyterLab would draw it as a diagram in the page before any sanitizer sees it, and fetch the
 * pictures in it from wherever they are. A second word behind the language is not shown, and keeps JupyterLab from knowing it.
 */
export function withoutDiagrams(source: string): string {
  return source.replace(/[`~]{3}[^\S\n]*mermaid(?=[^\S\n]*$)/gm, '$& code');
}
