import type { Client } from '../api/client';
import { errorInfo } from '../api/errors';
import type { CompletionRequest, ErrorInfo } from '../api/schema';
import { Observable } from './observable';

/** After something went wrong nobody is asked for so long, unless a person wants it. Milliseconds. */
const PAUSE = 30_000;

/** So much of the code goes along at most, and so much of the cells around: the server shows a model no more. Characters. */
const MOST_BEFORE = 8000;
const MOST_AFTER = 2000;
const LONGEST_NAME = 200;

interface Known {
  readonly before: string;
  readonly after: string;
  readonly text: string;
}

/** Code completed as it is typed. What goes wrong is kept here for whoever shows it; nobody is interrupted for it. */
export class Completions extends Observable {
  /** Why nothing was completed last; null: all is well. */
  trouble: ErrorInfo | null = null;
  private quietUntil = 0;
  /** What was completed last, as long as it was heard to its end. */
  private known: Known | null = null;

  constructor(
    private readonly client: Pick<Client, 'complete'>,
    private readonly now = (): number => Date.now()
  ) {
    super();
  }

  /** The text that belongs where the cursor stands, as far as it has come, each time there is more. Never throws. */
  async *suggest(
    code: CompletionRequest,
    { signal, isAsked }: { readonly signal: AbortSignal; readonly isAsked: boolean }
  ): AsyncGenerator<string> {
    const typedAlong = this.left(code);
    if (typedAlong && !isAsked) {
      yield typedAlong;
      return;
    }
    if (!isAsked && this.now() < this.quietUntil) {
      return;
    }
    let text = '';
    try {
      for await (const piece of this.client.complete(near(code), signal)) {
        text += piece;
        yield text;
      }
      this.known = { before: code.before, after: code.after ?? '', text };
      this.say(null);
    } catch (thrown) {
      if (!signal.aborted) {
        this.quietUntil = this.now() + PAUSE;
        this.say(errorInfo(thrown));
      }
    }
  }

  /** What is left of the last completion where somebody has typed its beginning; "" where it does not fit. */
  private left({ before, after = '' }: CompletionRequest): string {
    const known = this.known;
    if (after !== known?.after || !before.startsWith(known.before)) {
      return '';
    }
    const typed = before.slice(known.before.length);
    return known.text.startsWith(typed) ? known.text.slice(typed.length) : '';
  }

  /** Nobody wants completions any more: nothing is wrong with them. */
  dismiss(): void {
    this.say(null);
  }

  private say(trouble: ErrorInfo | null): void {
    if (trouble?.message !== this.trouble?.message) {
      this.trouble = trouble;
      this.changed();
    }
  }
}

/** What is near the cursor: a whole file may be large, and is typed in all the time. */
function near(code: CompletionRequest): CompletionRequest {
  const { before, after = '', above = [], below = [], variables = [] } = code;
  return {
    ...code,
    // No half of a character of two units is left over.
    before: before.slice(-MOST_BEFORE).replace(/^[\uDC00-\uDFFF]/, ''),
    after: after.slice(0, MOST_AFTER).replace(/[\uD800-\uDBFF]$/, ''),
    above: within(MOST_BEFORE, [...above].reverse()).reverse(),
    below: within(MOST_AFTER, below),
    variables: variables.filter(name => name.length <= LONGEST_NAME)
  };
}

/** As many of the cells, from the first on, as there is room for. */
function within(room: number, cells: readonly string[]): string[] {
  let size = 0;
  const end = cells.findIndex(cell => (size += cell.length) > room);
  return cells.slice(0, end < 0 ? cells.length : end);
}
