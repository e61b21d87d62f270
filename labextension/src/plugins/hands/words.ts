import type { TranslationBundle } from '@jupyterlab/translation';

import type { Intent, Subject } from '../../model/asking';

/** What a person asks with one click, as they would say it to a model; nothing for `ask`: the words are theirs. */
export function questionAbout(intent: Intent, subject: Subject, trans: TranslationBundle): string {
  const { place, traceback, language } = subject;
  const isText = place === 'selection' && language === '';
  switch (intent) {
    case 'ask':
      return '';
    case 'explain':
      if (traceback !== null) {
        return trans.__('Why does this fail? Explain the error.');
      }
      return place === 'output'
        ? trans.__('Explain what this output shows.')
        : isText
          ? trans.__('Explain this.')
          : trans.__('Explain what this code does.');
    case 'fix':
      return traceback !== null
        ? trans.__('Why does this fail, and how do I mend it?')
        : isText
          ? trans.__('What is wrong here? Correct it.')
          : trans.__('Look for mistakes in this code, and mend them.');
    case 'improve':
      return place === 'output'
        ? trans.__('How can this output be improved? Show me the changed code.')
        : isText
          ? trans.__('Improve this text. Keep what it says.')
          : trans.__('Improve this code: clearer, quicker, more robust. It must do the same.');
  }
}
