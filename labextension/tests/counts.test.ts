import { nullTranslator } from '@jupyterlab/translation';
import { Gettext } from '@jupyterlab/translation/lib/gettext';
import { expect, it } from 'vitest';

import { counted } from '../src/counts';

it('shows how many with the thousands apart, and still finds the plural', () => {
  const trans = nullTranslator.load('llmhub');
  const said = (n: number) => trans._n('%1 message', '%1 messages', counted(n));
  expect([said(1), said(2), said(12345)]).toEqual([
    '1 message',
    '2 messages',
    `${(12345).toLocaleString()} messages`
  ]);
  expect((12345).toLocaleString()).not.toBe('12345');
});

it('goes by the plural of any language', () => {
  const pluralForms = 'nplurals=3; plural=(n==1) ? 0 : (n>=2 && n<=4) ? 1 : 2;';
  const czech = new Gettext({ locale: 'cs', domain: 'x' });
  czech.loadJSON(
    { '': { language: 'cs', pluralForms, domain: 'x' }, message: ['%1 zpráva', '%1 zprávy', '%1 zpráv'] },
    'x'
  );
  const said = (n: number) => czech.ngettext('message', 'messages', counted(n));
  expect([said(1), said(3), said(5)]).toEqual(['1 zpráva', '3 zprávy', '5 zpráv']);
});
