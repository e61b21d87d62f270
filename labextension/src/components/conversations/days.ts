import type { TranslationBundle } from '@jupyterlab/translation';

import type { Conversation } from '../../api/schema';

/** A line of the list: a day's (or a month's) heading, or a conversation. */
export type Line =
  | { readonly kind: 'heading'; readonly key: string; readonly label: string }
  | { readonly kind: 'item'; readonly key: string; readonly conversation: Conversation };

/** The list with a heading above each group, by the days of this browser's time zone. `items` come newest first. */
export function byDay(
  items: readonly Conversation[],
  now: Date,
  trans: TranslationBundle,
  sort: 'used' | 'created' | 'title' = 'used',
  locale?: string
): Line[] {
  const lines: Line[] = [];
  let last = '';
  /** The first time of the last day that has a heading, and the time of its first line, as the server writes times. */
  let from = '';
  let to = '';
  for (const conversation of items) {
    const { pinned, updated_at, created_at } = conversation;
    const time = sort === 'created' ? created_at : updated_at;
    let day = pinned ? 'pinned' : sort === 'title' ? 'title' : last;
    if (!pinned && sort !== 'title' && (last === 'pinned' || time < from || time > to || !from)) {
      // Of thousands few begin another day.
      day = dayOf(new Date(time), now);
      from = firstOf(day, now).toISOString();
      to = time;
    }
    if (day !== last) {
      last = day;
      lines.push({ kind: 'heading', key: `day-${day}`, label: label(day, now, trans, locale) });
    }
    lines.push({ kind: 'item', key: conversation.id, conversation });
  }
  return lines;
}

/** 'today', 'yesterday', '7', '30', or a month as '2026-11'. What is in the future (a clock was set) is of today. */
function dayOf(date: Date, now: Date): string {
  const ago = daysBetween(date, now);
  if (ago <= 0) {
    return 'today';
  }
  if (ago === 1) {
    return 'yesterday';
  }
  return ago <= 7 ? '7' : ago <= 30 ? '30' : `${date.getFullYear()}-${date.getMonth() + 1}`;
}

/** When such a day begins here. */
function firstOf(day: string, now: Date): Date {
  const ago = { today: 0, yesterday: 1, '7': 7, '30': 30 }[day];
  const [year = 0, month = 1] = day.split('-').map(Number);
  return ago === undefined
    ? new Date(year, month - 1, 1)
    : new Date(now.getFullYear(), now.getMonth(), now.getDate() - ago);
}

/** Midnights between two moments; days on which clocks change have 23 or 25 hours. */
function daysBetween(date: Date, now: Date): number {
  const day = (of: Date): number => Date.UTC(of.getFullYear(), of.getMonth(), of.getDate()) / 86_400_000;
  return day(now) - day(date);
}

function label(day: string, now: Date, trans: TranslationBundle, locale?: string): string {
  switch (day) {
    case 'pinned':
      return trans.__('Pinned');
    case 'title':
      return trans.__('By title');
    case 'today':
      return trans.__('Today');
    case 'yesterday':
      return trans.__('Yesterday');
    case '7':
      return trans.__('Previous 7 days');
    case '30':
      return trans.__('Previous 30 days');
    default: {
      const [year = 0, month = 1] = day.split('-').map(Number);
      const withYear = year === now.getFullYear() ? undefined : 'numeric';
      return new Date(year, month - 1, 1).toLocaleDateString(locale, { month: 'long', year: withYear });
    }
  }
}
