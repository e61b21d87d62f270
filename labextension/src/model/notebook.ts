/** A cell as notebooks store it, as far as it matters here. */
export interface CellLike {
  readonly cell_type?: unknown;
  readonly source?: unknown;
  readonly outputs?: unknown;
}

interface Bundle {
  readonly output_type?: unknown;
  readonly text?: unknown;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly traceback?: unknown;
}

/** What an output may have to say at most, in characters. */
const LONG_OUTPUT = 4000;

/** Cells as a text that people and models read easily: a script in the percent format, with what the cells printed. */
export function cellsAsText(cells: readonly CellLike[]): string {
  return cells.map(cellAsText).join('\n\n') + '\n';
}

function cellAsText(cell: CellLike): string {
  const source = joined(cell.source).trimEnd();
  if (cell.cell_type !== 'code') {
    const kind = cell.cell_type === 'markdown' ? 'markdown' : 'raw';
    return `# %% [${kind}]\n${commented(source)}`;
  }
  const said = (Array.isArray(cell.outputs) ? (cell.outputs as Bundle[]) : []).map(outputAsText).join('');
  const output = said.length > LONG_OUTPUT ? `${said.slice(0, LONG_OUTPUT)}…` : said;
  return `# %%\n${source}${output.trim() ? `\n# Output:\n${commented(output.trimEnd())}` : ''}`;
}

function outputAsText(output: Bundle): string {
  if (output.output_type === 'stream') {
    return joined(output.text);
  }
  if (output.output_type === 'error') {
    // Terminals colour their text by escape sequences.
    // eslint-disable-next-line no-control-regex
    return joined(output.traceback, '\n').replace(/\x1b\[[0-9;]*m/g, '') + '\n';
  }
  const text = output.data?.['text/plain'];
  return text === undefined ? '' : joined(text) + '\n';
}

/** Notebooks store text as one string or as its lines. */
function joined(text: unknown, by = ''): string {
  return Array.isArray(text) ? text.join(by) : typeof text === 'string' ? text : '';
}

function commented(text: string): string {
  return text
    .split('\n')
    .map(line => `# ${line}`.trimEnd())
    .join('\n');
}

/** The first picture among a cell's outputs. */
export function imageIn(outputs: unknown): { type: string; base64: string } | null {
  for (const { data } of Array.isArray(outputs) ? (outputs as Bundle[]) : []) {
    for (const type of ['image/png', 'image/jpeg', 'image/gif', 'image/webp']) {
      const base64 = joined(data?.[type]);
      if (base64) {
        return { type, base64: base64.replace(/\s/g, '') };
      }
    }
  }
  return null;
}

/** What a cell's outputs say, as text. */
export function outputsAsText(outputs: unknown): string {
  return (Array.isArray(outputs) ? (outputs as Bundle[]) : []).map(outputAsText).join('').trim();
}

/** A file from base64, as notebooks and the Contents API keep bytes. */
export function fileOf(base64: string, name: string, type: string): File {
  const bytes = Uint8Array.from(atob(base64), letter => letter.charCodeAt(0));
  return new File([bytes], name, { type });
}
