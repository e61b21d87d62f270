import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IConsoleTracker } from '@jupyterlab/console';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';

import { CommandIDs, IPageServices, ISlashCommands } from '../../tokens';
import { failureRenderer } from './failure';
import { askMenu } from './menu';
import { attachedPath, textShown } from './texts';

/** Where a notebook shows what a cell has given. */
const OUTPUT = '.jp-Notebook .jp-Cell-outputWrapper';

/** What can be asked where the hands are: in menus of cells and outputs, over outputs, below tracebacks. */
export const handsPlugin: JupyterFrontEndPlugin<void> = {
  id: '@llmhub/lab:hands',
  description: 'Explain, fix, improve and ask in notebooks and consoles.',
  autoStart: true,
  requires: [IPageServices],
  optional: [INotebookTracker, IConsoleTracker, IRenderMimeRegistry, ISlashCommands],
  activate: (
    app: JupyterFrontEnd,
    { hub, trans }: IPageServices,
    notebooks: INotebookTracker | null,
    consoles: IConsoleTracker | null,
    rendermime: IRenderMimeRegistry | null,
    slash: ISlashCommands | null
  ): void => {
    if (!notebooks) {
      return;
    }
    const { commands, contextMenu } = app;
    const isWanted = (): boolean => hub.preferences.values.notebookTools;
    const cellOf = (node: Element): string | null => {
      const notebook = notebooks.find(one => one.node.contains(node))?.content.widgets;
      const entered = consoles?.find(one => one.node.contains(node))?.console.cells;
      const cell = [...(notebook ?? entered ?? [])].find(one => one.node.contains(node));
      return cell?.model.id ?? null;
    };
    contextMenu.addItem({
      type: 'submenu',
      submenu: askMenu(commands, 'cell', trans),
      selector: '.jp-Notebook .jp-Cell',
      rank: 9.6
    });
    contextMenu.addItem({
      type: 'submenu',
      submenu: askMenu(commands, 'output', trans),
      selector: '.jp-Notebook .jp-OutputArea',
      rank: 9.5
    });
    rendermime?.addFactory(
      failureRenderer({
        isWanted,
        ask: (intent, node) => {
          const command = intent === 'fix' ? CommandIDs.fix : CommandIDs.explain;
          void commands.execute(command, { about: 'cell', cell: cellOf(node) ?? '' });
        },
        trans
      }),
      0
    );
    slash?.register({
      name: 'change',
      label: trans.__('Have changes to the open notebook or text file proposed'),
      argument: trans.__('[what]'),
      whyNot: session =>
        notebooks.currentWidget || textShown(app) !== null || attachedPath(session) !== null
          ? null
          : trans.__('There is nothing to change: open a notebook or a text file'),
      run: async (request, session) => {
        const { change } = await import('./change');
        const wish = { request: request || null, cell: null, path: attachedPath(session) };
        const problem = await change(wish, () => session, { app, notebooks, consoles, trans });
        if (problem !== null) {
          throw new Error(problem); // what was typed is there again, with this above it
        }
        return null;
      }
    });
    followPointer(app.shell.node, isWanted, async output => {
      const { OutputBar } = await import('./bar');
      const bar = new OutputBar(trans, (command, node) => {
        void commands.execute(command, { about: 'output', cell: cellOf(node) ?? '' });
      });
      bar.show(output);
      return output_ => {
        bar.show(output_);
      };
    });
  }
};

/** Tells of the output under the pointer, by whatever `begin` fetches when the first one is pointed at. */
function followPointer(
  root: HTMLElement,
  isWanted: () => boolean,
  begin: (output: HTMLElement) => Promise<(output: HTMLElement) => void>
): void {
  let tell: ((output: HTMLElement) => void) | null = null;
  let isBeginning = false;
  root.addEventListener('pointerover', ({ target }) => {
    const output = target instanceof Element ? target.closest<HTMLElement>(OUTPUT) : null;
    if (!output || !isWanted()) {
      return;
    }
    if (tell) {
      tell(output);
    } else if (!isBeginning) {
      isBeginning = true;
      begin(output).then(
        told => {
          tell = told;
        },
        (reason: unknown) => {
          isBeginning = false;
          console.warn('llmhub: the tools of outputs could not be loaded.', reason);
        }
      );
    }
  });
}
