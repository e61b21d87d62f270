// Brings the catalogues in llmhub/locale/ in step with the sources, and writes what JupyterLab reads of them.
// Usage: jlpm translate [LANGUAGE], where LANGUAGE ("fr_FR") is one to begin with. docs/translating.md says more.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  collect,
  entries,
  languages,
  locales,
  merge,
  pathOf,
  read,
  toJed,
  toPo,
  version
} from './catalogue.mjs';

mkdirSync(locales, { recursive: true });
const texts = collect();
for (const language of new Set([...languages(), ...process.argv.slice(2)])) {
  const file = pathOf(language, 'po');
  const catalogue = merge(texts, language, existsSync(file) ? read(language) : null);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, toPo(catalogue));
  writeFileSync(pathOf(language, 'json'), `${JSON.stringify(toJed(catalogue, version()), null, 1)}\n`);
  const missing = entries(catalogue).filter(({ msgstr }) => !msgstr.every(Boolean));
  console.log(`${language}: ${texts.length} texts, ${missing.length} to translate`);
  missing.forEach(({ msgid }) => console.log(`  ${msgid}`));
}
