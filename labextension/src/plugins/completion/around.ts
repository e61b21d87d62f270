import type { CodeEditor } from '@jupyterlab/codeeditor';
import type { ICompletionContext } from '@jupyterlab/completer';
import { type CodeConsole, ConsolePanel } from '@jupyterlab/console';
import { NotebookPanel } from '@jupyterlab/notebook';

import type { CompletionRequest } from '../../api/schema';
import { Variables } from '../../model/live/variables';
import { kernelOf } from '../nearby';
import { languageOf } from '../workbench';

export type Around = Required<Pick<CompletionRequest, 'language' | 'above' | 'below' | 'variables'>>;

const NOTHING: Around = { language: '', above: [], below: [], variables: [] };
/** Cells on either side; the server takes as much of them as there is room for. */
const MOST_CELLS = 50;
const MOST_VARIABLES = 40;
/** Milliseconds that a kernel has to name its variables: code is not kept waiting for them. */
const PATIENCE = 150;
const COMMENTED = new Set(['python', 'r', 'julia', 'ruby', 'bash']);

/** What stands around code in notebooks and consoles: other cells, and what the kernel knows. */
export class Surroundings {
  /** Of each notebook its own: names of one are nothing for what is asked about another. */
  private readonly variables = new WeakMap<NotebookPanel, Variables>();

  async of({ widget, editor }: ICompletionContext): Promise<Around> {
    if (widget instanceof NotebookPanel) {
      return await this.inNotebook(widget, editor ?? null);
    }
    return widget instanceof ConsolePanel ? inConsole(widget.console) : NOTHING;
  }

  private async inNotebook(panel: NotebookPanel, editor: CodeEditor.IEditor | null): Promise<Around> {
    const kernel = languageOf(panel).toLowerCase();
    const { widgets } = panel.content;
    const here = widgets.findIndex(cell => cell.editor !== null && cell.editor === editor);
    const cell = widgets[here];
    if (!cell) {
      return NOTHING;
    }
    const isCode = cell.model.type === 'code';
    const sources = widgets.map(({ model }) => {
      const source = model.sharedModel.getSource();
      return model.type === 'code' || !isCode ? source : commented(source, kernel);
    });
    return {
      language: isCode ? kernel : cell.model.type,
      above: sources.slice(Math.max(0, here - MOST_CELLS), here),
      below: sources.slice(here + 1, here + 1 + MOST_CELLS),
      variables: isCode && kernel === 'python' ? await this.named(panel) : []
    };
  }

  private async named(panel: NotebookPanel): Promise<string[]> {
    const variables = this.variables.get(panel) ?? new Variables(() => kernelOf(panel));
    this.variables.set(panel, variables);
    const patience = new Promise(resolve => {
      setTimeout(resolve, PATIENCE);
    });
    await Promise.race([variables.refresh(), patience]);
    return variables
      .find('', MOST_VARIABLES)
      .map(({ variable: { name, type } }) => (type ? `${name}: ${type}` : name));
  }
}

/** What was entered before, as if it were one file. */
function inConsole({ cells }: CodeConsole): Around {
  const entered = Array.from({ length: cells.length }, (_, at) => cells.get(at).model);
  const above = entered.filter(({ type }) => type === 'code').map(model => model.sharedModel.getSource());
  return { ...NOTHING, above: above.slice(-MOST_CELLS) };
}

/** Words between code, as a comment; nothing where nobody knows how those look. */
function commented(words: string, language: string): string {
  return COMMENTED.has(language) ? words.replace(/^/gm, '# ') : '';
}
