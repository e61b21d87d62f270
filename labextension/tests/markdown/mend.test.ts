import { expect, it } from 'vitest';

import { mend } from '../../src/markdown/mend';

it.each([
  ['some **bold', 'some **bold**'],
  ['some **', 'some '],
  ['some **bold*', 'some **bold**'],
  ['some **bold** and `co', 'some **bold** and `co`'],
  ['a `', 'a '],
  ['see [the docs](https://exa', 'see the docs'],
  ['see [the do', 'see the do'],
  ['an ![image](https://e', 'an '],
  ['words\n-', 'words'],
  ['words\n==', 'words'],
  ['words\n#', 'words'],
  ['- one\n- ', '- one'],
  ['- [ ', ''],
  ['1. a\n2', '1. a'],
  ['| a | b', ''],
  ['| a | b |\n|--', ''],
  ['words <sp', 'words '],
  ['words &am', 'words '],
  ['so $\\frac{a', 'so '],
  ['it is $5 and', 'it is $5 and'],
  ['so $a$ and $b$', 'so $a$ and $b$'],
  ['so \\(a', 'so '],
  ['2 * 3 and 4 * 5', '2 * 3 and 4 * 5'],
  ['- a\n* b', '- a\n* b'],
  ['plain words', 'plain words']
])('%j is shown as %j', (raw, shown) => {
  expect(mend(raw, 'paragraph')).toBe(shown);
});

it('a fence is shown when its language is known', () => {
  expect(mend('```py', 'code')).toBe('');
  expect(mend('```python\n', 'code')).toBe('```python\n');
});
