import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const SRC = join(import.meta.dirname, '../src');

/** Folder → what it may import of ours, from the bottom up. */
const LAYERS: Record<string, string[]> = {
  api: ['api'],
  model: ['api', 'model'],
  markdown: ['markdown'],
  registries: ['api', 'model', 'registries'],
  components: ['api', 'model', 'markdown', 'registries', 'components', 'icons'],
  widgets: ['components', 'icons', 'tokens'],
  plugins: ['api', 'model', 'markdown', 'registries', 'components', 'widgets', 'icons', 'tokens']
};
const DRAWING = /^(react|react-dom|virtua|@lumino\/.*|@jupyterlab\/(?!services$|coreutils$).*)(\/|$)/;

function files(folder: string): string[] {
  return readdirSync(join(SRC, folder), { recursive: true, encoding: 'utf8' })
    .filter(name => /\.tsx?$/.test(name))
    .map(name => join(folder, name));
}

function imports(file: string): string[] {
  const source = readFileSync(join(SRC, file), 'utf8');
  return [...source.matchAll(/(?:from|import\()\s*'([^']+)'/g)].map(match => match[1] ?? '');
}

it.each(['api', 'model'])('%s/ knows neither React nor Lumino nor the page', folder => {
  for (const file of files(folder)) {
    expect(
      imports(file).filter(name => DRAWING.test(name)),
      file
    ).toEqual([]);
    const source = readFileSync(join(SRC, file), 'utf8');
    expect(/\b(document|window)\./.test(source), `${file} touches the page`).toBe(false);
  }
});

it.each(Object.keys(LAYERS))('%s/ imports only from below', folder => {
  for (const file of files(folder)) {
    for (const name of imports(file).filter(one => one.startsWith('.'))) {
      const target = join(folder, file.slice(folder.length + 1), '..', name).split('/')[0] ?? '';
      expect(LAYERS[folder], `${file} imports ${name}`).toContain(target);
    }
  }
});
