import { fenced } from '../asking';
import type { Consent } from '../live/consent';
import { type Circumstances, circumstancesFrom, failing, UNKNOWN } from '../live/failing';
import type { CellLike } from '../notebook';
import { failureOf, isInterrupt } from '../surroundings';
import { nameOf } from '../workspace';
import type { CellRunner } from './notebook';

/** What went wrong when a cell was run, as it goes back to the model. */
export interface CellFailure {
  readonly cell: string;
  /** Which cell it was, from 1. */
  readonly number: number;
  /** "ZeroDivisionError: division by zero" */
  readonly summary: string;
  /** It was interrupted. */
  readonly isInterrupt: boolean;
  readonly traceback: string;
  readonly source: string;
  /** Values of variables, and the row at which it failed: what a person may keep to themselves. */
  readonly values: readonly string[];
  readonly row: string | null;
}

/** A traceback may have so many characters; of a longer one the middle is left out. */
const LONG_TRACE = 6000;

/**
 * What went wrong in a cell that has just failed. The kernel is asked for what the names stood for; where it cannot say, or the signal
 * says that nobody waits any more, that is left out.
 */
export async function failureIn(
  shown: CellLike,
  { cell, number }: Pick<CellFailure, 'cell' | 'number'>,
  { live }: Pick<CellRunner, 'live'>,
  { consent, signal }: { consent: Consent; signal: AbortSignal }
): Promise<CellFailure> {
  const { summary = '', traceback = '', source = '' } = failureOf(shown) ?? {};
  const kind = summary.split(':')[0] ?? '';
  let found: Circumstances = { ...UNKNOWN, traceback };
  if (live?.language.toLowerCase() === 'python') {
    try {
      found = circumstancesFrom(
        await unlessAborted(live.evaluate(failing(kind, traceback, consent.without)), signal)
      );
    } catch (reason) {
      if (!signal.aborted) {
        console.warn('llmhub: the kernel does not say what the names stood for.', reason);
      }
    }
  }
  return {
    cell,
    number,
    summary,
    source,
    isInterrupt: isInterrupt(kind),
    traceback: cutMiddle(found.traceback),
    values: within(found.values, consent.budget),
    row: found.row
  };
}

/** What goes to the model of it: English, as it is meant for models. */
export function failureText(
  { number, cell, source, traceback, values, row }: CellFailure,
  { language, hasValues }: { language: string; hasValues: boolean }
): string {
  return [
    `The changes were applied, and the cells run. Cell ${number} (id ${JSON.stringify(cell)}) failed:`,
    fenced(source, language),
    traceback && `The traceback:\n\n${fenced(traceback)}`,
    hasValues && row !== null ? `The row at which it failed:\n\n${fenced(row)}` : '',
    hasValues && values.length > 0 ? `What the names stood for:\n\n${fenced(values.join('\n'))}` : ''
  ]
    .filter(Boolean)
    .join('\n\n')
    .concat('\n');
}

export function failureFile(path: string, text: string): File {
  return new File([text], `${nameOf(path)}.error.md`, { type: 'text/markdown' });
}

/** A kernel that has got other work meanwhile answers after that: who stops does not wait for it. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      reject(new Error('Nobody waits any more.'));
    };
    signal.addEventListener('abort', leave, { once: true });
    work.then(resolve, reject);
    if (signal.aborted) {
      leave();
    }
  });
}

function cutMiddle(text: string): string {
  return text.length <= LONG_TRACE
    ? text
    : `${text.slice(0, LONG_TRACE / 3)}\n…\n${text.slice(-(2 * LONG_TRACE) / 3)}`;
}

/** As many of the lines as fit into so many bytes. */
function within(lines: readonly string[], budget: number): string[] {
  const encoder = new TextEncoder();
  let size = 0;
  return lines.filter(line => {
    size += encoder.encode(line).length + 1;
    return size <= budget;
  });
}
