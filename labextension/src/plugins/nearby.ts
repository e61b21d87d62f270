import type { JupyterFrontEnd } from '@jupyterlab/application';
import { type Cell, type ICodeCellModel, isCodeCellModel } from '@jupyterlab/cells';
import { PathExt } from '@jupyterlab/coreutils';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';

import { compose } from '../model/asking';
import { laterInPage } from '../model/conversations';
import { type LiveKernel, Variables } from '../model/live/variables';
import { type Kind, KINDS, type Nearby, type Offer } from '../model/nearby';
import { type CellLike, cellsAsText, fileOf, imageIn } from '../model/notebook';
import { type Failure, lastFailure } from '../model/surroundings';
import { nameOf } from '../model/workspace';
import { type Around, pointed, selected } from './hands/pointed';
import { languageOf } from './workbench';

/** What can go along with a message out of JupyterLab's notebooks, their kernels and its editors. */
export function nearbyOf(
  app: JupyterFrontEnd,
  notebooks: INotebookTracker | null,
  trans: TranslationBundle
): Nearby {
  const around: Around = { app, notebooks, consoles: null, trans };
  return {
    offers: () => offersIn(around),
    take: kind => Promise.resolve(take(kind, around)),
    dragged: cells => dragged(cells, around),
    variables: new Variables(
      () => kernelOf(notebooks?.currentWidget ?? null),
      laterInPage,
      listener => attend(notebooks, listener)
    )
  };
}

/** Tell when the notebook that was used last has another kernel, or one that begins or ends some work. */
function attend(notebooks: INotebookTracker | null, listener: () => void): () => void {
  let context = notebooks?.currentWidget?.sessionContext;
  const onNotebook = (): void => {
    context?.statusChanged.disconnect(listener);
    context = notebooks?.currentWidget?.sessionContext;
    context?.statusChanged.connect(listener);
    listener();
  };
  context?.statusChanged.connect(listener);
  notebooks?.currentChanged.connect(onNotebook);
  return () => {
    context?.statusChanged.disconnect(listener);
    notebooks?.currentChanged.disconnect(onNotebook);
  };
}

/** The notebook that was used last, if it can be seen. */
function shown(notebooks: INotebookTracker | null): NotebookPanel | null {
  const panel = notebooks?.currentWidget;
  return panel?.isVisible && panel.content.model ? panel : null;
}

function offersIn(around: Around): Offer[] {
  const { notebooks, trans } = around;
  const selection = selected(around);
  const text: Offer = {
    kind: 'selection',
    label: trans.__('Selected text'),
    detail: selection?.name ?? '',
    whyNot: selection ? null : trans.__('Nothing is selected')
  };
  const panel = shown(notebooks);
  return [text, ...(panel ? offersOf(panel, trans) : withoutNotebook(trans))];
}

function offersOf(panel: NotebookPanel, trans: TranslationBundle): Offer[] {
  const name = nameOf(panel.context.path);
  const { activeCell: cell, activeCellIndex, selectedCells } = panel.content;
  const where = cell ? trans.__('%1, cell %2', name, activeCellIndex + 1) : '';
  const none = cell ? null : trans.__('No cell is active');
  const chosen = selectedCells.length;
  const hasOutput = cell && isCodeCellModel(cell.model) && cell.model.outputs.length > 0;
  const failure = failureIn(panel);
  return [
    {
      kind: 'cells',
      label:
        chosen > 1 ? trans._n('Selected cell', 'Selected cells (%1)', chosen) : trans.__('Selected cells'),
      detail: name,
      whyNot: chosen > 1 ? null : trans.__('No more than one cell is selected')
    },
    { kind: 'cell', label: trans.__('Active cell'), detail: where, whyNot: none },
    {
      kind: 'output',
      label: trans.__('Output of the active cell'),
      detail: where,
      whyNot: hasOutput ? null : (none ?? trans.__('The active cell has none'))
    },
    {
      kind: 'error',
      label: trans.__('Last error'),
      detail: failure?.summary ?? '',
      whyNot: failure ? null : trans.__('No cell has failed')
    },
    { kind: 'notebook', label: trans.__('Notebook with outputs'), detail: name, whyNot: none },
    { kind: 'notebook-code', label: trans.__('Notebook without outputs'), detail: name, whyNot: none }
  ];
}

function withoutNotebook(trans: TranslationBundle): Offer[] {
  const labels = {
    cell: trans.__('Active cell'),
    output: trans.__('Output of the active cell'),
    error: trans.__('Last error'),
    notebook: trans.__('Notebook with outputs')
  } as const;
  const whyNot = trans.__('No notebook is in view');
  return KINDS.flatMap(kind =>
    kind in labels ? [{ kind, label: labels[kind as keyof typeof labels], detail: '', whyNot }] : []
  );
}

function take(kind: Kind, around: Around): readonly File[] {
  const { notebooks, trans } = around;
  const panel = shown(notebooks);
  if (kind === 'selection' || kind === 'cell' || kind === 'output') {
    const found = kind === 'selection' ? selected(around) : pointed(around, { place: kind, cell: null });
    return found ? compose('', found).files : [];
  }
  if (!panel) {
    return [];
  }
  const name = nameOf(panel.context.path);
  switch (kind) {
    case 'cells': {
      const { selectedCells } = panel.content;
      const cells = selectedCells.map(cell => cell.model.toJSON() as CellLike);
      return [
        textFile(cellsAsText(cells), nameOfCells(selectedCells, panel, trans)),
        ...picturesIn(cells, trans)
      ];
    }
    case 'error': {
      const failure = failureIn(panel);
      const subject = failure && {
        place: 'cell' as const,
        name: trans.__('error in %1', name),
        code: failure.source,
        language: languageOf(panel),
        output: '',
        traceback: failure.traceback,
        images: []
      };
      return subject ? compose('', subject).files : [];
    }
    case 'notebook': {
      const cells = cellsOf(panel);
      return [textFile(cellsAsText(cells), name), ...picturesIn(cells, trans)];
    }
    case 'notebook-code': {
      const bare = cellsOf(panel).map(({ cell_type, source }) => ({ cell_type, source }));
      return [textFile(cellsAsText(bare), trans.__('%1 without outputs', name))];
    }
  }
}

function dragged(cells: readonly unknown[], { notebooks, trans }: Around): string | null {
  const panel = notebooks?.find(({ content }) => content.widgets.some(cell => cell === cells[0]));
  const found = panel?.content.widgets.filter(cell => cells.includes(cell)) ?? [];
  return panel && found.length > 0 ? nameOfCells(found, panel, trans) : null;
}

/** Longer lists of stretches are cut. */
const STRETCHES = 4;

/** "analysis.ipynb, cells 3–5, 8" */
function nameOfCells(
  cells: readonly Cell[],
  { content, context }: NotebookPanel,
  trans: TranslationBundle
): string {
  const name = nameOf(context.path);
  const numbers = cells.map(cell => content.widgets.indexOf(cell) + 1);
  if (numbers.length === 1) {
    return trans.__('%1, cell %2', name, numbers[0] ?? 0);
  }
  const stretches: { first: number; last: number }[] = [];
  for (const number of numbers) {
    const open = stretches.at(-1);
    if (open?.last === number - 1) {
      open.last = number;
    } else {
      stretches.push({ first: number, last: number });
    }
  }
  const words = stretches.map(({ first, last }) => (first === last ? `${first}` : `${first}–${last}`));
  const rest = words.length > STRETCHES ? ['…'] : [];
  return trans.__('%1, cells %2', name, [...words.slice(0, STRETCHES), ...rest].join(', '));
}

/** The cells as they are, unsaved changes included. */
function cellsOf(panel: NotebookPanel): CellLike[] {
  return (panel.content.model?.sharedModel.cells ?? []).map(cell => cell.toJSON() as CellLike);
}

/** What went wrong last. Only cells that failed are read: the outputs of others may be large. */
function failureIn(panel: NotebookPanel): Failure | null {
  const failed = codeCells(panel).filter(({ outputs }) => {
    const types = Array.from({ length: outputs.length }, (_, at) => outputs.get(at).type);
    return types.includes('error');
  });
  return lastFailure(failed.map(cell => cell.toJSON()));
}

function codeCells(panel: NotebookPanel): ICodeCellModel[] {
  return [...(panel.content.model?.cells ?? [])].filter(isCodeCellModel);
}

function textFile(text: string, name: string): File {
  return new File([text], `${name}.py`, { type: 'text/x-python' });
}

/** More pictures than this no model takes gladly. */
const PICTURES = 8;

function picturesIn(cells: readonly CellLike[], trans: TranslationBundle): File[] {
  return cells
    .flatMap((cell, index) => {
      const image = imageIn(cell.outputs);
      const name = `${trans.__('output')}-${index + 1}.${image?.type.slice('image/'.length) ?? ''}`;
      return image ? [fileOf(image.base64, name, image.type)] : [];
    })
    .slice(0, PICTURES);
}

/** The kernel of a notebook, to be asked about what it has in memory. */
export function kernelOf(panel: NotebookPanel | null): LiveKernel | null {
  const session = panel?.sessionContext.session;
  const kernel = session?.kernel;
  if (!panel || !kernel) {
    return null;
  }
  const latest = Math.max(0, ...codeCells(panel).map(cell => cell.executionCount ?? 0));
  const language = panel.content.model?.sharedModel.metadata.language_info?.name;
  const spec = panel.sessionContext.kernelPreference.language;
  return {
    key: `${kernel.id} ${latest}`,
    language: (language ?? '') || (spec ?? '') || 'python',
    project: PathExt.dirname(panel.context.path),
    isBusy: kernel.status === 'busy' || kernel.status === 'starting' || kernel.status === 'restarting',
    evaluate: async expression => {
      const { content } = await kernel.requestExecute({
        code: '',
        silent: true,
        store_history: false,
        allow_stdin: false,
        user_expressions: { llmhub: expression }
      }).done;
      const said =
        content.status === 'ok' ? (content.user_expressions['llmhub'] as Evaluated | undefined) : undefined;
      const text = said?.data?.['text/plain'];
      if (text === undefined) {
        throw new Error([said?.ename, said?.evalue].filter(Boolean).join(': ') || content.status);
      }
      return text;
    },
    inspect: async name => {
      const { content } = await kernel.requestInspect({
        code: name,
        cursor_pos: name.length,
        detail_level: 0
      });
      const found = content.status === 'ok' && content.found ? content.data : {};
      const { 'text/plain': text, 'text/html': html } = found;
      return typeof text === 'string'
        ? { text: text.replace(STYLED, ''), html: typeof html === 'string' ? html : '' }
        : null;
    },
    complete: async prefix => {
      const { content } = await kernel.requestComplete({ code: prefix, cursor_pos: prefix.length });
      return content.status === 'ok' ? content.matches.slice(0, MATCHES) : [];
    }
  };
}

const MATCHES = 200;
/** Kernels colour their words by escape sequences, and R's manual sets them bold by writing them twice. */
// eslint-disable-next-line no-control-regex
const STYLED = /\x1b\[[0-9;]*m|_\x08/g;

interface Evaluated {
  readonly data?: Readonly<Record<string, string>>;
  readonly ename?: string;
  readonly evalue?: string;
}
