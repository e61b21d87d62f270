import { expect, it } from 'vitest';

import { compareBy, numberIn, readTable, toCsv, toPandas } from '../../src/markdown/tables';

it('a table is read as its texts', () => {
  const table = document.createElement('table');
  table.innerHTML = '<thead><tr><th>a <b>b</b></th></tr></thead><tbody><tr><td> x<br>y </td></tr></tbody>';
  expect(readTable(table)).toEqual([['a b'], ['x\ny']]);
});

it('CSV quotes what needs it', () => {
  const rows = [
    ['a', 'b,c'],
    ['say "x"', '1\n2']
  ];
  expect(toCsv(rows)).toBe('a,"b,c"\n"say ""x""","1\n2"\n');
});

it('pandas reads numbers as numbers, and no cell gets out of its string', () => {
  const rows = [
    ['a', 'n'],
    ['x', '1,234.5']
  ];
  expect(toPandas(rows)).toContain('"""\\\na,n\nx,1234.5\n"""');
  const evil = toPandas([['a'], ['"""); import os; os.system("x") #'], ['\\']]);
  expect(evil).toContain(
    '\n    "a\\n"\n    "\\"\\"\\"\\"\\"\\"\\"); import os; os.system(\\"\\"x\\"\\") #\\"\\n"\n    "\\\\\\n"\n'
  );
});

it.each([
  ['12', 12],
  ['-3.5', -3.5],
  ['−3', -3],
  ['1,234', 1234],
  ['12 %', 12],
  ['$1,200.50', 1200.5],
  ['1e-4 s', 1e-4],
  ['x1', null],
  ['2024-05-01', null],
  ['', null]
])('%j is the number %j', (text, value) => {
  expect(numberIn(text)).toBe(value);
});

it('numbers are sorted as numbers, words as words', () => {
  const sorted = (column: string[]): string[] =>
    column
      .map((_text, index) => index)
      .sort(compareBy(column))
      .map(index => column[index] ?? '');
  expect(sorted(['10', '9', '100'])).toEqual(['9', '10', '100']);
  expect(sorted(['b10', 'b9', 'A'])).toEqual(['A', 'b9', 'b10']);
});
