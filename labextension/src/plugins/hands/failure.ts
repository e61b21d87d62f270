import { type IRenderMime, RenderedError } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';

import { explainIcon, fixIcon } from '../../icons';
import { isMendable } from '../../model/surroundings';
import { button } from './button';

const ERROR = 'application/vnd.jupyter.error';
/** As what JupyterLab itself shows an error. */
const TRACEBACK = 'application/vnd.jupyter.stderr';

interface Options {
  readonly isWanted: () => boolean;
  readonly ask: (intent: 'fix' | 'explain', node: Element) => void;
  readonly trans: TranslationBundle;
}

/**
 * Shows a traceback as JupyterLab does, and below it what can be asked about it, where that is of use; the sheet hides it outside of
 * notebooks and consoles.
 */
export function failureRenderer(options: Options): IRenderMime.IRendererFactory {
  return {
    safe: true,
    mimeTypes: [ERROR],
    createRenderer: rendering => new Failure(rendering, options)
  };
}

class Failure extends RenderedError {
  constructor(
    rendering: IRenderMime.IRendererOptions,
    private readonly options: Options
  ) {
    super({ ...rendering, mimeType: TRACEBACK });
  }

  override async render(model: IRenderMime.IMimeModel): Promise<void> {
    await super.render(model);
    const { isWanted, ask, trans } = this.options;
    if (!isWanted() || !isMendable((model.data[ERROR] ?? {}) as object)) {
      return;
    }
    const bar = document.createElement('div');
    bar.className = 'jp-llmhub-mend';
    const add = (intent: 'fix' | 'explain', label: string, caption: string): void => {
      const icon = intent === 'fix' ? fixIcon : explainIcon;
      const made = button({ icon, label, caption, testId: `llmhub-${intent}-error`, hasWords: true });
      made.addEventListener('click', () => {
        ask(intent, this.node);
      });
      bar.append(made);
    };
    add('fix', trans.__('Fix'), trans.__('Ask the chat why this fails, and how to mend it'));
    add('explain', trans.__('Explain'), trans.__('Ask the chat what this error means'));
    this.node.append(bar);
  }
}
