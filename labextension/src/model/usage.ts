import type { Client } from '../api/client';
import { errorInfo } from '../api/errors';
import type { ErrorInfo, UsageGroup, UsageReport } from '../api/schema';
import type { UsageQuery } from '../api/types';
import { Observable } from './observable';

export const PERIODS = ['today', 'week', 'month', 'quarter', 'year', 'all'] as const;
/** Today; the last 7, 30, 90 and 365 days; everything. */
export type Period = (typeof PERIODS)[number];

const DAYS = { today: 1, week: 7, month: 30, quarter: 90, year: 365 } as const;
/** More bars than this are too thin to be told apart: then a bar is a month. */
const MOST_BARS = 92;

/** One bar of the chart: a day (2026-11-21) or a month (2026-11). */
export interface Bar {
  readonly key: string;
  readonly cost: number;
  readonly tokens: number;
  readonly requests: number;
}

/** What was used in a period, and what it cost. */
export class UsageModel extends Observable {
  period: Period = 'month';
  report: UsageReport | null = null;
  error: ErrorInfo | null = null;
  isLoading = false;
  private asked = 0;

  constructor(
    private readonly client: Pick<Client, 'usageReport' | 'usageTableUrl'>,
    private readonly now: () => Date = () => new Date(),
    readonly zone: string = Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC'
  ) {
    super();
  }

  choose(period: Period): void {
    this.period = period;
    void this.load();
  }

  async load(): Promise<void> {
    const turn = ++this.asked;
    this.isLoading = true;
    this.changed();
    try {
      const by = 'day,model,conversation,source,provider';
      const report = await this.client.usageReport({ ...this.query, zone: this.zone, by });
      if (turn === this.asked) {
        this.report = report;
        this.error = null;
      }
    } catch (thrown) {
      if (turn === this.asked) {
        this.error = errorInfo(thrown);
      }
    }
    if (turn === this.asked) {
      this.isLoading = false;
      this.changed();
    }
  }

  /** Where every single request can be downloaded. */
  get tableUrl(): string {
    return this.client.usageTableUrl(this.query);
  }

  groups(by: string): readonly UsageGroup[] {
    return this.report?.groups[by] ?? [];
  }

  /** What each day was used, days without anything included; months, where there would be too many. */
  get bars(): readonly Bar[] {
    const days = this.groups('day');
    const first = this.firstDay ?? days[0]?.key;
    if (!first) {
      return [];
    }
    const known = new Map(days.map(day => [day.key ?? '', day]));
    const all: Bar[] = [];
    const today = dayOf(this.now());
    for (let day = first; day <= today; day = nextDay(day)) {
      const used = known.get(day);
      all.push({
        key: day,
        cost: used?.cost_usd ?? 0,
        tokens: used ? used.input_tokens + used.output_tokens : 0,
        requests: used?.answers ?? 0
      });
    }
    return all.length > MOST_BARS ? months(all) : all;
  }

  private get query(): UsageQuery {
    const first = this.firstDay;
    return first === null ? {} : { since: new Date(`${first}T00:00:00`).toISOString() };
  }

  private get firstDay(): string | null {
    if (this.period === 'all') {
      return null;
    }
    const day = this.now();
    day.setDate(day.getDate() - DAYS[this.period] + 1);
    return dayOf(day);
  }
}

function months(days: readonly Bar[]): Bar[] {
  const found = new Map<string, Bar>();
  for (const { key: day, cost, tokens, requests } of days) {
    const key = day.slice(0, 7);
    const { cost: c = 0, tokens: t = 0, requests: r = 0 } = found.get(key) ?? {};
    found.set(key, { key, cost: c + cost, tokens: t + tokens, requests: r + requests });
  }
  return [...found.values()];
}

function dayOf(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

function nextDay(day: string): string {
  const noon = new Date(`${day}T12:00:00`);
  noon.setDate(noon.getDate() + 1);
  return dayOf(noon);
}
