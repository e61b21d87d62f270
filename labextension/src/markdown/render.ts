import { type IRenderMime, type IRenderMimeRegistry, renderMarkdown } from '@jupyterlab/rendermime';

import { withDollars, withoutDiagrams } from './blocks';

const KEPT = 400;

/**
 * Markdown drawn by JupyterLab's own parser and mathematics, as in a notebook, behind our sanitizer.
 * What was drawn is kept for a while, so that a message which scrolls back into view has its height at once.
 */
export class MarkdownRenderer {
  private readonly drawn = new Map<string, DocumentFragment>();

  constructor(
    private readonly rendermime: IRenderMimeRegistry,
    private readonly sanitizer: IRenderMime.ISanitizer
  ) {}

  /** Put what was drawn before into `host`. False when it was not. */
  recall(source: string, host: HTMLElement): boolean {
    const kept = this.drawn.get(source);
    if (!kept) {
      return false;
    }
    host.replaceChildren(kept.cloneNode(true));
    return true;
  }

  /** Draw into a node that is not in the page, so that nothing is seen of it half done. */
  async draw(source: string): Promise<Node[]> {
    const host = document.createElement('div');
    await renderMarkdown({
      host,
      source: withDollars(withoutDiagrams(source)),
      trusted: false,
      sanitizer: this.sanitizer,
      resolver: null,
      linkHandler: null,
      shouldTypeset: false,
      latexTypesetter: null,
      markdownParser: this.rendermime.markdownParser
    });
    host.querySelectorAll('.jp-InternalAnchorLink').forEach(anchor => {
      anchor.remove();
    });
    // JupyterLab writes a shorter one over the sanitizer's: where a link leads to need not know where this server is.
    host.querySelectorAll<HTMLAnchorElement>('a[href]').forEach(link => {
      link.rel = 'noopener noreferrer';
    });
    return [...host.childNodes];
  }

  /** Typeset what is in the page, and keep it. */
  async finish(source: string, host: HTMLElement): Promise<void> {
    if (/[$\\]/.test(source)) {
      await this.rendermime.latexTypesetter?.typeset(host);
    }
    const kept = document.createDocumentFragment();
    kept.append(...[...host.childNodes].map(child => child.cloneNode(true)));
    this.drawn.delete(source);
    this.drawn.set(source, kept);
    const oldest = this.drawn.keys().next();
    if (this.drawn.size > KEPT && !oldest.done) {
      this.drawn.delete(oldest.value);
    }
  }
}
