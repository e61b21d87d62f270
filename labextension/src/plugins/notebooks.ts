import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { IDocumentManager } from '@jupyterlab/docmanager';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { ProposalCell } from '../model/proposal/edits';
import type { CellRunner, OpenNotebook, OpenNotebooks } from '../model/proposal/notebook';
import type { Base } from '../model/proposal/request';
import { splices, stepsBetween } from '../model/proposal/steps';
import { LabRunner } from './runner';
import { LabTexts } from './texts';
import { asOneStep, lastStep } from './undoing';

/** Changes are told of when nobody has typed for so long. Milliseconds. */
const PAUSE = 100;

/** JupyterLab's notebooks, changed by what is shared with everybody who has them open. */
export class LabNotebooks implements OpenNotebooks {
  private readonly listeners = new Set<() => void>();
  private count = 0;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private readonly texts: LabTexts;

  constructor(
    private readonly app: JupyterFrontEnd,
    private readonly tracker: INotebookTracker,
    private readonly documents: IDocumentManager | null,
    trans: TranslationBundle
  ) {
    this.texts = new LabTexts(app, documents, trans, () => {
      this.tell();
    });
    tracker.forEach(panel => {
      this.follow(panel);
    });
    tracker.widgetAdded.connect((_tracker, panel) => {
      this.follow(panel);
    });
  }

  readonly version = (): number => this.count;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  };

  find({ path, cells, isText }: Pick<Base, 'path' | 'cells' | 'isText'>): OpenNotebook | null {
    if (isText) {
      return this.texts.find(path);
    }
    const ids = new Set(cells.map(cell => cell.id));
    const isOpen = (panel: NotebookPanel): boolean => panel.context.isReady && panel.content.model !== null;
    const panel =
      this.tracker.find(one => isOpen(one) && one.context.path === path) ??
      this.tracker.find(
        one => isOpen(one) && cellsOf(one).filter(cell => ids.has(cell.id)).length > ids.size / 2
      );
    return panel ? new LabNotebook(this.app, panel) : null;
  }

  async open(path: string): Promise<void> {
    // Where there is no such file, JupyterLab says so itself; but only after it has opened a tab for it.
    await this.app.serviceManager.contents.get(path, { content: false });
    await this.documents?.openOrReveal(path)?.context.ready;
  }

  private follow(panel: NotebookPanel): void {
    const tell = (): void => {
      this.tell();
    };
    panel.disposed.connect(tell);
    panel.context.pathChanged.connect(tell);
    void panel.context.ready.then(() => {
      panel.content.model?.contentChanged.connect(tell);
      this.tell();
    });
  }

  private tell(): void {
    this.timer ??= setTimeout(() => {
      this.timer = null;
      this.count += 1;
      this.listeners.forEach(listener => {
        listener();
      });
    }, PAUSE);
  }
}

class LabNotebook implements OpenNotebook {
  constructor(
    private readonly app: JupyterFrontEnd,
    private readonly panel: NotebookPanel
  ) {}

  get path(): string {
    return this.panel.context.path;
  }

  get isReadOnly(): boolean {
    return this.panel.content.model?.readOnly ?? true;
  }

  cells(): readonly ProposalCell[] {
    return cellsOf(this.panel);
  }

  isLocked(id: string): boolean {
    const cell = this.panel.content.model?.sharedModel.cells.find(one => one.getId() === id);
    return cell?.getMetadata('editable') === false;
  }

  make(wanted: readonly ProposalCell[]): void {
    const shared = this.panel.content.model?.sharedModel;
    if (!shared) {
      return;
    }
    const { remove, put, rewrite } = stepsBetween(this.cells(), wanted);
    // The list of shared cells is as before until the transaction has ended.
    const before = [...shared.cells];
    const kept = new Map(before.map(cell => [cell.getId(), cell.toJSON()]));
    asOneStep(shared, () => {
      for (const { at, source } of rewrite) {
        const cell = before[at];
        for (const { start, end, text } of cell ? splices(cell.getSource(), source) : []) {
          cell?.updateSource(start, end, text);
        }
      }
      for (const at of remove) {
        shared.deleteCell(at);
      }
      for (const { at, cell } of put) {
        const old = kept.get(cell.id);
        const fresh = { cell_type: cell.type, id: cell.id, metadata: metadataOf(cell) };
        shared.insertCell(at, { ...(old ?? fresh), source: cell.source });
      }
    });
  }

  get runner(): CellRunner {
    return new LabRunner(this.panel);
  }

  get last(): object | null {
    return lastStep(this.panel.content.model?.sharedModel);
  }

  undo(): void {
    this.panel.content.model?.sharedModel.undo();
  }

  reveal(id: string | null): void {
    if (!this.panel.isVisible) {
      this.app.shell.activateById(this.panel.id);
    }
    const { content } = this.panel;
    const at = content.widgets.findIndex(cell => cell.model.id === id);
    if (at >= 0) {
      content.activeCellIndex = at;
      content.deselectAll();
      void content.scrollToItem(at, 'smart');
    }
  }
}

/** As JupyterLab makes cells: what code that is run here shows may be shown. */
function metadataOf({ type }: ProposalCell): { trusted?: boolean } {
  return type === 'code' ? { trusted: true } : {};
}

/** The cells as they are, unsaved changes included. */
export function cellsOf(panel: NotebookPanel): ProposalCell[] {
  return (panel.content.model?.sharedModel.cells ?? []).map(cell => ({
    id: cell.getId(),
    type: typeOf(cell.cell_type),
    source: cell.getSource()
  }));
}

function typeOf(type: string): ProposalCell['type'] {
  return type === 'code' || type === 'markdown' ? type : 'raw';
}
