import { describe, expect, it } from 'vitest';

import { BlockSplitter, readCode, withDollars, withoutDiagrams } from '../../src/markdown/blocks';

const CORPUS: Record<string, string> = {
  'an answer with everything': `# Title

A paragraph with **bold** and a
second line.

- one
- two
  - nested

  still two
- three

1. first

   \`\`\`python
   print(1)
   \`\`\`
2. second

| a | b |
|---|---|
| 1 | 2 |

$$
a = b

c = d
$$

> quoted
> text

\`\`\`js
let a = 1;

// # not a heading
\`\`\`

Setext
======

***

<div>

html

</div>

The end.
`,
  'a fence that never closes': 'text\n\n```py\nx = 1\n\n\ny = 2\n# c\n',
  'half lines that could be anything':
    'para\n# heading\npara\n- item\npara\n1. item\npara\n---\npara\n===\npara\n> quote\npara\n```\ncode\n```\n',
  'TeX in its own brackets':
    'so\n\n\\[\nx\n- y\n\n+ z\n\\]\n\nthen \\(a\\)\n\n\\begin{align}\na &= b\n\nc &= d\n\\end{align}\n\nend\n',
  'windows line ends': 'one\r\n\r\n- a\r\n- b\r\n\r\n```\r\ncode\r\n```\r\nend\r\n',
  'no line end at all': 'x'.repeat(500),
  'blank lines first': '\n\n\n# a\n\n\n\nb\n\n\n',
  'an indented block': 'a\n\n    code\n\n    more\n\nb\n    not code\n'
};

function pieces(blocks: readonly { raw: string; type: string }[]): [string, string][] {
  return blocks.map(({ type, raw }) => [type, raw]);
}

describe.each(Object.entries(CORPUS))('%s', (_name, text) => {
  const whole = pieces(new BlockSplitter().split(text, true));

  it('comes out the same however it arrived', () => {
    for (const size of [1, 2, 3, 7, 50]) {
      const splitter = new BlockSplitter();
      for (let end = size; end < text.length; end += size) {
        splitter.split(text.slice(0, end), false);
      }
      expect(pieces(splitter.split(text, true))).toEqual(whole);
    }
  });

  it('never changes a block that was closed', () => {
    const splitter = new BlockSplitter();
    let closed: readonly unknown[] = [];
    for (let end = 1; end <= text.length; end++) {
      const blocks = splitter.split(text.slice(0, end), false);
      closed.forEach((block, index) => {
        expect(blocks[index]).toBe(block);
      });
      closed = blocks.filter(block => block.closed);
    }
  });

  it('loses no character', () => {
    expect(whole.map(([, raw]) => raw).join('')).toBe(text.replace(/\r\n/g, '\n'));
  });
});

it('keeps display mathematics in one block', () => {
  const blocks = new BlockSplitter().split('before\n\n$$\na\n\n- b\n$$\n\nafter', true);
  expect(blocks.map(block => block.type)).toEqual(['paragraph', 'math', 'paragraph']);
});

it('begins anew when the text is another one', () => {
  const splitter = new BlockSplitter();
  splitter.split('one\n\ntwo\n\nthree', false);
  expect(pieces(splitter.split('other', false))).toEqual([['paragraph', 'other']]);
});

describe('readCode', () => {
  it.each([
    ['```python\nx\n```\n', 'x', 'python'],
    ['```python title="a"\nx\n', 'x', 'python'],
    ['~~~\nx\n```\n~~~', 'x\n```', ''],
    ['````md\n```\nx\n```\n````', '```\nx\n```', 'md'],
    ['```', '', ''],
    ['    a\n      b\n', 'a\n  b', '']
  ])('%j', (raw, code, language) => {
    expect(readCode(raw)).toEqual({ code, language });
  });
});

describe('withDollars', () => {
  it.each([
    ['so \\(a+b\\) is', 'so $a+b$ is'],
    ['\\[\na\n\\]', '$$\na\n$$'],
    ['`\\(a\\)` and \\(b\\)', '`\\(a\\)` and $b$'],
    ['costs $5', 'costs $5']
  ])('%j', (source, expected) => {
    expect(withDollars(source)).toBe(expected);
  });
});

describe('withoutDiagrams', () => {
  it.each([
    ['> ```mermaid\n> graph\n> ```', '> ```mermaid code\n> graph\n> ```'],
    ['- ~~~~ mermaid \n', '- ~~~~ mermaid code \n'],
    ['1. ```mermaid\u00a0\r\n', '1. ```mermaid code\u00a0\r\n'],
    ['```mermaid', '```mermaid code'],
    ['```python\nmermaid', '```python\nmermaid'],
    ['the mermaid', 'the mermaid']
  ])('%j', (source, expected) => {
    expect(withoutDiagrams(source)).toBe(expected);
  });
});
