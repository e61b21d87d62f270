import type { TranslationBundle } from '@jupyterlab/translation';

import type { Message } from '../../api/schema';

/** A length of time for a reader: "40 ms", "0.45 s", "12 s", "2 min 5 s". */
export function duration(ms: number, trans: TranslationBundle): string {
  const seconds = ms / 1000;
  if (ms < 100) {
    return trans.__('%1 ms', Math.max(1, Math.round(ms)));
  }
  if (seconds < 9.95) {
    return trans.__('%1 s', number(seconds, seconds < 1 ? 2 : 1));
  }
  const whole = Math.round(seconds);
  return whole < 60 ? trans.__('%1 s', whole) : trans.__('%1 min %2 s', Math.floor(whole / 60), whole % 60);
}

/** Whole seconds, at least one: "12 s", "2 min 5 s". */
export function roundDuration(ms: number, trans: TranslationBundle): string {
  const whole = Math.max(1, Math.round(ms / 1000));
  return whole < 60 ? trans.__('%1 s', whole) : trans.__('%1 min %2 s', Math.floor(whole / 60), whole % 60);
}

/** US dollars, with as many digits as there is something to see: "$1.20", "$0.0034". */
export function dollars(cost: number): string {
  const digits = cost === 0 || cost >= 0.1 ? 2 : Math.min(6, 1 - Math.floor(Math.log10(cost)));
  return new Intl.NumberFormat(undefined, {
    style: 'currency',
    currency: 'USD',
    minimumFractionDigits: 2,
    maximumFractionDigits: digits
  }).format(cost);
}

export function number(value: number, digits = 0): string {
  return value.toLocaleString(undefined, { maximumFractionDigits: digits });
}

/** Tokens a second, from the first one on; null where the provider did not say enough. */
export function speed({ usage }: Message): number | null {
  const { output_tokens: tokens, duration_ms: whole, first_token_ms: first } = usage ?? {};
  const writing = whole == null ? 0 : whole - (first ?? 0);
  return tokens && writing > 0 ? tokens / (writing / 1000) : null;
}

/** How long an answer took, how long it is and what it cost: "12 s · 340 tokens · $0.0034". What is not known is left out. */
export function figuresOf({ usage }: Message, trans: TranslationBundle): string {
  const { duration_ms: ms, output_tokens: count, cost_usd: cost } = usage ?? {};
  return [
    ms == null ? '' : duration(ms, trans),
    count == null ? '' : trans._n('%2 token', '%2 tokens', count, number(count)),
    cost == null ? '' : dollars(cost)
  ]
    .filter(Boolean)
    .join(' · ');
}
