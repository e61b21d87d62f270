/** What lies around the panel in JupyterLab right now: something to begin a conversation with. */
export interface Surroundings {
  look(): Sight;
  /** Told when something else is open, selected or has been run. */
  onChange(listener: () => void): () => void;
}

/** Paths begin at the top of JupyterLab's files. */
export interface Sight {
  readonly notebook: { readonly path: string; readonly name: string } | null;
  /** What went wrong last in that notebook. */
  readonly failure: Failure | null;
  /** A file (no notebook) that is open or selected. */
  readonly file: { readonly path: string; readonly name: string } | null;
}

export interface Failure {
  /** "ZeroDivisionError: division by zero" */
  readonly summary: string;
  readonly source: string;
  readonly traceback: string;
}

/** Where JupyterLab has nothing to show. */
export const NOWHERE: Surroundings = {
  look: () => ({ notebook: null, failure: null, file: null }),
  onChange: () => () => undefined
};

interface OutputLike {
  readonly output_type?: unknown;
  readonly ename?: unknown;
  readonly evalue?: unknown;
  readonly traceback?: unknown;
}

interface CellLike {
  readonly source?: unknown;
  readonly execution_count?: unknown;
  readonly outputs?: unknown;
}

/**
 * Whether there may be something to mend in the code that gave an error. An interrupt was meant; and what a magic of ours failed with
 * it says in a line of its own, with what to do (`in_words` in llmhub/hosts/notebook/magics.py).
 */
export function isMendable({ ename, traceback }: OutputLike): boolean {
  const lines: unknown[] = Array.isArray(traceback) ? traceback : [];
  const isOurs = lines.length === 1 && text(lines[0]).startsWith('llmhub: ');
  return !isOurs && !isInterrupt(text(ename));
}

/** By the name of an error: what was running, awaited, or asked of a model by a magic was stopped by a person. */
export function isInterrupt(ename: string): boolean {
  return ['KeyboardInterrupt', 'CancelledError', 'Stopped'].includes(ename);
}

/** The error of the cell that was run last among those whose code could be mended. */
export function lastFailure(cells: readonly CellLike[]): Failure | null {
  let found: { count: number; failure: Failure } | null = null;
  for (const cell of cells) {
    const failure = errorOf(cell, isMendable);
    const count = Number(cell.execution_count ?? 0);
    if (failure && (!found || count >= found.count)) {
      found = { count, failure };
    }
  }
  return found?.failure ?? null;
}

/** What went wrong in a cell when it was run; null: nothing. */
export function failureOf(cell: CellLike): Failure | null {
  return errorOf(cell, () => true);
}

function errorOf(cell: CellLike, isMeant: (output: OutputLike) => boolean): Failure | null {
  const outputs = Array.isArray(cell.outputs) ? (cell.outputs as OutputLike[]) : [];
  const error = outputs.find(output => output.output_type === 'error' && isMeant(output));
  return error ? described(error, text(cell.source)) : null;
}

function described({ ename, evalue, traceback }: OutputLike, source: string): Failure {
  const lines = Array.isArray(traceback) ? traceback.map(text).join('\n') : '';
  const summary = [text(ename), text(evalue).split('\n')[0]].filter(Boolean).join(': ');
  // Terminals colour their text by escape sequences.
  // eslint-disable-next-line no-control-regex
  return { summary, source, traceback: lines.replace(/\x1b\[[0-9;]*m/g, '') || summary };
}

/** Notebooks store text as one string or as its lines. */
function text(value: unknown): string {
  return Array.isArray(value) ? value.join('') : typeof value === 'string' ? value : '';
}
