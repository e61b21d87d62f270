import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { collect, entries, languages, pathOf, read, toJed, version } from '../scripts/catalogue.mjs';

const texts = collect();

it('German is there', () => {
  expect(texts.length).toBeGreaterThan(150);
  expect(languages()).toContain('de_DE');
});

describe.each(languages())('%s', language => {
  const catalogue = read(language);
  const all = entries(catalogue);
  const id = (context, text) => (context ? `${context}: ${text}` : text);

  it('has every text and no other; `jlpm translate` brings it in step', () => {
    expect(all.map(({ msgctxt, msgid }) => id(msgctxt, msgid)).sort()).toEqual(
      texts.map(({ context, text }) => id(context, text)).sort()
    );
  });

  it('translates all of them', () => {
    const missing = all.filter(
      ({ msgstr, comments }) => !msgstr.every(Boolean) || comments?.flag?.includes('fuzzy')
    );
    expect(missing.map(({ msgid }) => msgid)).toEqual([]);
  });

  it('keeps every place for a value, and the dots and spaces at the ends', () => {
    const marks = text => (text.match(/%\d+|%%/g) ?? []).sort().join(' ');
    const ends = text => [/^\s*/.exec(text)?.[0], /(…|:)?\s*$/.exec(text)?.[0]];
    for (const { msgid, msgid_plural, msgstr } of all) {
      expect(marks(msgstr.at(-1)), msgid).toBe(marks(msgid_plural ?? msgid));
      expect(ends(msgstr[0]), msgid).toEqual(ends(msgid));
    }
  });

  it('is what JupyterLab reads; `jlpm translate` writes it', () => {
    expect(JSON.parse(readFileSync(pathOf(language, 'json'), 'utf8'))).toEqual(toJed(catalogue, version()));
  });
});
