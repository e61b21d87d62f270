import type { ProposalCell } from './edits';
import type { Base } from './request';

/** So much of a cell's first line is shown of one that does not go along whole. Characters. */
const BEGINNING = 80;
/** What stands around a cell's text when it is sent. Bytes. */
const AROUND = 70;

/**
 * The notebook as far as it fits into so many bytes: the cells that are meant go along whole, whatever they take; then those next to
 * them, the nearest first. Of the others the first line goes along; if that is too much, the farthest are left out.
 */
export function fitted(base: Base, about: readonly string[], budget: number): Base {
  const { cells } = base;
  if (base.isText) {
    return base;
  }
  const meant = cells.flatMap(({ id }, at) => (about.includes(id) ? [at] : []));
  const distances = distancesTo(meant, cells.length);
  const order = cells
    .map((_cell, at) => at)
    .sort((a, b) => (distances[a] ?? 0) - (distances[b] ?? 0) || a - b);
  const short = cells.map(shortened);
  const kept = new Map<number, ProposalCell>();
  let size = 0;
  const take = (at: number, cell: ProposalCell | undefined, isForced = false): void => {
    const more = cell ? bytesOf(cell) - bytesOf(kept.get(at)) : 0;
    if (cell && (isForced || size + more <= budget)) {
      kept.set(at, cell);
      size += more;
    }
  };
  for (const at of meant) {
    take(at, cells[at], true);
  }
  for (const at of order.filter(one => !kept.has(one))) {
    take(at, short[at]);
  }
  for (const at of order.filter(one => kept.has(one))) {
    take(at, cells[at]);
  }
  const unlisted = cells.length - kept.size;
  const listed = cells.flatMap((_cell, at) => kept.get(at) ?? []);
  return unlisted > 0 ? { ...base, cells: listed, unlisted } : { ...base, cells: listed };
}

/** What of a notebook went along only by its first lines, and what not at all. */
export function leftOut({ cells, unlisted = 0 }: Base): { short: number; unlisted: number } {
  return { short: cells.filter(cell => cell.left_out !== undefined).length, unlisted };
}

function shortened(cell: ProposalCell): ProposalCell {
  const [first = '', ...others] = cell.source.split('\n');
  const source = first.slice(0, BEGINNING);
  return others.length === 0 && source === first
    ? cell
    : { id: cell.id, type: cell.type, source, left_out: Math.max(1, others.length) };
}

/** How far each place is from the nearest that is meant; from the end, where none is. */
function distancesTo(meant: readonly number[], count: number): number[] {
  const ends = meant.length > 0 ? meant : [count - 1];
  const distances = Array.from({ length: count }, () => count);
  ends.forEach(at => {
    distances[at] = 0;
  });
  for (let at = 1; at < count; at++) {
    distances[at] = Math.min(distances[at] ?? count, (distances[at - 1] ?? count) + 1);
  }
  for (let at = count - 2; at >= 0; at--) {
    distances[at] = Math.min(distances[at] ?? count, (distances[at + 1] ?? count) + 1);
  }
  return distances;
}

const encoder = new TextEncoder();

function bytesOf(cell: ProposalCell | undefined): number {
  return cell ? encoder.encode(cell.source).length + AROUND : 0;
}
