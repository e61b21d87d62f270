import { describe, expect, test } from 'vitest';

import type { Ceiling, Ceilings, UsageGroup, UsageReport } from '../../src/api/schema';
import { brief, money } from '../../src/model/money';
import { Spending } from '../../src/model/spending';
import { UsageModel } from '../../src/model/usage';

const NOTHING = {
  answers: 0,
  input_tokens: 0,
  cached_tokens: 0,
  output_tokens: 0,
  reasoning_tokens: 0,
  cost_usd: 0,
  unpriced_answers: 0,
  cost_nanos: 0,
  guessed_answers: 0,
  guessed_input_tokens: 0,
  guessed_output_tokens: 0
};

function day(key: string, cost_usd: number): UsageGroup {
  return { ...NOTHING, key, cost_usd, input_tokens: 10, output_tokens: 1, answers: 1 };
}

function model(days: UsageGroup[], asked: object[] = []): UsageModel {
  const report: UsageReport = {
    since: null,
    until: null,
    zone: 'UTC',
    total: NOTHING,
    groups: { day: days }
  };
  const client = {
    usageReport: (query: object) => {
      asked.push(query);
      return Promise.resolve(report);
    },
    usageTableUrl: () => ''
  };
  return new UsageModel(client, () => new Date(2026, 2, 30, 9), 'UTC');
}

describe('the chart', () => {
  test('has a bar for every day, also for those on which nothing was used and the clocks changed', async () => {
    const usage = model([day('2026-03-29', 2), day('2026-03-30', 1)]);
    usage.choose('week');
    await usage.load();
    expect(usage.bars.map(bar => [bar.key, bar.cost])).toEqual([
      ['2026-03-24', 0],
      ['2026-03-25', 0],
      ['2026-03-26', 0],
      ['2026-03-27', 0],
      ['2026-03-28', 0],
      ['2026-03-29', 2],
      ['2026-03-30', 1]
    ]);
  });

  test('has a bar for every month where days would be too thin', async () => {
    const usage = model([day('2025-12-30', 0.5), day('2026-01-02', 1), day('2026-01-31', 2)]);
    usage.choose('year');
    await usage.load();
    const used = usage.bars.filter(bar => bar.requests > 0);
    expect(used).toEqual([
      { key: '2025-12', cost: 0.5, tokens: 11, requests: 1 },
      { key: '2026-01', cost: 3, tokens: 22, requests: 2 }
    ]);
    expect(usage.bars).toHaveLength(13);
  });

  test('of all time begins with the first day', async () => {
    const usage = model([day('2026-03-28', 1)]);
    usage.choose('all');
    await usage.load();
    expect(usage.bars.map(bar => bar.key)).toEqual(['2026-03-28', '2026-03-29', '2026-03-30']);
  });
});

test('a period begins at midnight where the person is', async () => {
  const asked: object[] = [];
  const usage = model([], asked);
  usage.choose('today');
  await usage.load();
  expect(asked.at(-1)).toMatchObject({ since: new Date(2026, 2, 30).toISOString() });
});

describe('a ceiling', () => {
  const ceiling: Ceiling = {
    period: 'day',
    ceiling_usd: 5,
    spent_usd: 4,
    share: 0.8,
    began_at: '2026-03-30T00:00:00Z',
    resets_at: '2026-03-31T00:00:00Z',
    seen: false
  };

  async function spending(items: Ceiling[], seen?: () => Promise<Ceilings>): Promise<Spending> {
    const answer: Ceilings = { items, usd_per_day: null, usd_per_month: null, locked: false };
    const told = { ...answer, items: items.map(one => ({ ...one, seen: one.share >= 0.8 })) };
    const made = new Spending({
      ceilings: () => Promise.resolve(answer),
      setCeilings: () => Promise.resolve(answer),
      sawCeilings: seen ?? (() => Promise.resolve(told))
    });
    await made.load();
    return made;
  }

  test('that is nearly reached is said until it is waved away here or elsewhere', async () => {
    const first = await spending([ceiling]);
    expect(first.near?.period).toBe('day');
    const waved = first.dismiss();
    expect(first.near).toBeNull();
    await waved;
    expect(first.near).toBeNull();
    expect((await spending([{ ...ceiling, seen: true }])).near).toBeNull();
  });

  test('is said no more in this page also where the server cannot be told', async () => {
    const lost = await spending([ceiling], () => Promise.reject(new Error('offline')));
    await lost.dismiss();
    expect(lost.near).toBeNull();
  });

  test('that is far says nothing', async () => {
    expect((await spending([{ ...ceiling, share: 0.79 }])).near).toBeNull();
  });
});

test('money is read in cents, and below a cent in what can be seen of it', () => {
  expect([12.3456, 0.00123, 0].map(value => money(value, 'en'))).toEqual(['$12.35', '$0.0012', '$0.00']);
  expect([0.0000078, 0.00123, 0].map(value => brief(value, 'en'))).toEqual(['< $0.0001', '$0.0012', '$0.00']);
});
