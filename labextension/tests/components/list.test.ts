import { nullTranslator } from '@jupyterlab/translation';
import { expect, it } from 'vitest';

import { byDay } from '../../src/components/conversations/days';
import { match } from '../../src/components/conversations/match';
import { conversation } from '../support/values';

const trans = nullTranslator.load('llmhub');

function headings(now: Date, ...dates: Date[]): string[] {
  const items = dates.map((date, at) => conversation(`c${at}`, { updated_at: date.toISOString() }));
  return byDay(items, now, trans, 'used', 'en').flatMap(line =>
    line.kind === 'heading' ? [line.label] : []
  );
}

it('days begin at midnight here, however few hours ago that was', () => {
  const now = new Date(2026, 2, 14, 0, 5);
  expect(headings(now, new Date(2026, 2, 14, 0, 1), new Date(2026, 2, 13, 23, 59))).toEqual([
    'Today',
    'Yesterday'
  ]);
});

it('what is of the future, because a clock was set, is of today', () => {
  const now = new Date(2026, 2, 14, 12);
  expect(headings(now, new Date(2027, 0, 1), new Date(2026, 2, 14, 11))).toEqual(['Today']);
});

it('a group has one heading, and months of other years say which', () => {
  const now = new Date(2026, 2, 14, 12);
  const ago = (days: number): Date => new Date(2026, 2, 14 - days, 12);
  expect(headings(now, ago(2), ago(7), ago(8), ago(30), ago(31), new Date(2025, 1, 1))).toEqual([
    'Previous 7 days',
    'Previous 30 days',
    'February',
    'February 2025'
  ]);
});

it.each([
  ['Alpha particles', 'A P', 'a p'],
  ['Straße nach Süden', 'STRASSE', 'Straße'],
  ['ﬁne', 'fi', 'ﬁ'],
  ['🙂 smile', 'SM', 'sm'],
  ['nothing', 'else', null],
  ['anything', '  ', null]
])('in “%s” “%s” is found', (title, query, found) => {
  const at = match(title, query);
  expect(at && title.slice(at.from, at.to)).toBe(found);
});
