import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { Links } from 'marked';

import { type Formula, Grammar, PLACEHOLDER } from './grammar';
import { type Loads, Sanitizer } from './sanitizer';
import { Tex } from './tex';

/**
 * Markdown drawn as in a notebook: JupyterLab's styles and mathematics behind our grammar and sanitizer. At once, so that a first
 * frame has its final layout; only formulas that were never seen before come a moment later.
 */
export class MarkdownRenderer {
  readonly grammar = new Grammar();
  private readonly tex: Tex;

  constructor(
    rendermime: Pick<IRenderMimeRegistry, 'latexTypesetter'>,
    readonly sanitizer: Sanitizer
  ) {
    this.tex = new Tex(rendermime.latexTypesetter);
  }

  draw(source: string, links: Links | null, loads?: Loads): DocumentFragment {
    const { html, formulas } = this.grammar.toHtml(source, links);
    const fragment = this.sanitizer.clean(html, loads);
    if (formulas.length) {
      this.fill(fragment, formulas);
    }
    return fragment;
  }

  /** Draw the formulas in `host` that are new. True if there were any. */
  settle(host: Element): Promise<boolean> {
    return this.tex.settle(host, host.closest('.jp-llmhub-markdown') ?? host);
  }

  /** Put formulas where their placeholders are; in code and in attributes they are text. */
  private fill(fragment: DocumentFragment, formulas: readonly Formula[]): void {
    const walker = fragment.ownerDocument.createTreeWalker(
      fragment,
      NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT
    );
    const texts: Text[] = [];
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (node.nodeType === Node.TEXT_NODE) {
        texts.push(node as Text);
        continue;
      }
      for (const attribute of (node as Element).attributes) {
        if (attribute.value.includes('\uE0F0')) {
          attribute.value = asText(attribute.value, formulas);
        }
      }
    }
    for (const text of texts.filter(({ data }) => data.includes('\uE0F0'))) {
      text.replaceWith(...this.pieces(text.data, formulas));
    }
  }

  private pieces(text: string, formulas: readonly Formula[]): (Node | string)[] {
    return text.split(PLACEHOLDER).map((piece, index) => {
      const formula = index % 2 ? formulas[Number(piece)] : undefined;
      return formula ? this.tex.element(formula) : piece;
    });
  }
}

function asText(value: string, formulas: readonly Formula[]): string {
  return value.replace(PLACEHOLDER, (all, index: string) => formulas[Number(index)]?.tex ?? all);
}
