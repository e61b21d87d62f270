import { expect, it } from 'vitest';

import { KernelLanguages } from '../../src/cell/colours';
import type { Asked, Told } from '../../src/cell/line';
import { Highlighter } from '../../src/cell/standins/highlight';
import { findLanguage } from '../../src/languages';

/** An output, and what its kernel was asked. */
function begin(): {
  block: (language: string) => [HTMLElement, Highlighter];
  asked: Asked[];
  tell: (told: Told) => void;
} {
  const asked: Asked[] = [];
  let tell: (told: Told) => void = () => undefined;
  const languages = new KernelLanguages({
    send: one => asked.push(one),
    listen: listener => {
      tell = listener;
      return () => undefined;
    }
  });
  return {
    asked,
    tell: told => {
      tell(told);
    },
    block: language => {
      const host = document.createElement('code');
      const highlighter = new Highlighter(host);
      const known = findLanguage(languages, language);
      if (known) {
        highlighter.speak(languages, known);
      }
      return [host, highlighter];
    }
  };
}

it('has the kernel colour code once it is whole, and asks for the same code once', () => {
  const { block, asked, tell } = begin();
  const [host, one] = block('python3');
  one.show('x');
  one.show('x = 1');
  expect(asked).toEqual([]);
  one.settle();
  one.settle();
  expect(asked).toEqual([{ type: 'code', code: 'x = 1', language: 'python' }]);
  expect(host.innerHTML).toBe('x = 1');
  tell({
    type: 'code',
    language: 'python',
    pieces: [
      ['x = ', ''],
      ['1', 'number']
    ]
  });
  expect(host.innerHTML).toBe('x = <span class="jp-llmhub-token-number">1</span>');

  const [again, other] = block('python');
  other.show('x = 1');
  other.settle();
  expect(again.innerHTML).toBe(host.innerHTML);
  expect(asked).toHaveLength(1);
});

it('draws no HTML, nothing that is not the code, and no colours over code that has changed', () => {
  const { block, tell } = begin();
  const [host, one] = block('html');
  one.show('<b>');
  one.settle();
  tell({ type: 'code', language: 'html', pieces: [['<i>', 'keyword']] });
  expect(host.innerHTML).toBe('&lt;b&gt;');
  tell({ type: 'code', language: 'html', pieces: [['<b>', 'keyword']] });
  expect(host.innerHTML).toBe('<span class="jp-llmhub-token-keyword">&lt;b&gt;</span>');

  one.show('<u>');
  one.settle();
  one.show('<u>a');
  tell({ type: 'code', language: 'html', pieces: [['<u>', 'keyword']] });
  expect(host.innerHTML).toBe('&lt;u&gt;a');
});

it('leaves code plain whose language is not named', () => {
  const { block, asked } = begin();
  const [host, one] = block('');
  one.show('x');
  one.settle();
  expect([host.textContent, asked]).toEqual(['x', []]);
});
