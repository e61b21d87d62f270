import { expect, it } from 'vitest';

import { fitted, leftOut } from '../../src/model/proposal/budget';
import { type ProposalCell, readBlock } from '../../src/model/proposal/edits';
import { baseIn, isRequest, requestFile } from '../../src/model/proposal/request';
import { cellsOfText, readTextBlock, textRequestFile } from '../../src/model/proposal/text';

const edit = (search: string, replace: string): string =>
  `<<<<<<< SEARCH\n${search}=======\n${replace}>>>>>>> REPLACE\n`;
const made = (text: string, ...edits: string[]): unknown => {
  const read = readTextBlock(edits.join('\n'), cellsOfText(text));
  return 'fault' in read ? read.fault : read.edits.map(one => 'source' in one && one.source)[0];
};

it('a file goes along whole, whatever stands in it, and is found again in what went along', async () => {
  for (const source of ['', 'a = 1\n', 'a', '~~~~~~\n```\n<!-- {} -->\n', 'x\n\n\n']) {
    const base = { path: 'work/a.py', cells: cellsOfText(source), isText: true };
    const file = textRequestFile(base, { language: 'python', about: { first: 1, last: 2 } });
    expect(isRequest(file.name)).toBe(true);
    expect(baseIn(await file.text()), JSON.stringify(source)).toEqual(base);
  }
});

it('edits of a text are found by their lines, at the beginning, in the middle and at the end', () => {
  const text = 'one\ntwo\n  three\nfour\n';
  expect(made(text, edit('two\n', '2\n2b\n'))).toBe('one\n2\n2b\n  three\nfour\n');
  expect(made(text, edit('one\n', ''), edit('four\n', '4\n'))).toBe('two\n  three\n4\n');
  expect(made('one\ntwo', edit('two\n', '2\n'))).toBe('one\n2');
  expect(made('one\ntwo', edit('two\n', ''))).toBe('one');
  expect(made('one  \ntwo\n', edit('one\n', '1\n'))).toBe('1\ntwo\n');
  expect(made('', edit('', 'new\n'))).toBe('new\n');
});

it('a heading that is underlined is no end of what is searched', () => {
  const text = 'Project\n=======\n\nold\n';
  const fresh = 'Project\n=======\n\nnew\n\nMore\n=======\n';
  expect(made(text, edit(text, fresh))).toBe(fresh);
  expect(made(text, edit('old\n', 'Section\n=====\n'))).toBe('Project\n=======\n\nSection\n=====\n');
  expect(made('', edit('', fresh))).toBe(fresh);
});

it('an edit that fits nowhere, or twice, is said by its number, and nothing is taken', () => {
  const text = 'one\ntwo\ntwo\n';
  expect(made(text, edit('one\n', '1\n'), edit('three\n', '3\n'))).toEqual({ kind: 'no-place', at: 2 });
  expect(made(text, edit('two\n', '2\n'))).toEqual({ kind: 'many-places', at: 1 });
  expect(made(text, edit('', 'new\n'))).toEqual({ kind: 'no-place', at: 1 });
  expect(made(text, 'I would rather not.')).toEqual({ kind: 'none' });
});

const LARGE: readonly ProposalCell[] = Array.from({ length: 50 }, (_, at) => ({
  id: `c${at}`,
  type: 'code',
  source: `first ${at}\n${'x'.repeat(400)}\nlast ${at}`
}));

it('of a large notebook goes along what is meant and what is next to it, as much as was set, and what does not is told', async () => {
  const base = { path: 'a.ipynb', cells: LARGE };
  const some = fitted(base, ['c20'], 10_000);
  const whole = some.cells.filter(cell => cell.left_out === undefined).map(cell => cell.id);
  expect(whole).toContain('c20');
  expect(whole).toEqual([...whole].sort());
  expect(Math.abs(whole.indexOf('c20') - whole.length / 2)).toBeLessThan(2);
  expect(some.cells).toHaveLength(50);
  const file = requestFile(some, { language: 'python', about: ['c20'] });
  expect(file.size).toBeLessThan(10_000 + 4000);
  expect(baseIn(await file.text())).toEqual(some);
  expect(leftOut(some)).toEqual({ short: 50 - whole.length, unlisted: 0 });

  const few = fitted(base, ['c20'], 1000);
  expect(few.cells.length).toBeLessThan(15);
  expect(few.unlisted).toBe(50 - few.cells.length);
  expect(baseIn(await requestFile(few, { language: '', about: [] }).text())).toEqual(few);
  expect(fitted(base, [], 100_000)).toEqual(base);

  const far = JSON.stringify([{ op: 'replace', cell: 'c49', source: 'all' }]);
  expect(readBlock(far, some.cells)).toEqual({ fault: { kind: 'unseen-cell', at: 1, cell: 'c49' } });
  const above = JSON.stringify([{ op: 'insert', after: 'c49', source: 'more' }]);
  expect(readBlock(above, some.cells)).toHaveProperty('edits');
});
