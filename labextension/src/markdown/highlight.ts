import {
  type IEditorLanguage,
  type IEditorLanguageRegistry,
  jupyterHighlightStyle
} from '@jupyterlab/codemirror';
import { type Parser, type Tree, TreeFragment } from '@lezer/common';
import { highlightTree } from '@lezer/highlight';

interface Piece {
  readonly text: string;
  readonly style: string;
}

/** Code longer than this stays plain: colouring it would hold up the page. Characters. */
const LIMIT = 200_000;

/**
 * Code in the colours of JupyterLab's editor, which may grow at its end: what was parsed is not parsed again, and only what changed
 * is drawn again.
 */
export class Highlighter {
  private parser: Parser | null = null;
  private tree: Tree | null = null;
  private code = '';
  private pieces: readonly Piece[] = [];

  constructor(private readonly host: HTMLElement) {}

  /** Find out how to read the language; a promise only where it has to be fetched first. */
  speak(
    languages: Pick<IEditorLanguageRegistry, 'getLanguage'>,
    language: IEditorLanguage
  ): Promise<void> | null {
    if (language.support) {
      this.parser = language.support.language.parser;
      return null;
    }
    return languages.getLanguage(language).then(loaded => {
      this.parser = loaded?.support?.language.parser ?? null;
      this.pieces = [];
    });
  }

  show(code: string): void {
    const pieces = this.read(code);
    let same = 0;
    while (same < pieces.length && isSame(pieces[same], this.pieces[same])) {
      same++;
    }
    const { host } = this;
    if (same < this.pieces.length || host.childNodes.length !== this.pieces.length) {
      const last = this.pieces[same];
      const next = pieces[same];
      const node = host.childNodes[same];
      // The end of the last line grows most of the time.
      if (last && next && node && last.style === next.style && same === this.pieces.length - 1) {
        node.textContent = next.text;
        same++;
      } else {
        const keep = host.childNodes.length === this.pieces.length ? same : 0;
        while (host.childNodes.length > keep) {
          host.lastChild?.remove();
        }
        same = keep;
      }
    }
    host.append(...pieces.slice(same).map(draw));
    this.pieces = pieces;
  }

  /** No more will come: what was kept for that is let go. */
  settle(): void {
    this.tree = null;
  }

  private read(code: string): Piece[] {
    if (!this.parser || code.length > LIMIT) {
      return code ? [{ text: code, style: '' }] : [];
    }
    try {
      return this.colour(code, this.parser);
    } catch (reason) {
      console.warn('llmhub: this code cannot be coloured.', reason);
      this.parser = null;
      return [{ text: code, style: '' }];
    }
  }

  private colour(code: string, parser: Parser): Piece[] {
    let fragments: readonly TreeFragment[] | undefined;
    if (this.tree && code.startsWith(this.code)) {
      const end = this.code.length;
      fragments = TreeFragment.applyChanges(TreeFragment.addTree(this.tree), [
        { fromA: end, toA: end, fromB: end, toB: code.length }
      ]);
    }
    this.tree = parser.parse(code, fragments);
    this.code = code;
    const pieces: Piece[] = [];
    let at = 0;
    highlightTree(this.tree, jupyterHighlightStyle, (from, to, style) => {
      if (from > at) {
        pieces.push({ text: code.slice(at, from), style: '' });
      }
      pieces.push({ text: code.slice(from, to), style });
      at = to;
    });
    if (at < code.length) {
      pieces.push({ text: code.slice(at), style: '' });
    }
    return pieces;
  }
}

function isSame(one: Piece | undefined, other: Piece | undefined): boolean {
  return one?.text === other?.text && one?.style === other?.style;
}

function draw({ text, style }: Piece): Node {
  if (!style) {
    return document.createTextNode(text);
  }
  const span = document.createElement('span');
  span.className = style;
  span.textContent = text;
  return span;
}
