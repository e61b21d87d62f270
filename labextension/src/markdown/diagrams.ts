/** Draws Mermaid, whose source is what a model wrote: cleaned before, an image afterwards. */

/** Longer sources are not drawn. Characters. */
const LENGTH = 20_000;
/** Diagrams of more connections stop the page for seconds. */
const CONNECTIONS = 400;
const LINES = 1000;
/** Drawn diagrams that are kept: what is scrolled back to is there at once, in its height. */
const KEPT = 60;

/** Why a diagram is shown as its code. */
export type Fault = 'large' | 'unsafe' | 'broken';

/** What draws: JupyterLab's manager of Mermaid. */
export interface DiagramMaker {
  renderSvg(
    source: string
  ): Promise<{ svg: string; accessibleTitle?: string | null; accessibleDescription?: string | null }>;
}

export interface Picture {
  /** A data: address for an `<img>`: nothing in it runs, and it fetches nothing. */
  readonly url: string;
  readonly width: number | undefined;
  readonly height: number | undefined;
  /** Empty if the diagram does not say. */
  readonly description: string;
}

export type Diagram = { readonly picture: Picture } | { readonly fault: Fault; readonly line?: number };

/** Diagrams by their source, each drawn once per theme. */
export class Diagrams {
  private readonly drawn = new Map<string, Diagram>();
  private readonly listeners = new Set<() => void>();
  private count = 0;

  constructor(private readonly maker: DiagramMaker) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  };

  readonly version = (): number => this.count;

  /** The theme is another one: everything is to be drawn again. */
  readonly renew = (): void => {
    this.drawn.clear();
    this.count += 1;
    for (const listener of [...this.listeners]) {
      listener();
    }
  };

  known(source: string): Diagram | null {
    return this.drawn.get(source) ?? null;
  }

  async draw(source: string): Promise<Diagram> {
    const { count } = this;
    const diagram = this.known(source) ?? (await this.make(source));
    if (count === this.count) {
      this.drawn.delete(source);
      this.drawn.set(source, diagram);
      for (const oldest of [...this.drawn.keys()].slice(0, -KEPT)) {
        this.drawn.delete(oldest);
      }
    }
    return diagram;
  }

  private async make(source: string): Promise<Diagram> {
    const cleaned = cleanDiagram(source);
    if ('fault' in cleaned) {
      return { fault: cleaned.fault };
    }
    try {
      const { svg, accessibleTitle, accessibleDescription } = await this.maker.renderSvg(cleaned.source);
      const [width, height] = sizeOf(svg);
      const description = [accessibleTitle, accessibleDescription].filter(Boolean).join('. ');
      const url = `data:image/svg+xml,${encodeURIComponent(svg)}`;
      return { picture: { url, width, height, description } };
    } catch (thrown) {
      const message = thrown instanceof Error ? thrown.message : String(thrown);
      const [, line] = /^(?:Parse|Lexical) error on line (\d+)/.exec(message) ?? [];
      const isSameLine = countLines(cleaned.source) === countLines(source);
      return line !== undefined && isSameLine ? { fault: 'broken', line: Number(line) } : { fault: 'broken' };
    }
  }
}

function countLines(text: string): number {
  return text.split('\n').length;
}

function sizeOf(svg: string): [number?, number?] {
  const [, , width, height] = /<svg\b[^>]*?\sviewBox="([^"]*)"/.exec(svg)?.[1]?.split(/[\s,]+/) ?? [];
  const size = [Number(width), Number(height)] as const;
  return size.every(length => length > 0 && length < 1e5) ? [Math.ceil(size[0]), Math.ceil(size[1])] : [];
}

const FRONT_MATTER = /^\s*---[ \t]*\n([\s\S]*?)\n[ \t]*---[ \t]*(?:\n|$)/;
const DIRECTIVE = /%%\{[\s\S]*?\}%%/g;
/** What would lead somewhere or call something when it is clicked. */
const INTERACTION = /^[ \t]*(?:(?:click|callback|href)[ \t]+[^\s=.<>|-].*|links?[ \t]+[\w"'].*)$/gim;
/** Between the colon and the slashes of an address, which is none then. */
const NO_ADDRESS = '\u2060';
/** Marks in labels that only set letters; and «interface», as class diagrams write it. */
const HARMLESS = /<\/?(?:br|b|i|em|strong|u|s|sub|sup|small|code)\s*\/?>|<<\w+>>/gi;
/** While Mermaid draws, its result stands in the page: what could fetch or be a part of the page must not get that far. */
const UNSAFE = [
  /(?:url|src|image|image-set|element|cross-fade)\s*\(/i,
  /:\/\//,
  /@import/i,
  /<[a-z/!?]/i,
  /%%\{/
];
/** Keys of `node@{ … }` are YAML: an image by any spelling. */
const YAML_IMAGE = /@\{[\s\S]*(?:\bimg\b|\\)/i;
const STYLE = /(?:^|;)[ \t]*(?:classDef|linkStyle|style)\b([^\n;]*)/gim;
const PLAIN_STYLE = /^[\w\s#:,.%()*+-]*$/;

/**
 * A source that can be drawn without anything of it leaving the picture: no configuration of its own, nothing to click, nothing to
 * fetch, no HTML. What only decorates is taken out; a source that has more of that is refused.
 */
export function cleanDiagram(text: string): { source: string } | { fault: Fault } {
  if (text.length > LENGTH) {
    return { fault: 'large' };
  }
  let title: string | null = null;
  let source = text.replace(/\r\n?/g, '\n');
  for (let before = ''; before !== source;) {
    before = source;
    const [whole = '', matter = ''] = FRONT_MATTER.exec(source) ?? [];
    title ??= /^title:[ \t]*(.*?)[ \t]*$/m.exec(matter)?.[1] ?? null;
    source = source.slice(whole.length).replace(DIRECTIVE, '').replace(INTERACTION, '');
  }
  // An address in a label is words: with a sign in it that takes no room, nothing could fetch it even if it were drawn elsewhere.
  source = source.replaceAll('://', `:${NO_ADDRESS}//`);
  title = title?.replaceAll('://', `:${NO_ADDRESS}//`) ?? null;
  const whole = title === null ? source : `${title}\n${source}`;
  if (weigh(source) > CONNECTIONS || countLines(source) > LINES) {
    return { fault: 'large' };
  }
  const spelled = unescapeEntities(whole);
  const readings = [whole, spelled, unescapeCss(spelled)].map(reading => reading.replace(HARMLESS, ''));
  const isSafe =
    readings.every(reading => !UNSAFE.some(pattern => pattern.test(reading)) && !YAML_IMAGE.test(reading)) &&
    [...source.matchAll(STYLE)].every(([, style = '']) => PLAIN_STYLE.test(style));
  if (!isSafe) {
    return { fault: 'unsafe' };
  }
  const named = title?.replace(/^(["'])(.*)\1$/, '$2');
  return { source: named ? `---\ntitle: ${JSON.stringify(named)}\n---\n${source}` : source };
}

/** About how many connections a diagram has: `a & b & c --> d & e` are six. */
function weigh(source: string): number {
  let sum = 0;
  for (const line of source.split('\n')) {
    const arrows = line.match(/--|==|-\.|~~~|->/g)?.length ?? 0;
    const ands = line.match(/ & /g)?.length ?? 0;
    sum += arrows && ands ? arrows + ((ands + 2) / 2) ** 2 : arrows;
  }
  return sum;
}

/** `#lt;` and `#60;` are how Mermaid writes what `&lt;` and `&#60;` are in HTML. */
function unescapeEntities(text: string): string {
  const names: Record<string, string> = {
    lt: '<',
    gt: '>',
    amp: '&',
    quot: '"',
    colon: ':',
    sol: '/',
    lpar: '(',
    commat: '@',
    lbrace: '{',
    lcub: '{',
    bsol: '\\'
  };
  let read = text;
  for (let before = ''; before !== read;) {
    before = read;
    read = read.replace(/[#&]{1,2}(?:(x[\da-f]{1,6}|\d{1,7})|([a-z]{2,8}));?/gi, (all, code, name) => {
      if (code === undefined) {
        return names[String(name).toLowerCase()] ?? all;
      }
      const digits = String(code);
      const point = /^x/i.test(digits) ? parseInt(digits.slice(1), 16) : parseInt(digits, 10);
      return point > 31 && point < 0x110000 ? String.fromCodePoint(point) : all;
    });
  }
  return read;
}

function unescapeCss(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\\([\da-f]{1,6})[ \t\n]?/gi, (all, code: string) => {
      const point = parseInt(code, 16);
      return point > 31 && point < 0x110000 ? String.fromCodePoint(point) : all;
    })
    .replace(/\\(?=[^\da-f\n])/gi, '');
}
