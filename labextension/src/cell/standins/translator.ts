/** In a cell's output, in place of JupyterLab's translator: the texts as they are written, which is in English. */
import type { TranslationBundle } from '@jupyterlab/translation';

type Values = readonly (string | number)[];

const filled = (text: string, values: Values): string =>
  text.replace(/%(\d)/g, (all, digit: string) => String(values[Number(digit) - 1] ?? all));
const one = (text: string, ...values: Values): string => filled(text, values);
const many = (text: string, texts: string, count: number, ...values: Values): string =>
  filled(count.valueOf() === 1 ? text : texts, [count, ...values]);

export const english = {
  __: one,
  gettext: one,
  _n: many,
  ngettext: many,
  _p: (_context: string, text: string, ...values: Values) => filled(text, values),
  pgettext: (_context: string, text: string, ...values: Values) => filled(text, values),
  _np: (_context: string, text: string, texts: string, count: number, ...values: Values) =>
    many(text, texts, count, ...values),
  npgettext: (_context: string, text: string, texts: string, count: number, ...values: Values) =>
    many(text, texts, count, ...values)
} as unknown as TranslationBundle;
