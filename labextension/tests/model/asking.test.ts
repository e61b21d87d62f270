import { expect, it } from 'vitest';

import { compose, type Subject, subjectOf } from '../../src/model/asking';

const PLACE = { name: 'rates.ipynb, cell 3', language: 'python' };
const FAILED = {
  cell_type: 'code',
  source: ['rate = ', '1 / 0'],
  outputs: [
    { output_type: 'stream', text: 'before' },
    {
      output_type: 'error',
      ename: 'ZeroDivisionError',
      evalue: 'no',
      traceback: ['\x1b[31mline 1\x1b[0m', 'line 2']
    }
  ]
};
const subject = (changes: Partial<Subject> = {}): Subject => ({
  ...subjectOf(FAILED, 'cell', PLACE),
  images: [],
  ...changes
});

it('takes a cell with its traceback, without the colours of a terminal', () => {
  const { text, files } = compose('Why?', subject());
  expect(text).toBe('Why?\n\n```python\nrate = 1 / 0\n```\n\n```\nline 1\nline 2\n```\n');
  expect(files).toEqual([]);
});

it('takes what a cell printed only when the output is asked about', () => {
  const cell = { ...FAILED, outputs: [{ output_type: 'stream', text: ['a', 'b'] }] };
  expect(compose('?', { ...subjectOf(cell, 'cell', PLACE), images: [] }).text).not.toContain('ab');
  expect(compose('?', { ...subjectOf(cell, 'output', PLACE), images: [] }).text).toContain('```\nab\n```');
});

it('never lets code end its own fence', () => {
  const { text } = compose('?', subject({ code: 'x = """\n````\n"""', traceback: null }));
  expect(text).toBe('?\n\n`````python\nx = """\n````\n"""\n`````\n');
});

it('takes long code along as a file, and all of it where the words are still to come', async () => {
  const long = compose('Why?', subject({ code: 'x\n'.repeat(2000) }));
  expect(long.text).toBe('Why?');
  expect(long.files.map(file => file.name)).toEqual(['rates.ipynb, cell 3.md']);
  expect(await long.files[0]?.text()).toContain('line 2');
  expect(compose('', subject()).files).toHaveLength(1);
});

it('knows a Markdown cell as Markdown, and asks about nothing without a block', () => {
  const cell = { cell_type: 'markdown', source: '# Title' };
  const found: Subject = { ...subjectOf(cell, 'cell', PLACE), images: [] };
  expect(found.language).toBe('markdown');
  expect(compose('Hello', { ...found, code: ' ' })).toEqual({ text: 'Hello', files: [] });
});
