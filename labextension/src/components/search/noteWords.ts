import type { TranslationBundle } from '@jupyterlab/translation';

import type { SearchNote } from '../../api/schema';

/** What the server has to say of a query, in the person's language. */
export function noteWords(
  { code, operator, value, known, message }: SearchNote,
  trans: TranslationBundle
): string {
  switch (code) {
    case 'bad_value':
      return trans.__('“%1:” takes %2, and not “%3”.', operator, known.join(', '), value);
    case 'unknown_operator':
      return trans.__('“%1:” is looked for as a word. Did you mean “%2:”?', operator, known[0] ?? '');
    case 'no_such_folder':
      return trans.__('There is no folder “%1”.', value);
    case 'no_such_tag':
      return trans.__('There is no tag “%1”.', value);
    case 'too_long':
      return trans.__('The query is too long: only its beginning is looked for.');
    case 'nothing':
      return trans.__('There are no letters or digits in this to look for.');
    case 'remade':
      return trans.__('The search index was damaged and is being made anew. Nothing that was said is lost.');
    default:
      return message;
  }
}
