import { expect, it } from 'vitest';

import { consentFor, remember } from '../../src/model/live/consent';
import { snapshotFrom, told } from '../../src/model/live/snapshot';
import { type LiveKernel, Variables } from '../../src/model/live/variables';

const SAID = JSON.stringify({
  name: 'df',
  type: 'pandas.DataFrame',
  size: '12,000 × 3',
  rows: 12000,
  width: 3,
  sample: 6000,
  columns: [
    {
      name: 'email',
      type: 'object',
      missing: 0,
      stats: { distinct: '6,000', common: ['a@b.example', 'c@d.example'] }
    },
    { name: 'paid', type: 'float64', missing: 7, stats: { min: '1', max: '90' } },
    { name: 'note', type: 'object', missing: 0 }
  ],
  head: [
    ['a@b.example', '1', 'said "hi", left'],
    ['c@d.example', '90', '']
  ]
});
const snapshot = snapshotFrom(SAID);

it('tells the columns, what is missing, the figures and the first rows of a table', () => {
  if (!snapshot) throw new Error('no snapshot');
  const { text, size, isCut } = told(snapshot, 4000);
  expect(text).toBe(`Variable \`df\` in the kernel: pandas.DataFrame, 12,000 × 3
12,000 rows, 3 columns
Missing values and statistics are of every n-th row, 6,000 in all.

Columns:
- email (object): distinct 6,000, common a@b.example | c@d.example
- paid (float64): 7 missing, min 1, max 90
- note (object)

First rows (CSV):
email,paid,note
a@b.example,1,"said ""hi"", left"
c@d.example,90,
`);
  expect(size).toBe(new TextEncoder().encode(text).length);
  expect(isCut).toBe(false);
});

it('says nothing of a column that is left out, neither its name nor a value', () => {
  if (!snapshot) throw new Error('no snapshot');
  const { text } = told(snapshot, 4000, new Set(['email']));
  expect(text).not.toMatch(/email|@/);
  expect(text).toContain('paid,note\n1,');
});

it('keeps within its bytes, and says which columns are missing for want of room', () => {
  if (!snapshot) throw new Error('no snapshot');
  const few = told(snapshot, 230);
  expect(few.text).toContain('(2 more columns)');
  expect(few.text).not.toContain('First rows');
  expect(few.isCut).toBe(true);
  const long = told({ ...snapshot, table: null, text: 'ä'.repeat(3000) }, 1000);
  expect(long.size).toBeLessThanOrEqual(1001);
  expect(long.text).not.toContain('\ufffd');
});

it('remembers what was allowed per project, and takes nothing that is broken', () => {
  const kept = new Map<string, string>();
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key)
  };
  remember('study', { isTrusted: true, budget: 2000, without: ['email'] }, storage);
  expect(consentFor('study', storage)).toEqual({ isTrusted: true, budget: 2000, without: ['email'] });
  expect(consentFor('other', storage).isTrusted).toBe(false);
  kept.set('llmhub:live:study', '{"isTrusted":"yes","budget":-3,"without":7}');
  expect(consentFor('study', storage)).toEqual({ isTrusted: false, budget: 500, without: [] });
});

it('asks the kernel again only when something has run, and never while it works', async () => {
  let asked = 0;
  const kernel = {
    key: 'k 1',
    language: 'python',
    project: '',
    isBusy: false,
    evaluate: () => {
      asked += 1;
      return Promise.resolve(
        '[{"name":"df","type":"pandas.DataFrame","size":"2 × 2"},{"name":"rate","type":"float","size":"1"}]'
      );
    },
    inspect: () => Promise.resolve(null),
    complete: () => Promise.resolve([])
  };
  const variables = new Variables(() => kernel);
  await variables.refresh();
  await variables.refresh();
  expect(asked).toBe(1);
  expect(variables.find('rt', 5).map(hit => hit.variable.name)).toEqual(['rate']);
  Object.assign(kernel, { key: 'k 2', isBusy: true });
  await variables.refresh();
  expect(variables.silence).toBe('busy');
  expect(variables.find('', 5)).toHaveLength(2);
  expect(asked).toBe(1);
});

it('lets a kernel of another language say what it knows', async () => {
  const kernel: LiveKernel = {
    key: 'k',
    language: 'R',
    project: '',
    isBusy: false,
    evaluate: () => Promise.reject(new Error('Python only')),
    inspect: name => Promise.resolve(name === 'cars' ? 'data.frame: 50 obs.' : null),
    complete: prefix => Promise.resolve(['cars', 'cat'].filter(one => one.startsWith(prefix)))
  };
  const variables = new Variables(() => kernel);
  await variables.refresh('ca');
  expect(variables.find('ca', 5)).toHaveLength(2);
  expect((await variables.look('cars'))?.text).toBe('data.frame: 50 obs.');
  expect(await variables.look('nothing')).toBeNull();
  expect(await new Variables(() => null).look('x')).toBeNull();
});
