/** US dollars as a person reads them: cents, and of less than a cent what can be seen of it. */
export function money(dollars: number, locale?: string): string {
  const digits = dollars > 0 && dollars < 0.01 ? { maximumSignificantDigits: 2 } : {};
  const format = { style: 'currency', currency: 'USD', currencyDisplay: 'narrowSymbol', ...digits } as const;
  return new Intl.NumberFormat(locale, format).format(dollars);
}
