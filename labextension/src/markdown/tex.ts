import type { IRenderMime } from '@jupyterlab/rendermime';

import type { Formula } from './grammar';
import { outside } from './sanitizer';

/** Where formulas are drawn before they come to where they stand. */
const BENCH = 'jp-llmhub-bench';
/** Formulas that are kept drawn. */
const KEPT = 1000;
/** So long a task draws formulas before it makes room for others. Milliseconds. */
const TASK_MS = 6;

/** The part of MathJax's document that is looked at, if JupyterLab's typesetter is MathJax. */
interface MathDocument {
  readonly inputJax?: readonly {
    readonly parseOptions?: {
      readonly handlers?: { retrieve(name: string): { map?: Map<string, unknown> } | null };
    };
  }[];
}

/** A formula that is not drawn yet. */
interface Waiting {
  readonly formula: Formula;
  /** Writing in which it is to stand. */
  readonly near: Set<Element>;
}

/** The commands that were defined in formulas, by table of the typesetter. */
type Definitions = readonly Map<string, unknown>[];

/**
 * Formulas drawn by JupyterLab's typesetter, each once and apart from what surrounds it, so that a paragraph in which more words
 * appear shows its formulas at once. New ones are drawn a few at a time, in tasks of their own: whoever types meanwhile does not
 * wait for them. Inert: what a formula could do beyond being one is taken out of its text before, and out of its drawing afterwards.
 */
export class Tex {
  private readonly drawn = new Map<string, Element | null>();
  private readonly waiting = new Map<string, Waiting>();
  private work: Promise<void> | null = null;
  /** What the formulas that are drawn together have defined so far. */
  private defined: Definitions = [];

  constructor(private readonly typesetter: IRenderMime.ILatexTypesetter | null) {}

  /** An element for the formula: drawn if it was before, else its text, which `settle` replaces. */
  element(formula: Formula): HTMLElement {
    const element = document.createElement('span');
    element.className = formula.display ? 'jp-llmhub-tex jp-llmhub-tex-display' : 'jp-llmhub-tex';
    const key = keyOf(formula);
    const drawn = this.drawn.get(key);
    if (drawn) {
      element.append(drawn.cloneNode(true));
    } else {
      element.textContent = formula.tex;
      if (drawn === undefined && this.typesetter) {
        element.dataset['waiting'] = key;
        if (!this.waiting.has(key)) {
          this.waiting.set(key, { formula, near: new Set() });
        }
      }
    }
    return element;
  }

  /** Draw what waits; then everything in `host` that waited is there. `near` has the writing that formulas have to fit. */
  async settle(host: Element, near: Element): Promise<boolean> {
    const wanted = [...host.querySelectorAll<HTMLElement>('.jp-llmhub-tex[data-waiting]')].map(
      element => element.dataset['waiting'] ?? ''
    );
    if (wanted.length === 0) {
      return false;
    }
    for (const key of wanted) {
      this.waiting.get(key)?.near.add(near);
    }
    while (wanted.some(key => this.waiting.has(key))) {
      this.work ??= this.drawSome();
      await this.work;
    }
    for (const element of host.querySelectorAll<HTMLElement>('.jp-llmhub-tex[data-waiting]')) {
      const drawn = this.drawn.get(element.dataset['waiting'] ?? '');
      if (drawn !== undefined) {
        delete element.dataset['waiting'];
      }
      if (drawn) {
        element.replaceChildren(drawn.cloneNode(true));
      }
    }
    return true;
  }

  /** As many of those that wait as one task has time for. */
  private async drawSome(): Promise<void> {
    await nextTask();
    const definitions = await this.definitions();
    await nextTask();
    const until = performance.now() + TASK_MS;
    // What a message defines (`\def`, `\newcommand`) is forgotten afterwards: notebooks share the typesetter.
    const before = copied(definitions);
    restore(definitions, this.defined);
    for (const [key, { formula, near }] of this.waiting) {
      const place = [...near].find(({ isConnected }) => isConnected);
      if (place) {
        this.drawn.set(key, await this.draw(formula, place));
      }
      // Nobody looks at it any more: it is drawn when somebody does.
      this.waiting.delete(key);
      if (performance.now() >= until) {
        break;
      }
    }
    this.defined = this.waiting.size > 0 ? copied(definitions) : [];
    restore(definitions, before);
    for (const key of this.drawn.keys()) {
      if (this.drawn.size <= KEPT) {
        break;
      }
      this.drawn.delete(key);
    }
    this.work = null;
  }

  /** The formula as an element; null: it cannot be drawn. */
  private async draw({ tex, display }: Formula, near: Element): Promise<Element | null> {
    const bench = document.createElement('div');
    bench.className = BENCH;
    bench.setAttribute('aria-hidden', 'true');
    const span = document.createElement('div');
    span.textContent = display ? `\\[${harmless(tex)}\\]` : `\\(${harmless(tex)}\\)`;
    bench.append(span);
    near.append(bench);
    try {
      await this.typesetter?.typeset(bench);
    } catch (reason) {
      console.warn('llmhub: mathematics could not be typeset.', reason);
    }
    bench.remove();
    const drawn = span.querySelector('mjx-container') ?? span.firstElementChild;
    if (drawn) {
      makeInert(drawn);
    }
    return drawn;
  }

  /** The typesetter's own tables of what was defined. */
  private async definitions(): Promise<(Map<string, unknown> | undefined)[]> {
    const typesetter = this.typesetter as { mathDocument?: () => Promise<MathDocument> } | null;
    const mathDocument = await typesetter?.mathDocument?.().catch(() => null);
    return (mathDocument?.inputJax ?? []).flatMap(jax =>
      ['new-Command', 'new-Environment', 'new-Delimiter'].map(
        name => jax.parseOptions?.handlers?.retrieve(name)?.map
      )
    );
  }
}

function copied(maps: readonly (Map<string, unknown> | undefined)[]): Definitions {
  return maps.map(map => new Map(map));
}

function restore(maps: readonly (Map<string, unknown> | undefined)[], kept: Definitions): void {
  kept.forEach((definitions, index) => {
    const map = maps[index];
    map?.clear();
    definitions.forEach((value, key) => map?.set(key, value));
  });
}

/** After what the browser has to do before: keys, a frame. */
function nextTask(): Promise<void> {
  return new Promise(resolve => {
    setTimeout(resolve);
  });
}

/** Nothing was drawn but what nobody sees. */
export function isUnseen({ target, addedNodes, removedNodes }: MutationRecord): boolean {
  const at = target instanceof Element ? target : target.parentElement;
  const isBench = (node: Node) => node instanceof Element && node.classList.contains(BENCH);
  const isPart = (at?.closest(`.${BENCH}`) ?? null) !== null;
  const changed = [...addedNodes, ...removedNodes];
  return isPart || (changed.length > 0 && changed.every(isBench));
}

function keyOf({ tex, display }: Formula): string {
  return `${display ? 'D' : 'I'}${tex}`;
}

/**
 * TeX without the commands that reach beyond the formula: loading extensions (a request), and names, classes and styles of
 * elements. Labels would clash with those of other messages.
 */
export function harmless(tex: string): string {
  return (
    tex
      .replace(/\\require(?![a-zA-Z])\s*(?:\{[^{}]*\})?/g, '')
      .replace(
        /\\(?:label|cssId|class|style|data|unicode|setOptions)(?![a-zA-Z])\s*(?:\[[^\]]*\]\s*)*(?:\{[^{}]*\})?/g,
        ''
      )
      // A closing delimiter in it would end the formula that stands around it.
      .replace(/\\\\|\\[()[\]]/g, sign => (sign === '\\\\' ? sign : ''))
  );
}

/** Nothing of a drawn formula reaches beyond it, whatever the typesetter let through. */
function makeInert(drawn: Element): void {
  for (const element of [drawn, ...drawn.querySelectorAll('*')]) {
    for (const { name, value } of [...element.attributes]) {
      const isBad =
        /^on|^id$|^name$|^data-(?!mjx-)/i.test(name) ||
        (name === 'class' && /(?:^|\s)(?:jp|lm|cm)-/.test(value));
      if (isBad) {
        element.removeAttribute(name);
      }
    }
    checkStyle((element as HTMLElement).style);
    if (element.nodeName.toLowerCase() === 'a') {
      const url = outside(element.getAttribute('href') ?? '');
      if (url) {
        element.setAttribute('href', url.href);
        element.setAttribute('title', url.href);
        element.setAttribute('target', '_blank');
        element.setAttribute('rel', 'noopener noreferrer');
      } else {
        element.removeAttribute('href');
      }
    }
  }
}

/** The size that fits the words around it stays, and all that sets signs; what could cover the page or fetch something goes. */
function checkStyle(style: CSSStyleDeclaration | undefined): void {
  for (const property of Array.from(style ?? [])) {
    if (
      /position|z-index/.test(property) ||
      /url|image|expression|@|\\/i.test(style?.getPropertyValue(property) ?? '')
    ) {
      style?.removeProperty(property);
    }
  }
}
