import { type Cell, isCodeCellModel } from '@jupyterlab/cells';
import { NotebookActions, type NotebookPanel } from '@jupyterlab/notebook';

import type { LiveKernel } from '../model/live/variables';
import type { CellLike } from '../model/notebook';
import type { CellRunner, KernelState, RunEnd } from '../model/proposal/notebook';
import { kernelOf } from './nearby';
import { languageOf } from './workbench';

/** Runs cells of a notebook of JupyterLab, as its own commands do. */
export class LabRunner implements CellRunner {
  constructor(private readonly panel: NotebookPanel) {}

  get language(): string {
    return languageOf(this.panel);
  }

  get live(): LiveKernel | null {
    return kernelOf(this.panel);
  }

  get state(): KernelState {
    const { panel } = this;
    const { sessionContext } = panel;
    if (panel.isDisposed || (sessionContext.isReady && sessionContext.hasNoKernel)) {
      return 'none';
    }
    switch (sessionContext.kernelDisplayStatus) {
      case 'dead':
      case 'terminating':
        return 'dead';
      case 'idle':
      case 'unknown':
        return sessionContext.isReady ? 'ready' : 'busy';
      default:
        return 'busy';
    }
  }

  settled(signal: AbortSignal): Promise<KernelState> {
    const { sessionContext, disposed } = this.panel;
    return new Promise(resolve => {
      const look = (): void => {
        const { state } = this;
        if (state !== 'busy' || signal.aborted) {
          signals.forEach(one => one.disconnect(look));
          signal.removeEventListener('abort', look);
          resolve(state);
        }
      };
      const signals = [sessionContext.statusChanged, sessionContext.kernelChanged, disposed] as const;
      signals.forEach(one => one.connect(look));
      signal.addEventListener('abort', look);
      void sessionContext.ready.then(look);
      look();
    });
  }

  async run(id: string): Promise<RunEnd> {
    const { content, sessionContext } = this.panel;
    const cell = this.cell(id);
    if (!cell) {
      return 'gone';
    }
    if (this.state === 'none' || this.state === 'dead') {
      return 'cut';
    }
    const isEditing = content.mode === 'edit' && content.node.contains(document.activeElement);
    const running = NotebookActions.runCells(content, [cell], sessionContext);
    if (isEditing) {
      // Who is typing goes on typing.
      content.mode = 'edit';
    }
    const isDone = await running.catch((reason: unknown) => {
      console.warn('llmhub: a cell was not run to its end.', reason);
      return false;
    });
    if (cell.isDisposed) {
      return 'gone';
    }
    const tags = cell.model.getMetadata('tags') as unknown;
    const mayFail = Array.isArray(tags) && tags.includes('raises-exception');
    return isDone || (mayFail && hasFailed(cell)) ? 'ok' : hasFailed(cell) ? 'failed' : 'cut';
  }

  async interrupt(): Promise<void> {
    await this.panel.sessionContext.session?.kernel?.interrupt().catch((reason: unknown) => {
      console.warn('llmhub: the kernel could not be interrupted.', reason);
    });
  }

  shown(id: string): CellLike | null {
    return (this.cell(id)?.model.toJSON() as CellLike | undefined) ?? null;
  }

  private cell(id: string): Cell | undefined {
    return this.panel.isDisposed ? undefined : this.panel.content.widgets.find(one => one.model.id === id);
  }
}

function hasFailed({ model }: Cell): boolean {
  const outputs = isCodeCellModel(model) ? model.outputs : null;
  return Array.from({ length: outputs?.length ?? 0 }, (_, at) => outputs?.get(at).type).includes('error');
}
