import { MimeModel, RenderMimeRegistry } from '@jupyterlab/rendermime';
import { nullTranslator } from '@jupyterlab/translation';
import { expect, it } from 'vitest';

import { lastFailure } from '../../src/model/surroundings';
import { failureRenderer } from '../../src/plugins/hands/failure';

const ERROR = 'application/vnd.jupyter.error';
const FAILED = {
  output_type: 'error',
  ename: 'ZeroDivisionError',
  evalue: 'division by zero',
  traceback: [
    'Traceback (most recent call last)',
    'Cell In[1], line 1',
    'ZeroDivisionError: division by zero'
  ]
};
const OURS = {
  output_type: 'error',
  ename: 'ModelNotFound',
  evalue: "'lab' offers no model 'ecoh' here.",
  traceback: ["llmhub: 'lab' offers no model 'ecoh' here. Did you mean 'lab/echo'?"]
};
const STOPPED = { output_type: 'error', ename: 'Stopped', evalue: '', traceback: [] };
const INTERRUPTED = {
  output_type: 'error',
  ename: 'KeyboardInterrupt',
  evalue: '',
  traceback: ['Cell In[1], line 1', 'KeyboardInterrupt: ']
};

/** The names of the buttons below an error. */
async function offered(error: typeof FAILED): Promise<(string | undefined)[]> {
  const factory = failureRenderer({
    isWanted: () => true,
    ask: () => undefined,
    trans: nullTranslator.load('llmhub')
  });
  const rendermime = new RenderMimeRegistry({ initialFactories: [factory] });
  const shown = rendermime.createRenderer(ERROR);
  const words = error.traceback.join('\n') || `${error.ename}: ${error.evalue}`;
  await shown.renderModel(
    new MimeModel({ data: { [ERROR]: error, 'application/vnd.jupyter.stderr': words } })
  );
  expect(shown.node.textContent).toContain(error.ename === 'ModelNotFound' ? 'lab/echo' : error.ename);
  return [...shown.node.querySelectorAll('button')].map(button => button.dataset['testid']);
}

it('offers to mend what the code did wrong, and neither an interrupt nor what a magic says in a line', async () => {
  expect(await offered(FAILED)).toEqual(['llmhub-fix-error', 'llmhub-explain-error']);
  for (const error of [OURS, STOPPED, INTERRUPTED]) {
    expect(await offered(error)).toEqual([]);
  }
});

it('takes as the last error one that could be mended', () => {
  const cells = [FAILED, OURS, INTERRUPTED].map((error, at) => ({
    source: 'rate = 1 / 0',
    execution_count: at + 1,
    outputs: [error]
  }));
  expect(lastFailure(cells)?.summary).toBe('ZeroDivisionError: division by zero');
  expect(lastFailure(cells.slice(1))).toBeNull();
});
