import type { IRenderMime } from '@jupyterlab/rendermime';

import type { Formula } from './grammar';
import { outside } from './sanitizer';

/** Formulas that are kept drawn. */
const KEPT = 1000;

/** The part of MathJax's document that is looked at, if JupyterLab's typesetter is MathJax. */
interface MathDocument {
  readonly inputJax?: readonly {
    readonly parseOptions?: {
      readonly handlers?: { retrieve(name: string): { map?: Map<string, unknown> } | null };
    };
  }[];
}

/**
 * Formulas drawn by JupyterLab's typesetter, each once and apart from what surrounds it, so that a paragraph in which more words
 * appear shows its formulas at once. Inert: what a formula could do beyond being one is taken out of its text before, and out of its
 * drawing afterwards.
 */
export class Tex {
  private readonly drawn = new Map<string, Element | null>();
  private waiting = new Map<string, Formula>();
  private work: Promise<void> | null = null;

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
        this.waiting.set(key, formula);
      }
    }
    return element;
  }

  /** Draw what waits; then everything in `host` that waited is there. `near` has the writing that formulas have to fit. */
  async settle(host: Element, near: Element): Promise<boolean> {
    const wanted = [...host.querySelectorAll<HTMLElement>('.jp-llmhub-tex[data-waiting]')];
    if (wanted.length === 0) {
      return false;
    }
    while (wanted.some(element => this.waiting.has(element.dataset['waiting'] ?? ''))) {
      this.work ??= this.draw(near);
      await this.work;
    }
    for (const element of host.querySelectorAll<HTMLElement>('.jp-llmhub-tex[data-waiting]')) {
      const drawn = this.drawn.get(element.dataset['waiting'] ?? '');
      delete element.dataset['waiting'];
      if (drawn) {
        element.replaceChildren(drawn.cloneNode(true));
      }
    }
    return true;
  }

  private async draw(near: Element): Promise<void> {
    const batch = this.waiting;
    this.waiting = new Map();
    const bench = document.createElement('div');
    bench.className = 'jp-llmhub-bench';
    bench.setAttribute('aria-hidden', 'true');
    const spans = [...batch].map(([key, formula]) => {
      const span = document.createElement('div');
      const tex = harmless(formula.tex);
      span.textContent = formula.display ? `\\[${tex}\\]` : `\\(${tex}\\)`;
      bench.append(span);
      return [key, span] as const;
    });
    near.append(bench);
    try {
      await this.typeset(bench);
    } catch (reason) {
      console.warn('llmhub: mathematics could not be typeset.', reason);
    }
    for (const [key, span] of spans) {
      const drawn = span.querySelector('mjx-container') ?? span.firstElementChild;
      if (drawn) {
        makeInert(drawn);
      }
      this.drawn.set(key, drawn);
    }
    bench.remove();
    for (const key of this.drawn.keys()) {
      if (this.drawn.size <= KEPT) {
        break;
      }
      this.drawn.delete(key);
    }
    this.work = null;
  }

  /** What a message defines (`\def`, `\newcommand`) is forgotten afterwards: notebooks share the typesetter. */
  private async typeset(bench: HTMLElement): Promise<void> {
    const forget = await this.definitions();
    try {
      await this.typesetter?.typeset(bench);
    } finally {
      forget();
    }
  }

  private async definitions(): Promise<() => void> {
    const typesetter = this.typesetter as { mathDocument?: () => Promise<MathDocument> } | null;
    const mathDocument = await typesetter?.mathDocument?.();
    const maps = (mathDocument?.inputJax ?? []).flatMap(jax =>
      ['new-Command', 'new-Environment', 'new-Delimiter'].map(
        name => jax.parseOptions?.handlers?.retrieve(name)?.map
      )
    );
    const before = maps.map(map => (map ? new Map(map) : null));
    return () => {
      for (const [index, map] of maps.entries()) {
        const kept = before[index];
        if (map && kept) {
          map.clear();
          kept.forEach((value, key) => map.set(key, value));
        }
      }
    };
  }
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
