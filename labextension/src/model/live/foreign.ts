import type { Column, Snapshot, Variable } from './snapshot';

/**
 * Variables of kernels that are not Python's, as far as these speak of them by themselves: they complete names and inspect them.
 * Nothing is run in them.
 */

/** What a kernel says of a name when it is inspected: the same twice. */
export interface Inspected {
  readonly text: string;
  /** Empty: it says it as text only. */
  readonly html: string;
}

/** What stands before the names of variables and of nothing else, where a kernel completes them so: IRkernel 1.3, bash_kernel 0.10. */
const DOORS: Readonly<Record<string, string>> = { r: '.GlobalEnv$', bash: '$' };

/** What is to be completed to learn of variables; null: nothing can be asked yet. */
export function askFor(language: string, typed: string): string | null {
  // Nothing typed would ask some kernels for all that they know, and bash_kernel never answers to it.
  return DOORS[language.toLowerCase()] ?? (typed || null);
}

/** Whether what was typed makes a difference to which names are completed. */
export function hasDoor(language: string): boolean {
  return language.toLowerCase() in DOORS;
}

export function variablesIn(matches: readonly string[], language: string): readonly Variable[] {
  const door = DOORS[language.toLowerCase()] ?? '';
  return matches
    .filter(match => match.startsWith(door))
    .map(match => match.slice(door.length))
    .filter(name => name !== '' && !name.startsWith('.'))
    .map(name => ({ name, type: '', size: '' }));
}

/** What was said of a name as a snapshot; null: it is no variable. */
export function foreignSnapshot(name: string, language: string, said: Inspected): Snapshot | null {
  if (language.toLowerCase() === 'r') {
    return fromR(name, said);
  }
  return said.text.trim()
    ? { name, type: language, size: '', table: null, text: said.text, image: null, language }
    : null;
}

const CLASS = '# Class attribute:\n';
const PRINTED = '# Printed form:\n';
const HELP = '\n# Help document:\n';

/** IRkernel says of a value its class and how it prints, then a page of its manual; of what is no value, or a function, the page alone. */
function fromR(name: string, { text, html }: Inspected): Snapshot | null {
  const printed = text.indexOf(PRINTED);
  if (!text.startsWith(CLASS) || printed < 0) {
    return null;
  }
  const classes = Array.from(text.slice(0, printed).matchAll(/"([^"]*)"/g), ([, one]) => one);
  const end = text.lastIndexOf(HELP);
  const form = text.slice(printed + PRINTED.length, end < printed ? undefined : end).trimEnd();
  const [, what, rows, width] = /<caption>A (.+?): (\d+) × (\d+)/.exec(html) ?? [];
  const isTable = what !== undefined && what !== 'matrix' && classes.includes('data.frame');
  return {
    name,
    type: `R ${classes.join(', ')}`,
    size: rows && width ? [rows, width].map(one => Number(one).toLocaleString('en')).join(' × ') : '',
    table: isTable ? tableFromR(html, Number(rows), Number(width)) : null,
    text: form,
    image: null,
    language: 'R'
  };
}

/** A model needs no more of them. */
const ROWS = 20;
/** What stands for columns and rows that are not shown. */
const LEFT_OUT = new Set(['⋯', '⋮', '⋱']);

/** A data frame as R draws it: names, types, then rows; the first and the last of those, and of columns, where there are many. */
function tableFromR(html: string, rows: number, width: number): Snapshot['table'] {
  const lines = Array.from(html.matchAll(/<tr>([\s\S]*?)<\/tr>/g), ([, line]) => cellsOf(line ?? ''));
  const [names = [], types = [], ...body] = lines;
  const at = names.flatMap((name, index) =>
    LEFT_OUT.has(name) && LEFT_OUT.has(types[index] ?? '') ? [] : [index]
  );
  const columns = at.map((index): Column => {
    const type = (types[index] ?? '').replace(/^<(.*)>$/, '$1');
    const name = names[index] ?? '';
    return { name: name === '' ? 'row names' : name, type, missing: 0, stats: {} };
  });
  const hasNames = names[0] === '';
  const isGap = (cells: readonly string[]): boolean => cells.every(cell => LEFT_OUT.has(cell));
  const gap = body.findIndex(isGap);
  return {
    rows,
    width: width + (hasNames ? 1 : 0),
    columns,
    sample: null,
    isCounted: false,
    head: body
      .slice(0, gap < 0 ? ROWS : Math.min(gap, ROWS))
      .map(cells => at.map(index => cells[index] ?? ''))
  };
}

function cellsOf(line: string): readonly string[] {
  return Array.from(line.matchAll(/<t([dh])\b[^>]*>([\s\S]*?)<\/t\1>/g), ([, , cell]) =>
    (cell ?? '')
      .replace(/<\/?span\b[^>]*>/g, '')
      .replace(/&(lt|gt|quot|#39|amp);/g, (_entity, name: string) => ENTITIES[name] ?? '')
      .trim()
  );
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', '#39': "'", amp: '&' };
