import { describe, expect, it } from 'vitest';

import { type Block, BlockSplitter } from '../../src/markdown/blocks';

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
  'a formula after words, with blank lines in it': 'so\n$$\na\n\n- b\n$$\nthen\n\n\\[ x\n\n+ y \\]\n\nend\n',
  'a formula that never ends': 'a\n\n$$\nx\n\n# heading\n\n- list\n\nend\n',
  'a price on a line of its own': '$$\n\n$5\n\nend\n',
  'details with Markdown in them':
    'a\n\n<details>\n<summary>More</summary>\n\n- one\n\n```py\nx\n```\n\n<div>\n\ninner\n\n</div>\n\n</details>\n\nend\n',
  'details that never end': 'a\n\n<details>\n\n- one\n\ntwo\n\nthree\n',
  'a comment over several blocks': 'a\n\n<!-- x\n\ny -->\n\nb\n\n<b>c</b> d\n\n<br>\n\ne\n',
  'references and footnotes':
    'See [one][1], [two] and [^n].\n\nMore.\n\n[1]: https://a.example "A"\n[two]: <https://b.example>\n[^n]: A note\n  that goes on.\n[^m]: Another\n\nend\n',
  'fences in fences':
    '````md\n```py\nx\n```\n````\n\n~~~\n```\n~~~\n\n- a\n\n      ```\n      b\n      ```\n\nend\n',
  'a table and what follows': '| a | b |\n|:--|--:|\n| 1 | `|` |\ntext\n\n| c |\n|---|\n\nend\n',
  'a loose list that begins tight': '- a\n- b\n\n  c\n\n- d\n\n\n1. x\n2. y\n\n   $$\n   z\n   $$\n\nend\n',
  'tasks in a quote': '> - [ ] a\n> - [x] b\n>\n> c\nlazy\n\nend\n',
  'blank lines first': '\n\n\n# a\n\n\n\nb\n\n\n',
  'an indented block': 'a\n\n    code\n\n    more\n\nb\n    not code\n'
};

function pieces(blocks: readonly { raw: string; type: string }[]): [string, string][] {
  return blocks.map(({ type, raw }) => [type, raw]);
}

// Everything after everything else.
const ALL = Object.values(CORPUS).map(text => text.replace(/\r/g, ''));
CORPUS['all of it in a row'] = ALL.filter(text => !text.includes('never')).join('\n\n');

describe.each(Object.entries(CORPUS))('%s', (_name, text) => {
  const whole = pieces(new BlockSplitter().split(text, true));

  it('comes out the same however it arrived', () => {
    for (const size of text.length > 1000 ? [17] : [1, 2, 3, 7, 50]) {
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
    for (let end = 1; end <= text.length; end += text.length > 1000 ? 7 : 1) {
      const blocks = splitter.split(text.slice(0, end), false);
      closed.forEach((block, index) => {
        // Only where a link leads may be learnt later.
        expect(blocks[index]).toMatchObject({ raw: (block as Block).raw, type: (block as Block).type });
        if (blocks[index]!.links === (block as Block).links) {
          expect(blocks[index]).toBe(block);
        }
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

it('links what is defined further down, and only that block is another one then', () => {
  const splitter = new BlockSplitter();
  const before = splitter.split('a [b][c]\n\nother [x]\n\nlast\n\n', false);
  const after = splitter.split('a [b][c]\n\nother [x]\n\nlast\n\n[c]: https://c.example\n\nend', false);
  expect(before[0]?.links).toBeNull();
  expect(after[0]?.links).toEqual({ c: { href: 'https://c.example', title: undefined } });
  expect(after[1]).toBe(before[1]);
});
