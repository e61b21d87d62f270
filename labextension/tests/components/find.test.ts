import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { mark } from '../../src/components/find/marks';
import { rangesOf } from '../../src/components/find/texts';

function found(html: string, ...words: string[]): string[] {
  const element = document.createElement('div');
  element.innerHTML = html;
  return rangesOf(element, words).map(String);
}

describe('a text in a message', () => {
  it.each([
    ['<p>a tide, a Tide</p>', 'tide', ['tide', 'Tide']],
    ['<p>the <strong>high</strong> tide</p>', 'The high tide', ['the high tide']],
    ['<p>call <code>high_tide</code>() twice</p>', 'high_tide()', ['high_tide()']],
    ['<p>high\n   tide</p><p>high<br>tide</p>', 'high tide', ['high\n   tide', 'hightide']],
    ['<p>It is high.</p>\n<p>Tide comes.</p>', 'high. tide', ['high.\nTide']],
    ['<p>Häuser, cafe\u0301</p>', 'hauser', ['Häuser']],
    ['<p>Häuser, cafe\u0301!</p>', 'café', ['cafe\u0301']],
    ['<p>🌊 tide</p>', 'tide', ['tide']],
    ['<p>tide<button>tide</button></p>', 'tide', ['tide']],
    ['<p>hi</p><p>gh</p>', 'high', []],
    ['<p>tide</p>', ' ', []]
  ])('%s: %s', (html, word, ranges) => {
    expect(found(html, word)).toEqual(ranges);
  });
});

describe('marks of several panels', () => {
  const registry = new Map<string, unknown>();

  beforeEach(() => {
    vi.stubGlobal('CSS', { highlights: registry });
    vi.stubGlobal(
      'Highlight',
      class extends Set<Range> {
        constructor(...ranges: Range[]) {
          super(ranges);
        }
      }
    );
  });

  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it('are seen together, and go with their own panel only', () => {
    const [one, other] = [{}, {}];
    const ranges = [document.createRange(), document.createRange()];
    mark('tide', one, ranges.slice(0, 1));
    mark('tide', other, ranges.slice(1));
    expect([...(registry.get('tide') as Set<Range>)]).toEqual(ranges);
    mark('tide', one, []);
    expect([...(registry.get('tide') as Set<Range>)]).toEqual(ranges.slice(1));
    mark('tide', other, []);
    expect(registry.has('tide')).toBe(false);
  });
});
