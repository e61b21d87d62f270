import { nameOf } from '../workspace';
import type { Edit, Fault, ProposalCell } from './edits';
import type { Base } from './request';

/** A text file is changed as if it were a notebook with this one cell. */
export const TEXT = 'text';

/** By which an attached file is known as a request for changes to a text file. */
export const TEXT_ENDING = '.text.md';

const INSTRUCTION = `When I ask for changes to this file, say in a sentence or two what you change. Then write one code block in the language \`file-edits\` with all edits, each like this:

\`\`\`\`file-edits
<<<<<<< SEARCH
lines as they stand in the file, so many that they stand there only once
=======
the lines that take their place
>>>>>>> REPLACE
\`\`\`\`

Copy the lines to search for exactly, with their indentation. Nothing between ======= and >>>>>>> REPLACE removes them. In an empty file, nothing stands between SEARCH and =======. Change only what I ask for. I see the edits as a diff, and apply those that I accept.`;

/** A text as the one cell of a notebook. */
export function cellsOfText(source: string): readonly ProposalCell[] {
  return [{ id: TEXT, type: 'raw', source }];
}

export function textOfCells(cells: readonly ProposalCell[]): string {
  return cells[0]?.source ?? '';
}

/** What goes along with a request to change a file. `about`: the lines that are meant, from 1. */
export function textRequestFile(
  { path, cells }: Base,
  { language, about }: { language: string; about: { first: number; last: number } | null }
): File {
  const source = textOfCells(cells);
  const fence = fenceFor(source);
  const meant = about === null ? '' : `\n"This" is lines ${about.first} to ${about.last}.\n`;
  const text = `# The file ${nameOf(path)}

${INSTRUCTION}
${meant}
<!-- ${JSON.stringify({ path })} -->
${fence}${language}
${source}
${fence}
`;
  return new File([text], `${nameOf(path)}${TEXT_ENDING}`, { type: 'text/markdown' });
}

/** The file in what went along with a request to change it; null if that is something else. */
export function textBaseIn(text: string): Base | null {
  const found = /^<!-- (\{.*\}) -->\n(~{5,})[^\n]*\n([\s\S]*)\n\2\n*$/m.exec(text);
  try {
    const { path } = JSON.parse(found?.[1] ?? 'null') as { path?: unknown };
    return typeof path === 'string' ? { path, cells: cellsOfText(found?.[3] ?? ''), isText: true } : null;
  } catch {
    return null;
  }
}

const EDIT = /^<{5,9} ?SEARCH[ \t]*\n([\s\S]*?)^>{5,9} ?REPLACE[ \t]*$/gm;
const BETWEEN = /^={5,9}[ \t]*$/;

/** The edits in a block of the language `file-edits`: all of them are sound, or none is taken. */
export function readTextBlock(
  block: string,
  cells: readonly ProposalCell[]
): { edits: readonly Edit[] } | { fault: Fault } {
  const before = textOfCells(cells);
  let lines = before.split('\n');
  let at = 0;
  for (const [, said = ''] of block.matchAll(EDIT)) {
    at += 1;
    const { wanted, fresh } = parted(linesOf(said), lines);
    if (wanted.length === 0 && lines.join('').trim() === '') {
      lines = [...fresh, ''];
      continue;
    }
    const places = wanted.length === 0 ? [] : placesOf(wanted, lines);
    const [place] = places;
    if (place === undefined || places.length > 1) {
      return { fault: { kind: place === undefined ? 'no-place' : 'many-places', at } };
    }
    lines = [...lines.slice(0, place), ...fresh, ...lines.slice(place + wanted.length)];
  }
  const source = lines.join('\n');
  return source === before ? { fault: { kind: 'none' } } : { edits: [{ op: 'replace', cell: TEXT, source }] };
}

function linesOf(text: string): string[] {
  return text.split('\n').slice(0, -1);
}

interface Parted {
  readonly wanted: readonly string[];
  readonly fresh: readonly string[];
}

/** What is searched, and what takes its place. Below a heading may stand what looks like the end of the one: the last that fits is it. */
function parted(said: readonly string[], lines: readonly string[]): Parted {
  const ways = said.flatMap((line, at) =>
    BETWEEN.test(line) ? [{ wanted: said.slice(0, at), fresh: said.slice(at + 1) }] : []
  );
  return (
    ways.findLast(({ wanted }) => wanted.length > 0 && placesOf(wanted, lines).length > 0) ??
    ways[0] ?? { wanted: [], fresh: [] }
  );
}

/** Where these lines begin in others, exactly, else but for blanks at their ends. */
function placesOf(wanted: readonly string[], lines: readonly string[]): number[] {
  const find = (isSame: (a: string, b: string) => boolean): number[] =>
    lines.flatMap((_line, at) =>
      wanted.every((one, offset) => isSame(lines[at + offset] ?? '\n', one)) ? [at] : []
    );
  const exact = find((a, b) => a === b);
  return exact.length > 0 ? exact : find((a, b) => a !== '\n' && a.trimEnd() === b.trimEnd());
}

/** Longer than any row of tildes in the text. */
function fenceFor(text: string): string {
  const longest = Math.max(4, ...[...text.matchAll(/~+/g)].map(([row]) => row.length));
  return '~'.repeat(longest + 1);
}
