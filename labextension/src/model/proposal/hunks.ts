import { diffLines } from 'diff';

/** A stretch of lines that is different: `gone` stands in the old text from line `at` on (from 0), `fresh` takes its place. */
export interface Hunk {
  readonly at: number;
  readonly gone: readonly string[];
  readonly fresh: readonly string[];
}

/** What is different in two texts, line by line, from the top down. */
export function hunksBetween(before: string, after: string): Hunk[] {
  const hunks: Hunk[] = [];
  let line = 0;
  let open: { at: number; gone: string[]; fresh: string[] } | null = null;
  // With a last line break in both, the last lines are compared as the others.
  for (const part of diffLines(`${before}\n`, `${after}\n`)) {
    const lines = part.value.split('\n').slice(0, -1);
    if (!part.added && !part.removed) {
      open = null;
      line += lines.length;
      continue;
    }
    if (!open) {
      open = { at: line, gone: [], fresh: [] };
      hunks.push(open);
    }
    (part.removed ? open.gone : open.fresh).push(...lines);
    line += part.removed ? lines.length : 0;
  }
  return hunks;
}

/** The text with these of its hunks made. */
export function withHunks(before: string, hunks: readonly Hunk[]): string {
  const lines = before.split('\n');
  for (const { at, gone, fresh } of [...hunks].sort((a, b) => b.at - a.at)) {
    lines.splice(at, gone.length, ...fresh);
  }
  return lines.join('\n');
}

/** The hunks as they are in a text that has changed meanwhile; null for those whose lines have changed themselves. */
export function moved(hunks: readonly Hunk[], before: string, now: string): (Hunk | null)[] {
  const others = hunksBetween(before, now);
  return hunks.map(hunk => {
    const end = hunk.at + hunk.gone.length;
    let shift = 0;
    for (const other of others) {
      const otherEnd = other.at + other.gone.length;
      if (otherEnd < hunk.at || (otherEnd === hunk.at && other.gone.length > 0 && hunk.gone.length > 0)) {
        shift += other.fresh.length - other.gone.length;
      } else if (other.at < end || other.at === hunk.at || otherEnd === hunk.at) {
        return null;
      }
    }
    return { ...hunk, at: hunk.at + shift };
  });
}
