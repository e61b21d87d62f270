import { describe, expect, it } from 'vitest';

import { patch } from '../../src/markdown/patch';
import { MarkdownRenderer } from '../../src/markdown/render';
import { harmless } from '../../src/markdown/tex';
import { sanitizer } from '../support/services';

const markdown = new MarkdownRenderer({ latexTypesetter: null }, sanitizer());

function draw(source: string): HTMLElement {
  const host = document.createElement('div');
  host.append(markdown.draw(source, null));
  return host;
}

describe('mathematics', () => {
  it.each([
    ['so $a_b$ and $c_d$', ['a_b', 'c_d']],
    ['so \\(a+b\\) is', ['a+b']],
    ['\\[\na\n\\]', ['a']],
    ['so\n$$\na\n\n\nb\n$$\nthen', ['a\nb']],
    ['- item\n\n  $$\n  x\n  $$', ['x']],
    ['\\begin{align}\na &= b\\\\\nc\n\\end{align}', ['\\begin{align}\na &= b\\\\\nc\n\\end{align}']],
    ['| $x$ | c |\n|---|---|\n| $y$ | z |', ['x', 'y']],
    ['costs $5 and $10', []],
    ['costs $5-$10', []],
    ['`$a$` and ``\\(b\\)``', []],
    ['    $a$', []],
    ['a $ b $ c', []]
  ])('in %j is %j', (source, formulas) => {
    expect([...draw(source).querySelectorAll('.jp-llmhub-tex')].map(one => one.textContent)).toEqual(
      formulas
    );
  });

  it('keeps the size that fits its words, and cannot be put over the page', async () => {
    const typeset = (host: HTMLElement) => {
      const style =
        'font-size: 119%; position: fixed; z-index: 9; background: url("x.png"); vertical-align: -1px';
      for (const each of host.children) {
        each.innerHTML = '<mjx-container></mjx-container>';
        each.firstElementChild?.setAttribute('style', style);
      }
    };
    const drawing = new MarkdownRenderer({ latexTypesetter: { typeset } }, sanitizer());
    const host = document.createElement('div');
    document.body.append(host);
    host.append(drawing.draw('so $a$', null));
    await drawing.settle(host);
    expect(host.querySelector('mjx-container')?.getAttribute('style')).toBe(
      'font-size: 119%; vertical-align: -1px;'
    );
    host.remove();
  });

  describe('that is new', () => {
    /** Takes long for each formula. What `\\def` says is known until it is forgotten. */
    function slow() {
      const commands = new Map<string, unknown>();
      const handlers = {
        retrieve: (name: string) => (name === 'new-Command' ? { map: commands } : null)
      };
      const typeset = (bench: HTMLElement) => {
        const text = bench.textContent;
        const name = /\\def(\\\w)/.exec(text)?.[1];
        if (name) {
          commands.set(name, true);
        }
        const isKnown = [...text.matchAll(/\\[a-z]\b/g)].every(([used]) => commands.has(used));
        const [span] = bench.children;
        span!.innerHTML = `<mjx-container>${isKnown ? 'drawn' : 'unknown'}</mjx-container>`;
        for (const begun = performance.now(); performance.now() - begun < 10;);
      };
      const mathDocument = () => Promise.resolve({ inputJax: [{ parseOptions: { handlers } }] });
      const latexTypesetter = { typeset, mathDocument };
      return { commands, renderer: new MarkdownRenderer({ latexTypesetter }, sanitizer()) };
    }

    async function whileSettling(source: string, look: () => void) {
      const { commands, renderer } = slow();
      const host = document.createElement('div');
      document.body.append(host);
      host.append(renderer.draw(source, null));
      const timer = setInterval(() => {
        look();
        expect(commands.size).toBe(0);
      });
      await renderer.settle(host);
      clearInterval(timer);
      host.remove();
      return [...host.querySelectorAll('mjx-container')].map(one => one.textContent);
    }

    it('leaves room for others between one formula and the next', async () => {
      let looks = 0;
      const drawn = await whileSettling('so $1$ and $2$ and $3$', () => (looks += 1));
      expect(drawn).toEqual(['drawn', 'drawn', 'drawn']);
      expect(looks).toBeGreaterThanOrEqual(2);
    });

    it('knows what the formulas before have defined, which nobody else does', async () => {
      const drawn = await whileSettling('so $\\def\\x{1}$ and $\\x$ and $\\y$', () => undefined);
      expect(drawn).toEqual(['drawn', 'drawn', 'unknown']);
    });
  });

  it('in a link title or an alternative text is text', () => {
    const host = draw('[x](https://a.example "$t$") ![$a$](data:image/png;base64,AA==)');
    expect(host.querySelector('a')?.title).toContain('$t$');
    expect(host.innerHTML).not.toMatch(/[\uE0F0\uE0F1]/);
  });

  it('does not reach beyond itself', () => {
    const tex = '\\require{html} a \\class{jp-Dialog}{b} \\label{x}\\\\[2pt] c\\]';
    expect(harmless(tex)).toBe(' a {b} \\\\[2pt] c');
  });
});

it('footnotes stand where they were written', () => {
  const host = draw('a[^1] b\n\n[^1]: The **note**');
  expect(host.innerHTML).toContain('a<sup>1</sup> b');
  expect(host.querySelector('small')?.textContent).toBe('1 The note');
});

it('links of other blocks are used', () => {
  const host = document.createElement('div');
  host.append(markdown.draw('see [this][1]', { '1': { href: 'https://a.example', title: undefined } }));
  expect(host.querySelector('a')?.href).toBe('https://a.example/');
});

describe('a drawn text that grows', () => {
  it('keeps the nodes that stay the same', () => {
    const host = document.createElement('div');
    host.append(markdown.draw('- one\n- two', null));
    const [first, second] = host.querySelectorAll('li');
    const words = second?.firstChild;
    patch(host, markdown.draw('- one\n- two and\n- three', null));
    const after = host.querySelectorAll('li');
    expect(after[0]).toBe(first);
    expect(after[1]).toBe(second);
    expect(after[1]?.firstChild).toBe(words);
    expect(after).toHaveLength(3);
  });

  it('looks in the end as if it had been drawn at once', () => {
    const text = '# a\n\nb **c** `d`\n\n- e\n\n  f\n- g\n\n| h |\n|---|\n| i |\n\n> j\n> 1. k $l$ m\n';
    const host = document.createElement('div');
    for (let end = 1; end <= text.length; end++) {
      patch(host, markdown.draw(text.slice(0, end), null));
    }
    expect(host.innerHTML).toBe(draw(text).innerHTML);
  });
});
