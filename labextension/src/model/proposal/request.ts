import { nameOf } from '../workspace';
import type { ProposalCell } from './edits';
import { TEXT_ENDING, textBaseIn, textRequestFile } from './text';

/** A notebook as it was when its changes were asked for. */
export interface Base {
  readonly path: string;
  readonly cells: readonly ProposalCell[];
  /** It is a text file, which has one cell. */
  readonly isText?: boolean;
  /** So many cells did not go along at all. */
  readonly unlisted?: number;
  /** What was run and failed, so that it is to be mended. */
  readonly mending?: Mending;
}

/** How far it is with mending what failed when it was run. */
export interface Mending {
  /** How often the error has gone back to the model. From 1. */
  readonly round: number;
  /** Ids of the cells that are still to be run: what failed, and what would have come after it. */
  readonly left: readonly string[];
  /** Whether all cells below a changed one are run. */
  readonly below: boolean;
}

/** By which an attached file is known as a request for changes. */
const ENDING = '.cells.md';

/** How a model says what it would change. English, as it is meant for models. */
const INSTRUCTION = `When I ask for changes to this notebook, say in a sentence or two what you change. Then write one code block in the language \`notebook-edits\`: a JSON list of edits, made from the top of the list down. I see them as a diff, and apply those that I accept. The edits are:

- {"op": "replace", "cell": ID, "source": ALL OF THE NEW TEXT OF THE CELL}
- {"op": "insert", "id": "new-1", "after": ID, "type": "code" or "markdown", "source": TEXT}
- {"op": "delete", "cell": ID}
- {"op": "move", "cell": ID, "after": ID}

"after" names the cell above; null puts it first. Later edits can name an inserted cell by its "id". Change only what I ask for, and keep all other lines as they are. The block is strict JSON: line breaks in texts are written \\n, and quotation marks \\".

For example:

\`\`\`notebook-edits
[
  {"op": "replace", "cell": "3f2a", "source": "import polars as pl\\ndf = pl.read_csv(\\"a.csv\\")"},
  {"op": "insert", "id": "new-1", "after": "3f2a", "type": "code", "source": "df.head()"}
]
\`\`\``;

/** What goes along with a request for changes: how to answer it, and the cells by their ids. `about`: ids of those that are meant. */
export function requestFile(
  { path, cells, unlisted, mending }: Base,
  { language, about }: { language: string; about: readonly string[] }
): File {
  const lines = cells.map(({ id, type, source, left_out }) => JSON.stringify({ id, type, source, left_out }));
  const cut = cells.some(cell => cell.left_out !== undefined)
    ? '\nOf cells with "left_out" you see the beginning only, without so many lines: they can be moved, and stand above others, but not be replaced or deleted.\n'
    : '';
  const missing = unlisted ? `\n${unlisted} cells far from those are not listed.\n` : '';
  const meant = about.length > 0 ? `\n"This cell" or "these cells" are: ${about.join(', ')}\n` : '';
  const text = `# The notebook ${nameOf(path)}

${INSTRUCTION}

These are its cells (${language || 'code'}).
${meant}${cut}${missing}
\`\`\`json
{"path": ${JSON.stringify(path)}${unlisted ? `, "unlisted": ${unlisted}` : ''}${mending ? `, "mending": ${JSON.stringify(mending)}` : ''}, "cells": [
${lines.join(',\n')}
]}
\`\`\`
`;
  return new File([text], `${nameOf(path)}${ENDING}`, { type: 'text/markdown' });
}

/** Likewise, for a notebook or a text file. */
export function requestFor(
  base: Base,
  { language, about }: { language: string; about: readonly string[] }
): File {
  return base.isText
    ? textRequestFile(base, { language: endingOf(base.path), about: null })
    : requestFile(base, { language, about });
}

function endingOf(path: string): string {
  return /\.(\w+)$/.exec(path)?.[1] ?? '';
}

export function isRequest(fileName: string): boolean {
  return fileName.endsWith(ENDING) || fileName.endsWith(TEXT_ENDING);
}

/** The notebook or file in what went along with a request; null if that is something else. */
export function baseIn(text: string): Base | null {
  return notebookIn(text) ?? textBaseIn(text);
}

function notebookIn(text: string): Base | null {
  const block = /^```json\n([\s\S]*?)\n```$/m.exec(text)?.[1];
  try {
    const said = JSON.parse(block ?? 'null') as Partial<Base> | null;
    if (typeof said?.path !== 'string' || !Array.isArray(said.cells) || !said.cells.every(isCell)) {
      return null;
    }
    const { path, cells, unlisted, mending } = said;
    return {
      path,
      cells,
      ...(typeof unlisted === 'number' ? { unlisted } : {}),
      ...(isMending(mending) ? { mending } : {})
    };
  } catch {
    return null;
  }
}

function isCell(value: unknown): value is ProposalCell {
  const { id, type, source } = (value ?? {}) as Record<string, unknown>;
  return typeof id === 'string' && typeof type === 'string' && typeof source === 'string';
}

function isMending(value: unknown): value is Mending {
  const { round, left, below } = (value ?? {}) as Record<string, unknown>;
  return (
    typeof round === 'number' &&
    typeof below === 'boolean' &&
    Array.isArray(left) &&
    left.every(id => typeof id === 'string')
  );
}
