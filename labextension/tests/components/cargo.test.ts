import { expect, it } from 'vitest';

import { take } from '../../src/components/composer/cargo';
import type { Nearby } from '../../src/model/nearby';
import { page } from '../support/services';

/** A drop of cells. `shown`: as they are on the screen, where JupyterLab says that. */
function dropOf(cells: readonly object[], shown?: readonly object[]): Event {
  const data = new Map<string, unknown>([['application/vnd.jupyter.cells', cells]]);
  if (shown) {
    data.set('internal:cells', shown);
  }
  const mimeData = { hasData: (type: string) => data.has(type), getData: (type: string) => data.get(type) };
  return Object.assign(new Event('lm-drop'), { mimeData });
}

it('cells that are dropped are called by their notebook, and those of a console plainly', async () => {
  const { services, session } = await page();
  const attached: File[] = [];
  session.writing.attach = files => {
    attached.push(...files);
    return Promise.resolve(true);
  };
  const cell = { cell_type: 'code', source: 'plot()', outputs: [] };
  const shown = [{}, {}];
  const dragged: Nearby['dragged'] = cells => (cells[0] === shown[0] ? 'a.ipynb, cells 1–2' : null);
  const nearby = { dragged } as Nearby;
  await take(dropOf([cell, cell], shown), { ...services, nearby });
  await take(dropOf([cell]), { ...services, nearby });
  await take(dropOf([cell]), { ...services, nearby: null });
  expect(attached.map(file => file.name)).toEqual(['a.ipynb, cells 1–2.py', 'cells.py', 'cells.py']);
  expect(await attached[0]?.text()).toBe('# %%\nplot()\n\n# %%\nplot()\n');
});
