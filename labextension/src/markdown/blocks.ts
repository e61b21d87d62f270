import { Lexer, type Links, type Token } from 'marked';

import { Grammar, MATH_LIMIT } from './grammar';

/** A top-level block of Markdown. A closed one never changes again, however much text follows. */
export interface Block {
  readonly type: string;
  readonly raw: string;
  readonly closed: boolean;
  /** What the reference links in it lead to. The one thing that can come later, with the definition. */
  readonly links: Links | null;
}

interface Piece {
  type: string;
  raw: string;
}

/** HTML that opens one of these goes on until it is closed, blank lines or not. */
const CONTAINER = /<(\/?)(details|div|section|article|table|center|figure|dl|blockquote|ul|ol)\b[^>]*>/gi;
/** HTML longer than this is not waited for. Characters. */
const CONTAINER_LIMIT = 20_000;

/**
 * Cuts Markdown that grows at its end into top-level blocks. Closed blocks are frozen: the same objects come back, and only what
 * follows them is read again.
 *
 * A block closes when another one has begun on a line that is complete; a half line (`#`, `-`) may still turn out to belong to the
 * paragraph above. What may still become a formula or the inside of an HTML element waits until that is decided.
 */
export class BlockSplitter {
  private frozen: readonly Block[] = [];
  private frozenText = '';
  private definitions: Links = {};

  constructor(private readonly grammar = new Grammar()) {}

  split(source: string, done: boolean): readonly Block[] {
    const text = source.includes('\r') ? source.replace(/\r\n?/g, '\n') : source;
    if (!text.startsWith(this.frozenText)) {
      this.frozen = [];
      this.frozenText = '';
      this.definitions = {};
    }
    const tail = text.slice(this.frozenText.length);
    const tokens = new Lexer(this.grammar.options).blockTokens(tail, []);
    const complete = tail.lastIndexOf('\n') + 1;
    const closed: Block[] = [];
    const open: Block[] = [];
    let end = 0;
    for (const { type, raw } of join(tokens)) {
      const start = end;
      end += raw.length;
      // The block after this one starts at `end`; its first line has to be complete.
      const isClosed =
        open.length === 0 &&
        tail.slice(end, complete).trim() !== '' &&
        !(type === 'paragraph' && opensMath(raw, tail.length - start)) &&
        !(type === 'html' && isUnbalanced(raw) && tail.length - start < CONTAINER_LIMIT);
      if (isClosed && !done) {
        closed.push({ type, raw, closed: true, links: null });
      } else {
        open.push({ type, raw, closed: done, links: null });
      }
    }
    if (closed.length) {
      this.frozen = [...this.frozen, ...closed];
      this.frozenText = text.slice(
        0,
        this.frozenText.length + closed.reduce((sum, block) => sum + block.raw.length, 0)
      );
    }
    const hasNew = this.define(tokens, done ? tail.length : complete);
    const link = (block: Block): Block => withLinks(block, this.definitions);
    if (closed.length || hasNew) {
      this.frozen = this.frozen.map(link);
    }
    return [...this.frozen, ...open.map(link)];
  }

  /** Take in the definitions that stand on complete lines. True if there are new ones. */
  private define(tokens: readonly Token[], complete: number): boolean {
    let hasNew = false;
    let end = 0;
    for (const token of tokens) {
      end += token.raw.length;
      if (token.type === 'def' && end <= complete && !Object.hasOwn(this.definitions, String(token.tag))) {
        const { tag, href, title } = token as { tag: string; href: string; title: string };
        this.definitions = { ...this.definitions, [tag]: { href, title } };
        hasNew = true;
      }
    }
    return hasNew;
  }
}

/** Blank lines belong to the block before them; HTML that was cut is put together where its end is known. */
function join(tokens: readonly Token[]): Piece[] {
  const pieces: Piece[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at];
    if (!token) {
      break;
    }
    const { type, raw } = token;
    const last = pieces.at(-1);
    if (last && type === 'space') {
      last.raw += raw;
      continue;
    }
    const whole = type === 'html' && isUnbalanced(raw) ? balanced(tokens, at) : null;
    if (whole) {
      pieces.push({ type, raw: whole.raw });
      at = whole.last;
    } else {
      pieces.push({ type, raw });
    }
  }
  return pieces;
}

/** From the token that opens an element to the one that closes it; null if none does. */
function balanced(tokens: readonly Token[], first: number): { raw: string; last: number } | null {
  let raw = '';
  let depth = 0;
  for (let at = first; at < tokens.length && raw.length < CONTAINER_LIMIT; at++) {
    const token = tokens[at];
    if (!token) {
      break;
    }
    raw += token.raw;
    depth += token.type === 'html' ? depthOf(token.raw) : 0;
    if (depth <= 0) {
      return { raw, last: at };
    }
  }
  return null;
}

function isUnbalanced(html: string): boolean {
  return depthOf(html) > 0;
}

function depthOf(html: string): number {
  let depth = 0;
  for (const [, slash] of html.matchAll(CONTAINER)) {
    depth += slash ? -1 : 1;
  }
  return depth;
}

/** A paragraph in which a formula begins on a line of its own that may still end further down. */
function opensMath(raw: string, following: number): boolean {
  const match = /(?:^|\n) {0,3}(\$\$|\\\[|\\begin\{)(?!.*(?:\$\$|\\\]|\\end\{))/.exec(raw);
  return match !== null && following - match.index < MATH_LIMIT + 200;
}

function withLinks(block: Block, definitions: Links): Block {
  if (!block.raw.includes(']') || block.type === 'code' || block.type === 'def') {
    return block;
  }
  const used: Links = {};
  let hasNew = false;
  for (const [, label = ''] of block.raw.matchAll(/\[((?:\\.|[^[\]\\]){1,200})\]/g)) {
    const tag = label.toLowerCase().replace(/\s+/g, ' ').trim();
    const link = Object.hasOwn(definitions, tag) ? definitions[tag] : undefined;
    if (link) {
      used[tag] = link;
      hasNew ||= !block.links?.[tag];
    }
  }
  return hasNew ? { ...block, links: used } : block;
}
