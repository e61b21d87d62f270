import type { ILabShell } from '@jupyterlab/application';
import type { IDocumentManager } from '@jupyterlab/docmanager';
import type { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import { type INotebookTracker, NotebookActions } from '@jupyterlab/notebook';
import type { ISignal } from '@lumino/signaling';

import { lastFailure, type Surroundings } from '../model/surroundings';
import { nameOf } from '../model/workspace';

const NOTEBOOK = /\.ipynb$/i;

/** What lies around the panel, by way of JupyterLab's notebooks, documents and file browser. */
export function surroundingsOf(
  labShell: ILabShell | null,
  notebooks: INotebookTracker | null,
  documents: IDocumentManager | null,
  browser: IDefaultFileBrowser | null
): Surroundings {
  const openFile = (): string | null => {
    const widget = labShell?.currentWidget;
    return (widget && documents?.contextForWidget(widget)?.path) ?? null;
  };
  const selectedFile = (): string | null => {
    const [item, another] = browser ? [...browser.selectedItems()] : [];
    return item && !another && item.type !== 'directory' ? item.path : null;
  };
  return {
    look: () => {
      const open = notebooks?.currentWidget;
      const panel = open?.isVisible ? open : null;
      const cells = panel?.content.model?.sharedModel.cells.map(cell => cell.toJSON()) ?? [];
      const file = [openFile(), selectedFile()].find(path => path !== null && !NOTEBOOK.test(path));
      return {
        notebook: panel ? { path: panel.context.path, name: nameOf(panel.context.path) } : null,
        failure: lastFailure(cells),
        file: file ? { path: file, name: nameOf(file) } : null
      };
    },
    onChange: listener => {
      const lookAtCells = (): void => {
        listener();
        // Its cells come a moment after the notebook.
        void notebooks?.currentWidget?.revealed.then(listener);
      };
      const connected = [
        connect(labShell?.currentChanged, listener),
        connect(notebooks?.currentChanged, lookAtCells),
        connect(browser?.selectionChanged, listener),
        connect(NotebookActions.executed, listener)
      ];
      return () => {
        connected.forEach(disconnect => {
          disconnect();
        });
      };
    }
  };
}

function connect<T, U>(signal: ISignal<T, U> | undefined, listener: () => void): () => void {
  const slot = (): void => {
    listener();
  };
  signal?.connect(slot);
  return () => {
    signal?.disconnect(slot);
  };
}
