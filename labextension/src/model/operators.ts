/** What can stand in a search field beside words, and what may complete the one that is being typed. */

export const OPERATORS = ['role', 'model', 'in', 'tag', 'has', 'is', 'before', 'after'] as const;
export type Operator = (typeof OPERATORS)[number];

/** Values that are known of an operator, by its name. */
export type Known = Partial<Record<Operator, readonly string[]>>;

export const FIXED: Known = {
  role: ['user', 'assistant', 'system', 'tool'],
  has: ['image', 'code', 'file', 'tool'],
  is: ['pinned', 'archived', 'starred', 'unread'],
  before: ['today', 'yesterday', '7d', '1m', '1y'],
  after: ['today', 'yesterday', '7d', '1m', '1y']
};

export interface Suggestion {
  /** What it would make of the text. */
  readonly text: string;
  /** What is shown: `role:user`. */
  readonly label: string;
}

const MOST = 6;

/** What may be meant by the last word of a text; none for what is no operator. */
export function suggestions(text: string, known: Known): readonly Suggestion[] {
  const word = /(?:^|\s)(-?)([a-z]+)(?::("(?:\\["\\]|[^"])*|\S*))?$/i.exec(text);
  if (!word) {
    return [];
  }
  const [, minus = '', name = '', value] = word;
  const written = `${minus}${name}${value === undefined ? '' : `:${value}`}`;
  const before = text.slice(0, text.length - written.length);
  const operator = name.toLowerCase();
  const made = (label: string, end: string): Suggestion => ({ text: `${before}${label}${end}`, label });
  if (value === undefined) {
    return name.length < 2
      ? []
      : OPERATORS.filter(one => one.startsWith(operator)).map(one => made(`${minus}${one}:`, ''));
  }
  const begun = (value.startsWith('"') ? value.slice(1).replace(/\\(["\\])/g, '$1') : value).toLowerCase();
  return (known[operator as Operator] ?? [])
    .filter(one => one.toLowerCase().includes(begun) && one.toLowerCase() !== begun)
    .slice(0, MOST)
    .map(one => made(`${minus}${operator}:${quoted(one)}`, ' '));
}

/** A value as it can stand behind an operator: `in:"the \"best\" ones"`. */
function quoted(value: string): string {
  return /[\s"]/.test(value) ? `"${value.replace(/["\\]/g, '\\$&')}"` : value;
}
