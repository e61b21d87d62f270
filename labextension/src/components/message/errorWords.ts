import type { TranslationBundle } from '@jupyterlab/translation';

import type { ErrorInfo } from '../../api/schema';

export interface ErrorWords {
  /** What happened, to whom. Empty where only the server knows. */
  readonly title: string;
  /** What to do. */
  readonly hint: string;
}

/**
 * The words for an error by its code, in the language of the page. The server's own words, which are English and know more, stand
 * below them. `who` is the provider as a person knows it.
 */
export function errorWords(error: ErrorInfo, who: string | null, trans: TranslationBundle): ErrorWords {
  const provider = who ?? trans.__('The provider');
  switch (error.code) {
    case 'key_rejected':
      return {
        title: trans.__('%1 does not accept the key', provider),
        hint: trans.__('Enter another key, or choose another model.')
      };
    case 'key_missing':
      return {
        title: trans.__('%1 needs a key', provider),
        hint: trans.__('Enter the key, or choose another model.')
      };
    case 'model_not_found':
      return {
        title: trans.__('%1 does not have this model', provider),
        hint: trans.__('Choose another model.')
      };
    case 'context_too_long':
      return {
        title: trans.__('The conversation is too long for this model'),
        hint: trans.__(
          'Summarise the older messages (/compact), ask in a new chat, shorten the question, or choose a model that takes more.'
        )
      };
    case 'content_refused':
      return {
        title: trans.__('%1 refused to answer this', provider),
        hint: trans.__('Say it in other words, or choose another model.')
      };
    case 'request_rejected':
      return {
        title: trans.__('%1 did not accept the request', provider),
        hint: trans.__('Change the question, or choose another model.')
      };
    case 'bad_answer':
      return {
        title: trans.__('%1 answered something that cannot be read', provider),
        hint: trans.__('Try again. If it stays so, check the address of the provider.')
      };
    case 'rate_limited':
      return error.details['reason'] === 'no_credit'
        ? {
            title: trans.__('The account at %1 has no credit left', provider),
            hint: trans.__('Add credit there, or choose another model.')
          }
        : {
            title: trans.__('%1 allows no more requests for now', provider),
            hint: trans.__('Wait a little, or choose another model.')
          };
    case 'unavailable':
      if (error.details['reason'] === 'resting') {
        return {
          title: trans.__('%1 failed again and again and is left alone for a while', provider),
          hint: trans.__('Choose another model meanwhile. To try at once, test the provider.')
        };
      }
      return {
        title: error.details['status']
          ? trans.__('%1 has a problem of its own', provider)
          : trans.__('%1 cannot be reached', provider),
        hint: error.details['status']
          ? trans.__('Try again in a moment, or choose another model.')
          : trans.__('Does it run, and is its address right?')
      };
    case 'timed_out':
      return {
        title: trans.__('%1 took too long', provider),
        hint: trans.__('Try again, or choose another model.')
      };
    case 'interrupted':
      return {
        title: trans.__('The connection broke'),
        hint: trans.__('What had arrived is kept. Continue goes on from there.')
      };
    case 'offline':
      return {
        title: trans.__('The Jupyter server cannot be reached'),
        hint: trans.__('Is it still running?')
      };
    case 'store_full':
      return {
        title: trans.__('The disk is full'),
        hint: trans.__('Make room, then try again. Nothing that was stored is lost.')
      };
    case 'store_read_only':
      return {
        title: trans.__('Conversations cannot be written'),
        hint: trans.__('Check who may write into the data directory.')
      };
    case 'store_locked':
      return {
        title: trans.__('The conversations are in use by another program'),
        hint: trans.__('Try again in a moment.')
      };
    case 'conflict':
      return { title: trans.__('This cannot be done now'), hint: error.hint };
    case 'not_found':
      return { title: trans.__('It is no longer there'), hint: error.hint };
    case 'too_large':
      return { title: trans.__('This is too large'), hint: error.hint };
    case 'quota_exceeded':
      return {
        title: trans.__('The ceiling of your spending is reached'),
        hint: trans.__('Raise it on the page of usage and costs, or choose a model that costs nothing.')
      };
    case 'access_denied':
      return { title: trans.__('This is not allowed'), hint: error.hint };
    default:
      return { title: '', hint: error.hint };
  }
}
