import type { TranslationBundle } from '@jupyterlab/translation';

import type { Trouble } from '../../model/live/attach';

/** Why a variable cannot be attached, and what to do. */
export function troubleWords(name: string, trouble: Trouble, trans: TranslationBundle): string {
  switch (trouble.kind) {
    case 'no-kernel':
      return trans.__('No kernel is running: open a notebook and run it, then attach “%1”.', name);
    case 'busy':
      return trans.__('The kernel is working: attach “%1” when it is idle.', name);
    case 'gone':
      return trans.__('The kernel has no variable “%1”, or says nothing about it.', name);
    case 'silent':
      return trans.__(
        'A kernel for %1 says nothing about “%2”: show it in a cell, and attach the output.',
        trouble.language,
        name
      );
    case 'failed':
      return trans.__('The kernel could not look at “%1”: %2', name, trouble.message);
  }
}
