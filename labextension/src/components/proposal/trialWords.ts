import type { TranslationBundle } from '@jupyterlab/translation';

import { counted } from '../../counts';
import type { Sequel, Trial } from '../../model/proposal/trial';

/** What is done just now. */
export function stageWords({ stage, results, total }: Trial, trans: TranslationBundle): string {
  switch (stage) {
    case 'idle':
      return '';
    case 'waiting':
      return trans.__('The kernel starts or runs something else: the cells are run after that…');
    case 'running':
      return trans.__('Running %1 of %2…', counted(Math.min(total, results.length)), counted(total));
    case 'looking':
      return trans.__('Looking at what went wrong…');
    case 'sending':
      return trans.__('Sending the error…');
    case 'answering':
      return trans.__('The error was sent; waiting for a mend…');
  }
}

/** How running ended. */
export function endingWords({ ending, failure, results }: Trial, trans: TranslationBundle): string {
  const count = results.filter(({ state }) => state === 'ok').length;
  switch (ending) {
    case null:
      return '';
    case 'green':
      return trans._n('One cell ran without an error.', '%1 cells ran without an error.', count);
    case 'failed':
      return failure
        ? trans.__('Cell %1 failed: %2.', failure.number, failure.summary || trans.__('an error'))
        : '';
    case 'stopped':
      return trans.__('Stopped.');
    case 'cut':
      return trans.__('The kernel ended or was restarted meanwhile. Nothing more was run.');
    case 'none':
      return trans.__('The notebook has no kernel: choose one, then run.');
    case 'dead':
      return trans.__('The kernel has died: restart it, then run.');
    case 'closed':
      return trans.__('The notebook was closed. Nothing more was run.');
    case 'empty':
      return trans.__('There is nothing left to run: the changed cells are gone.');
  }
}

/** What became of the error. */
export function sequelWords(sequel: Sequel, rounds: number, trans: TranslationBundle): string {
  switch (sequel) {
    case 'asked':
      return trans.__('The error was sent; what the model proposes stands below.');
    case 'written':
      return trans.__('The error stands in the message field, as it could not be sent.');
    case 'away':
      return trans.__('Another conversation was opened: this does not go on by itself.');
    case 'stopped':
      return trans.__('It does not go on.');
    case 'no-answer':
      return trans.__('The error was sent, but the answer did not come to its end.');
    case 'no-changes':
      return trans.__('The answer proposes no changes that can be made.');
    case 'unfit':
      return trans.__('The notebook was edited meanwhile: look at what is proposed below.');
    case 'given-up':
      return trans._n('Given up after one round.', 'Given up after %1 rounds.', rounds);
  }
}
