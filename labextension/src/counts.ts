/** Numbers in translated texts that depend on how many there are. */

/**
 * `trans._n(singular, plural, counted(n))` shows n with its thousands apart: 12,345. The plural is still chosen by its value.
 * (`_n` puts its number into the text as it is, whatever else it is given.)
 */
export function counted(n: number): number {
  return new Count(n) as unknown as number;
}

class Count extends Number {
  override toString(): string {
    return this.valueOf().toLocaleString();
  }
}
