/** US dollars as a person reads them: cents, and of less than a cent what can be seen of it. */
export function money(dollars: number, locale?: string): string {
  const digits = dollars > 0 && dollars < 0.01 ? { maximumSignificantDigits: 2 } : {};
  const format = { style: 'currency', currency: 'USD', currencyDisplay: 'narrowSymbol', ...digits } as const;
  return new Intl.NumberFormat(locale, format).format(dollars);
}

/** The same for a narrow column: how little it is does not count below a hundredth of a cent. */
export function brief(dollars: number, locale?: string): string {
  const least = 0.0001;
  return dollars > 0 && dollars < least ? `< ${money(least, locale)}` : money(dollars, locale);
}
