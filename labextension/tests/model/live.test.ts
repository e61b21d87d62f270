import { expect, it, vi } from 'vitest';

import { attachLive } from '../../src/model/live/attach';
import { consentFor, remember } from '../../src/model/live/consent';
import { snapshotFrom, told } from '../../src/model/live/snapshot';
import { type LiveKernel, Variables } from '../../src/model/live/variables';
import { COMPLETED, COMPLETED_BASH, INSPECTED } from '../support/kernels';
import { page } from '../support/services';

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

it('asks a kernel that starts while somebody looks, one whose work has ended, and each anew when it is looked at again', async () => {
  let tell = (): void => undefined;
  const attend = (listener: () => void): (() => void) => {
    tell = listener;
    return () => {
      tell = () => undefined;
    };
  };
  const names = [['rate'], ['df'], ['fresh']];
  const python = {
    key: 'k 1',
    language: 'python',
    project: '',
    isBusy: true,
    evaluate: () => {
      tell(); // being asked is work, too
      const known = names.shift();
      return known
        ? Promise.resolve(JSON.stringify(known.map(name => ({ name, type: 'int', size: '1' }))))
        : Promise.reject(new Error('gone'));
    },
    inspect: () => Promise.resolve(null),
    complete: () => Promise.resolve([])
  };
  let kernel: typeof python | null = null;
  const variables = new Variables(() => kernel, undefined, attend);
  const known = (): string[] => variables.find('', 5).map(hit => hit.variable.name);
  const leave = variables.watch();
  expect(variables.silence).toBe('no-kernel');
  kernel = python;
  tell();
  expect(variables.silence).toBe('busy');
  python.isBusy = false;
  tell();
  await vi.waitFor(() => {
    expect(known()).toEqual(['rate']);
  });
  python.key = 'k 2';
  tell();
  await vi.waitFor(() => {
    expect(known()).toEqual(['df']);
  });
  leave();
  variables.forget();
  await variables.refresh();
  expect(known()).toEqual(['fresh']);
  variables.forget();
  variables.watch();
  await vi.waitFor(() => {
    expect(variables.silence).toBe('failed');
  });
  names.push(['never']);
  tell(); // of what it was asked: no reason to ask again
  expect(names).toHaveLength(1);
});

function foreign(language: string, more: Partial<LiveKernel> = {}): LiveKernel {
  return {
    key: 'k',
    language,
    project: '',
    isBusy: false,
    evaluate: () => Promise.reject(new Error('Python only')),
    inspect: name => Promise.resolve(INSPECTED[name] ?? null),
    complete: () => Promise.resolve([]),
    ...more
  };
}

it('lets a kernel of another language say what it knows', async () => {
  const kernel = foreign('Forth', {
    inspect: name => Promise.resolve(name === 'cars' ? { text: 'an array of 50', html: '' } : null),
    complete: prefix => Promise.resolve(['cars', 'cat'].filter(one => one.startsWith(prefix)))
  });
  const variables = new Variables(() => kernel);
  await variables.refresh('ca');
  expect(variables.areNames).toBe(true);
  expect(variables.find('ca', 5)).toHaveLength(2);
  expect((await variables.look('cars'))?.text).toBe('an array of 50');
  expect(await variables.look('nothing')).toBeNull();
  expect(await new Variables(() => null).look('x')).toBeNull();
});

it('asks R for what is in its global environment, whatever is typed, and bash for what is behind a $', async () => {
  const complete = vi.fn(() => Promise.resolve(COMPLETED));
  const r = new Variables(() => foreign('R', { complete }));
  await r.refresh('');
  await r.refresh('p');
  expect(complete.mock.calls).toEqual([['.GlobalEnv$']]);
  expect(r.find('', 9).map(({ variable }) => variable.name)).toEqual(['cats', '`my var`', 'patients']);
  expect(r.areNames).toBe(false);
  const bash = new Variables(() => foreign('bash', { complete: () => Promise.resolve(COMPLETED_BASH) }));
  await bash.refresh('');
  expect(bash.find('', 9).map(({ variable }) => variable.name)).toEqual(['patients']);
});

it('asks a kernel that only completes names nothing as long as nothing is typed', async () => {
  const complete = vi.fn(() => new Promise<never>(() => undefined));
  await new Variables(() => foreign('Forth', { complete })).refresh('');
  expect(complete).not.toHaveBeenCalled();
});

it('waits only so long for a kernel that does not answer, and meanwhile asks another', async () => {
  const late: (() => void)[] = [];
  let kernel = foreign('bash', { complete: () => new Promise<never>(() => undefined) });
  const variables = new Variables(
    () => kernel,
    f => {
      late.push(f);
      return () => undefined;
    }
  );
  const waiting = variables.refresh('');
  kernel = foreign('R', { key: 'r', complete: () => Promise.resolve(COMPLETED) });
  await variables.refresh('');
  expect(variables.find('', 9)).toHaveLength(3);
  late[0]?.();
  await waiting;
  expect(variables.silence).toBeNull();
  kernel = foreign('bash', { key: 'again', complete: () => new Promise<never>(() => undefined) });
  const again = variables.refresh('');
  late.at(-1)?.();
  await again;
  expect(variables.silence).toBe('failed');
});

it('takes a data frame of R as a table whose columns can stay, row names being one of them', async () => {
  const variables = new Variables(() => foreign('R'));
  const patients = await variables.look('patients');
  if (!patients) throw new Error('no snapshot');
  expect(told(patients, 4000, new Set(['email', 'note'])).text)
    .toBe(`Variable \`patients\` in the kernel: R data.frame, 3 × 6
3 rows, 6 columns
Missing values and statistics are not known.

Columns:
- age (dbl)
- sex (fct)
- seen (date)
- ok (lgl)

First rows (CSV):
age,sex,seen,ok
34,f,2026-01-02,TRUE
51,m,NA,FALSE
NA,f,2026-03-04,NA
`);
  expect(patients.table?.head[1]?.[0]).toBe('c d <x>&');
  const named = (await variables.look('named'))?.table;
  expect(named?.columns.map(column => column.name)).toEqual(['row names', 'x']);
  expect(named?.head).toEqual([
    ['first', '1'],
    ['second', '2']
  ]);
  const wide = await variables.look('wide');
  if (!wide) throw new Error('no snapshot');
  expect(wide.table?.columns).toHaveLength(20);
  expect(told(wide, 4000).text).toContain('(5 more columns)');
  expect(told(wide, 4000).text).not.toContain('⋯');
});

it('takes other values of R as they print, and nothing of its manual', async () => {
  const variables = new Variables(() => foreign('R'));
  expect(await variables.look('s')).toMatchObject({ type: 'R character', table: null, text: '[1] "hello"' });
  expect(await variables.look('empty')).toMatchObject({ type: 'R data.frame', text: '<0 x 0 matrix>' });
  expect(await variables.look('f')).toBeNull();
  expect(await variables.look('nothing')).toBeNull();
});

it('shows what cannot be without the columns that stay, in a trusted project, too', async () => {
  const here = await page();
  remember('', { isTrusted: true, budget: 2000, without: ['email'] }, here.hub.storage);
  const attach = vi.spyOn(here.session.writing, 'attach').mockResolvedValue(true);
  const variables = new Variables(() => foreign('R'));
  await attachLive('s', here.session, variables);
  expect(here.session.desk.preview?.snapshot.name).toBe('s');
  expect(attach).not.toHaveBeenCalled();
  await attachLive('patients', here.session, variables);
  expect(await attach.mock.calls[0]?.[0][0]?.text()).not.toMatch(/email|example/);
  expect(await attachLive('nothing', here.session, variables)).toEqual({ kind: 'silent', language: 'R' });
});
