import { imageIn, outputsAsText } from '../notebook';
import type { CellRunner } from './notebook';

/** What came out of one cell that was run. */
export interface Result {
  readonly cell: string;
  /** Which cell of the notebook it was, from 1; 0: it is gone. */
  readonly number: number;
  readonly state: 'running' | 'ok' | 'failed' | 'cut' | 'gone';
  /** The end of what it printed and gave. */
  readonly text: string;
  readonly image: { readonly type: string; readonly base64: string } | null;
}

/** The notebook shows all of it; here stands so much. */
const LINES = 12;
const LETTERS = 2000;

export function resultOf(
  { cell, number, state }: Pick<Result, 'cell' | 'number' | 'state'>,
  runner: CellRunner | null
): Result {
  const outputs = runner?.shown(cell)?.outputs;
  // What stands there before has come out of an earlier run, and a traceback is told by itself.
  const said = state === 'running' || state === 'failed' ? '' : outputsAsText(outputs);
  const lines = said.split('\n');
  const end = lines.slice(-LINES).join('\n').slice(-LETTERS);
  return {
    cell,
    number,
    state,
    text: end === said ? said : `…\n${end}`,
    image: state === 'running' ? null : imageIn(outputs)
  };
}
