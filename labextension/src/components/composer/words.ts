import type { TranslationBundle } from '@jupyterlab/translation';

import type { Problem } from '../../model/attachments';
import type { Standing } from '../../model/queue';
import { bytes } from '../format';

/** Why a file cannot be attached. */
export function problemWords(name: string, problem: Problem, trans: TranslationBundle): string {
  switch (problem.kind) {
    case 'binary':
      return problem.type === 'application/pdf'
        ? trans.__(
            '%1 is a PDF; only text and images can be attached so far. Paste what matters from it.',
            name
          )
        : trans.__('%1 is neither text nor a PNG, JPEG, GIF or WebP image.', name);
    case 'too-large':
      return trans.__(
        '%1 has %2; at most %3 can be attached.',
        name,
        bytes(problem.size),
        bytes(problem.limit)
      );
    case 'empty':
      return trans.__('%1 is empty.', name);
    case 'switched-off':
      return trans.__('Attachments are switched off on this server.');
    case 'folder':
      return trans.__('%1 is a folder. Attach the files in it instead.', name);
    case 'refused':
      return trans.__('%1 could not be attached: %2', name, problem.message);
  }
}

/** Why what waits does not go by itself; null where it will. */
export function standingWords(standing: Standing, trans: TranslationBundle): string | null {
  switch (standing) {
    case 'stopped':
      return trans.__('The answer was stopped, so this waits for you.');
    case 'failed':
      return trans.__('Something went wrong, so this waits for you.');
    case 'elsewhere':
      return trans.__('This waits for an answer on another branch.');
    case 'stale':
      return trans.__('This was written a while ago and has not been sent.');
    case 'wait':
    case 'go':
      return null;
  }
}

/** Tokens that are only estimated. */
export function aboutTokens(count: number, trans: TranslationBundle): string {
  return trans._n('~%2 token', '~%2 tokens', count, count.toLocaleString());
}
