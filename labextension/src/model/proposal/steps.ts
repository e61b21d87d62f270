import type { Edit, ProposalCell } from './edits';
import { hunksBetween } from './hunks';

/** How a list of cells becomes another one, with as few cells as possible taken away and put back. */
export interface Steps {
  /** Where cells are taken away, from the bottom up; those that move among them. */
  readonly remove: readonly number[];
  /** Which cells are put where, from the top down, when those are gone. */
  readonly put: readonly { readonly at: number; readonly cell: ProposalCell }[];
  /** Cells that stay where they are and get another text. */
  readonly rewrite: readonly { readonly at: number; readonly source: string }[];
}

export function stepsBetween(now: readonly ProposalCell[], wanted: readonly ProposalCell[]): Steps {
  const places = new Map(wanted.map((cell, at) => [cell.id, at]));
  const stay = new Set(longestRise(now.map(cell => places.get(cell.id) ?? null)));
  const staying = new Set([...stay].map(at => now[at]?.id));
  return {
    remove: now.flatMap((_cell, at) => (stay.has(at) ? [] : [at])).reverse(),
    put: wanted.flatMap((cell, at) => (staying.has(cell.id) ? [] : [{ at, cell }])),
    rewrite: [...stay].flatMap(at => {
      const cell = now[at];
      const source = wanted[places.get(cell?.id ?? '') ?? -1]?.source;
      return source === undefined || source === cell?.source ? [] : [{ at, source }];
    })
  };
}

/** The same as edits. */
export function editsBetween(now: readonly ProposalCell[], wanted: readonly ProposalCell[]): Edit[] {
  const known = new Map(now.map(cell => [cell.id, cell]));
  const left = new Set(wanted.map(cell => cell.id));
  return [
    ...wanted.flatMap(({ id, source }): Edit[] =>
      source === (known.get(id)?.source ?? source) ? [] : [{ op: 'replace', cell: id, source }]
    ),
    ...now.flatMap(({ id }): Edit[] => (left.has(id) ? [] : [{ op: 'delete', cell: id }])),
    ...stepsBetween(now, wanted).put.map(({ at, cell: { id, type, source } }): Edit => {
      const after = wanted[at - 1]?.id ?? null;
      return known.has(id) ? { op: 'move', cell: id, after } : { op: 'insert', id, after, type, source };
    })
  ];
}

/** Which places hold the longest row of numbers that only rises. */
function longestRise(numbers: readonly (number | null)[]): number[] {
  const rises: { length: number; before: number }[] = [];
  let best = -1;
  for (const [at, number] of numbers.entries()) {
    const mine = { length: number === null ? 0 : 1, before: -1 };
    for (let earlier = 0; earlier < at; earlier++) {
      const other = numbers[earlier] ?? null;
      const length = (rises[earlier]?.length ?? 0) + 1;
      if (number !== null && other !== null && other < number && length > mine.length) {
        Object.assign(mine, { length, before: earlier });
      }
    }
    rises.push(mine);
    if (mine.length > (rises[best]?.length ?? 0)) {
      best = at;
    }
  }
  const places: number[] = [];
  for (let at = best; at >= 0; at = rises[at]?.before ?? -1) {
    places.unshift(at);
  }
  return places;
}

/** Where characters are replaced so that one text becomes the other, from the end to the beginning: others' cursors stay. */
export function splices(before: string, after: string): { start: number; end: number; text: string }[] {
  const lines = before.split('\n');
  const starts: number[] = [];
  let length = 0;
  for (const line of lines) {
    starts.push(length);
    length += line.length + 1;
  }
  return hunksBetween(before, after)
    .reverse()
    .map(({ at, gone, fresh }) => {
      const isLast = at + gone.length >= lines.length;
      if (!isLast) {
        const text = fresh.map(line => `${line}\n`).join('');
        return { start: starts[at] ?? 0, end: starts[at + gone.length] ?? 0, text };
      }
      // No line break ends the last line: the one before it goes along.
      const isFirst = at === 0;
      const text = fresh.map((line, index) => (isFirst && index === 0 ? line : `\n${line}`)).join('');
      return { start: isFirst ? 0 : (starts[at] ?? length) - 1, end: before.length, text };
    });
}
