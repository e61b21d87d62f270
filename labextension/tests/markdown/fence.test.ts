import { expect, it } from 'vitest';

import { readCode } from '../../src/markdown/fence';

it.each([
  ['```python\nx\n```\n', 'x', 'python', true],
  ['```python title="a"\nx\n', 'x', 'python', false],
  ['~~~\nx\n```\n~~~', 'x\n```', '', true],
  ['````md\n```\nx\n```\n````', '```\nx\n```', 'md', true],
  ['```', '', '', false],
  ['    a\n      b\n', 'a\n  b', '', true]
])('the code and the language of %j', (raw, code, language, isClosed) => {
  expect(readCode(raw)).toEqual({ code, language, isClosed });
});
