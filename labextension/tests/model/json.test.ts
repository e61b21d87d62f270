import { expect, test } from 'vitest';

import { jsonFault } from '../../src/model/json';

const SAMPLE = '{"a": [1, -2.5e3, "x\\n\\u00e9", true], "b": {"c": null, "d": []}, "e": ""}';

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

test('it finds a fault exactly where the browser finds one, whatever is taken out or put in', () => {
  for (let at = 0; at <= SAMPLE.length; at++) {
    const changed = [
      SAMPLE.slice(0, at),
      SAMPLE.slice(0, at) + SAMPLE.slice(at + 1),
      ...['"', ',', '}', '\\', '0', '\n', ' ', 'é'].map(one => SAMPLE.slice(0, at) + one + SAMPLE.slice(at))
    ];
    for (const text of changed) {
      expect([text, jsonFault(text) === null]).toEqual([text, parses(text)]);
    }
  }
  expect(jsonFault('['.repeat(100_000))?.missing).toBe('value');
});

test.each([
  ['{\n  "type": }', 'value', 2, 11],
  ['{"type": "object",}', 'name', 1, 19],
  ['{"type" "object"}', 'colon', 1, 9],
  ['{"a": 1\n "b": 2}', 'comma', 2, 2],
  ['{"a": "x\n"}', 'quote', 1, 9],
  ['{"a": "\\x"}', 'escape', 1, 8],
  ['{} {}', 'end', 1, 4],
  ["{'a': 1}", 'name', 1, 2]
])('%j: a %s is missing in line %i, column %i', (text, missing, line, column) => {
  expect(jsonFault(text)).toMatchObject({ missing, line, column });
});
