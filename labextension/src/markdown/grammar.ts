import { type Links, Marked, type TokenizerAndRendererExtension, type Tokens } from 'marked';

/** A formula as somebody wrote it, without its delimiters. */
export interface Formula {
  readonly tex: string;
  readonly display: boolean;
}

/** Mathematics longer than this is none: somebody forgot to close it. Characters. */
export const MATH_LIMIT = 4000;

const BLOCK_MATH = [
  new RegExp(`^ {0,3}\\$\\$((?:(?!\\$\\$)[\\s\\S]){1,${MATH_LIMIT}})\\$\\$[ \\t]*(?:\\n|$)`),
  new RegExp(`^ {0,3}\\\\\\[([\\s\\S]{1,${MATH_LIMIT}}?)\\\\\\][ \\t]*(?:\\n|$)`),
  new RegExp(
    `^ {0,3}(\\\\begin\\{([a-zA-Z]+\\*?)\\}[\\s\\S]{0,${MATH_LIMIT}}?\\\\end\\{\\2\\})[ \\t]*(?:\\n|$)`
  )
];
/**
 * As pandoc reads dollars, so that "$5 and $10" stay prices: no space after the first, none before the last, and no digit after it.
 */
const INLINE_MATH: readonly { rule: RegExp; display: boolean }[] = [
  { rule: /^\$\$((?:(?!\$\$|\n[ \t]*\n)[\s\S]){1,4000})\$\$(?!\$)/, display: true },
  { rule: /^\$(?![\s$])((?:\\[^\n]|[^\\$\n]|\n(?![ \t]*\n)){1,2000}?)(?<!\s)\$(?![\d$])/, display: false },
  { rule: /^\\\(((?:(?!\n[ \t]*\n)[\s\S]){1,2000}?)\\\)/, display: false },
  { rule: /^\\\[((?:(?!\n[ \t]*\n)[\s\S]){1,4000}?)\\\]/, display: true },
  { rule: /^(\\begin\{([a-zA-Z]+\*?)\}(?:(?!\n[ \t]*\n)[\s\S]){0,4000}?\\end\{\2\})/, display: true }
];
/** How far ahead to look for the next formula; looking to the end of a huge paragraph each time would never end. */
const AHEAD = 5000;

/** Stands for formula number N in what the grammar gives, until it is safely text in a document. */
export const placeholder = (index: number): string => `\uE0F0${index}\uE0F1`;
export const PLACEHOLDER = /\uE0F0(\d+)\uE0F1/g;

function blockMath(src: string): { raw: string; tex: string } | null {
  for (const rule of BLOCK_MATH) {
    const match = rule.exec(src);
    if (match?.[1]?.trim()) {
      return { raw: match[0], tex: match[1] };
    }
  }
  return null;
}

/**
 * The Markdown that models write: GitHub's, with TeX (`$`, `$$`, `\(`, `\[`, environments) and footnotes.
 * Not safe by itself: HTML stands in it as it was written.
 */
export class Grammar {
  private formulas: Formula[] = [];
  private readonly marked = new Marked({
    gfm: true,
    extensions: [this.blockMath(), this.inlineMath(), this.footnote(), this.footnoteMark()]
  });

  /** What a lexer needs to cut text into these blocks. */
  get options(): Marked['defaults'] {
    return this.marked.defaults;
  }

  /** HTML, and the formulas whose placeholders stand in it. `links` are what reference links lead to. */
  toHtml(source: string, links: Links | null): { html: string; formulas: readonly Formula[] } {
    this.formulas = [];
    const lexer = new this.marked.Lexer(this.marked.defaults);
    if (links) {
      Object.assign(lexer.tokens.links, links);
    }
    const html = this.marked.parser(lexer.lex(source));
    return { html, formulas: this.formulas };
  }

  private note(tex: string, display: boolean): string {
    // A blank line ends a paragraph for TeX, which has none in a formula.
    this.formulas.push({ tex: tex.replace(/\n[ \t]*(?=\n)/g, '').trim(), display });
    return placeholder(this.formulas.length - 1);
  }

  private blockMath(): TokenizerAndRendererExtension {
    return {
      name: 'math',
      level: 'block',
      start: src => {
        // Only in the paragraph that is being read.
        const end = src.search(/\n[ \t]*\n/);
        const paragraph = end < 0 ? src : src.slice(0, end);
        for (const match of paragraph.matchAll(/\n {0,3}(?=\$\$|\\\[|\\begin\{)/g)) {
          if (blockMath(src.slice(match.index + 1))) {
            return match.index + 1;
          }
        }
        return undefined;
      },
      tokenizer: src => {
        const found = /^ {0,3}(?:\$\$|\\\[|\\begin\{)/.test(src) ? blockMath(src) : null;
        return found ? { type: 'math', ...found } : undefined;
      },
      renderer: token => `<p>${this.note(String(token['tex']), true)}</p>\n`
    };
  }

  private inlineMath(): TokenizerAndRendererExtension {
    return {
      name: 'formula',
      level: 'inline',
      start: src => {
        const at = src.slice(0, AHEAD).search(/\$|\\[([]|\\begin\{/);
        return at < 0 ? undefined : at;
      },
      tokenizer: src => {
        for (const { rule, display } of INLINE_MATH) {
          const match = rule.exec(src);
          if (match?.[1]?.trim()) {
            return { type: 'formula', raw: match[0], tex: match[1], display };
          }
        }
        return undefined;
      },
      renderer: token => this.note(String(token['tex']), token['display'] === true)
    };
  }

  /** `[^1]: what stands below`, drawn where it was written. */
  private footnote(): TokenizerAndRendererExtension {
    return {
      name: 'footnote',
      level: 'block',
      tokenizer(src) {
        const match =
          /^ {0,3}\[\^([^\]\s]{1,40})\]:[ \t]*([^\n]*(?:\n(?!\s*\n|\s*$| {0,3}\[\^)[^\n]*)*)(?:\n|$)/.exec(
            src
          );
        if (!match?.[2]) {
          return undefined;
        }
        const tokens: Tokens.Generic[] = [];
        this.lexer.inline(match[2], tokens);
        return { type: 'footnote', raw: match[0], label: match[1], tokens };
      },
      renderer(token) {
        const label = escapeHtml(String(token['label']));
        return `<p><small><sup>${label}</sup> ${this.parser.parseInline(token.tokens ?? [])}</small></p>\n`;
      }
    };
  }

  private footnoteMark(): TokenizerAndRendererExtension {
    return {
      name: 'footnoteMark',
      level: 'inline',
      start: src => {
        const at = src.slice(0, AHEAD).indexOf('[^');
        return at < 0 ? undefined : at;
      },
      tokenizer: src => {
        const match = /^\[\^([^\]\s]{1,40})\]/.exec(src);
        return match ? { type: 'footnoteMark', raw: match[0], label: match[1] } : undefined;
      },
      renderer: token => `<sup>${escapeHtml(String(token['label']))}</sup>`
    };
  }
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, sign => `&#${sign.charCodeAt(0)};`);
}
