/// <reference types="vite/client" />
import { expect, it } from 'vitest';

const sources = import.meta.glob<string>('../src/**/*.{ts,tsx}', {
  query: '?raw',
  import: 'default',
  eager: true
});

/** Folder → what it may import of ours, from the bottom up. */
const LAYERS: Record<string, string[]> = {
  api: ['api'],
  model: ['api', 'model'],
  markdown: ['markdown'],
  registries: ['api', 'model', 'registries'],
  components: [
    'api',
    'model',
    'markdown',
    'registries',
    'components',
    'counts',
    'icons',
    'languages',
    'workbench'
  ],
  cell: ['api', 'model', 'markdown', 'components', 'cell', 'icons'],
  widgets: ['model', 'components', 'widgets', 'icons', 'tokens'],
  plugins: [
    'api',
    'model',
    'markdown',
    'registries',
    'components',
    'widgets',
    'plugins',
    'counts',
    'icons',
    'tokens',
    'languages',
    'workbench'
  ]
};
const DRAWING = /^(react|react-dom|virtua|@lumino\/.*|@jupyterlab\/(?!services$|coreutils$).*)(\/|$)/;

function inFolder(folder: string): { file: string; source: string; imports: string[] }[] {
  return Object.entries(sources)
    .map(([path, source]) => ({ file: path.slice('../src/'.length), source }))
    .filter(({ file }) => file.startsWith(`${folder}/`))
    .map(({ file, source }) => ({ file, source, imports: importsOf(source) }));
}

function importsOf(source: string): string[] {
  return [...source.matchAll(/(?:from|import\()\s*'([^']+)'/g)].map(match => match[1] ?? '');
}

/** The folder (or file at the top) that `name` leads to, seen from `file`. */
function target(file: string, name: string): string {
  return new URL(name, `https://src/${file}`).pathname.split('/')[1] ?? '';
}

it.each(['api', 'model'])('%s/ knows neither React nor Lumino nor the page', folder => {
  expect(inFolder(folder).length).toBeGreaterThan(3);
  for (const { file, source, imports } of inFolder(folder)) {
    expect(
      imports.filter(name => DRAWING.test(name)),
      file
    ).toEqual([]);
    expect(/\b(document|window)\./.test(source), `${file} touches the page`).toBe(false);
  }
});

it.each(Object.entries(LAYERS))('%s/ imports only from below', (folder, allowed) => {
  for (const { file, imports } of inFolder(folder)) {
    for (const name of imports.filter(one => one.startsWith('.'))) {
      expect(allowed, `${file} imports ${name}`).toContain(target(file, name));
    }
  }
});

it.each(['plugins', 'widgets'])('%s/ take what draws only when a panel is shown', folder => {
  const early = /^import (?!type )[^;]*?from '([^']+)'/gm;
  for (const { file, source } of inFolder(folder)) {
    const names = [...source.matchAll(early)]
      .map(match => match[1] ?? '')
      .filter(name => name.startsWith('.'));
    expect(
      names.filter(name => ['components', 'markdown'].includes(target(file, name))),
      file
    ).toEqual([]);
  }
});
