import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { INotebookTracker } from '@jupyterlab/notebook';
import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { expect, it, vi } from 'vitest';

import { nearbyOf } from '../../src/plugins/nearby';

const CELL = {
  cell_type: 'code',
  source: 'plot()',
  outputs: [
    { output_type: 'stream', name: 'stdout', text: 'done\n' },
    { output_type: 'display_data', data: { 'image/png': 'aGVsbG8=' }, metadata: {} }
  ]
};

/** A notebook with one cell, whose kernel is to come. */
function notebook(path: string) {
  const cell = { model: { id: 'a', type: 'code', outputs: { length: 2 }, toJSON: () => CELL } };
  const sharedModel = { cells: [{ toJSON: () => CELL }], metadata: {} };
  const context = {};
  return {
    isVisible: true,
    context: { path },
    content: {
      model: { sharedModel, cells: [] },
      activeCell: cell,
      activeCellIndex: 0,
      selectedCells: [cell],
      widgets: [cell]
    },
    sessionContext: {
      session: null as object | null,
      kernelPreference: {},
      statusChanged: new Signal<object, string>(context)
    }
  };
}

function around(first: ReturnType<typeof notebook> | null) {
  const owner = {};
  const notebooks = {
    currentWidget: first,
    currentChanged: new Signal<object, unknown>(owner),
    find: (isMeant: (panel: object) => boolean) => (first && isMeant(first) ? first : undefined)
  };
  const app = { shell: { currentWidget: null } } as unknown as JupyterFrontEnd;
  const tracker = notebooks as unknown as INotebookTracker;
  return { notebooks, owner, nearby: nearbyOf(app, tracker, nullTranslator.load('llmhub')) };
}

it('calls what goes along by what it is: a cell, its output, the notebook with or without outputs', async () => {
  const { nearby } = around(notebook('study/a.ipynb'));
  const named = async (kind: Parameters<typeof nearby.take>[0]): Promise<string[]> =>
    (await nearby.take(kind)).map(file => file.name);
  expect(await named('cell')).toEqual(['a.ipynb, cell 1.md']);
  expect(await named('output')).toEqual(['a.ipynb, output of cell 1.md', 'a.ipynb, output of cell 1.png']);
  expect((await named('notebook'))[0]).toBe('a.ipynb.py');
  expect(await named('notebook-code')).toEqual(['a.ipynb without outputs.py']);
});

it('calls cells by their notebook and numbers, chosen or dragged', async () => {
  const panel = notebook('study/a.ipynb');
  const cells = Array.from({ length: 12 }, () => ({ ...panel.content.activeCell }));
  const { nearby } = around({
    ...panel,
    content: { ...panel.content, widgets: cells, selectedCells: cells.slice(2, 5) }
  });
  const numbered = (...numbers: number[]): object[] => numbers.flatMap(number => cells[number - 1] ?? []);
  expect((await nearby.take('cells'))[0]?.name).toBe('a.ipynb, cells 3–5.py');
  expect(nearby.dragged(numbered(7))).toBe('a.ipynb, cell 7');
  expect(nearby.dragged(numbered(4, 3, 8, 5))).toBe('a.ipynb, cells 3–5, 8');
  expect(nearby.dragged(numbered(1, 3, 5, 7, 9, 11))).toBe('a.ipynb, cells 1, 3, 5, 7, …');
  expect(nearby.dragged([{}])).toBe(null);
  expect(nearby.dragged([])).toBe(null);
});

it('looks at variables again when a kernel starts, or another notebook is in front', async () => {
  const panel = notebook('a.ipynb');
  const { notebooks, owner, nearby } = around(null);
  const { variables } = nearby;
  const leave = variables.watch();
  expect(variables.silence).toBe('no-kernel');
  const done = Promise.resolve({
    content: { status: 'ok', user_expressions: { llmhub: { data: { 'text/plain': '[]' } } } }
  });
  const requestExecute = vi.fn(() => ({ done }));
  notebooks.currentWidget = panel;
  notebooks.currentChanged.emit(owner);
  expect(requestExecute).not.toHaveBeenCalled();
  panel.sessionContext.session = { kernel: { id: 'k', status: 'idle', requestExecute } };
  panel.sessionContext.statusChanged.emit('idle');
  await vi.waitFor(() => {
    expect(variables.silence).not.toBe('no-kernel');
  });
  expect(requestExecute).toHaveBeenCalledOnce();
  leave();
  variables.forget();
  panel.sessionContext.statusChanged.emit('idle');
  expect(requestExecute).toHaveBeenCalledOnce();
});
