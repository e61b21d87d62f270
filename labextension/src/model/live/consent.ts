import type { Storage } from '../storage';

/** What a person said about live data of a project: the folder of its notebook. */
export interface Consent {
  /** Live data goes along without being shown before. */
  readonly isTrusted: boolean;
  /** What a variable may have to say. Bytes. */
  readonly budget: number;
  /** Columns that do not leave the machine, in whatever table they are. */
  readonly without: readonly string[];
}

/** Enough for thirty columns and a few rows. */
const USUAL: Consent = { isTrusted: false, budget: 4000, without: [] };
export const LEAST = 500;
export const MOST = 100_000;

const key = (project: string): string => `llmhub:live:${project}`;

/** Nothing that is kept, or nothing of ours: the usual. */
export function consentFor(project: string, storage: Storage): Consent {
  try {
    const kept = JSON.parse(storage.getItem(key(project)) ?? '{}') as Partial<Record<keyof Consent, unknown>>;
    const { isTrusted, budget, without } = kept;
    return {
      isTrusted: isTrusted === true,
      budget: typeof budget === 'number' ? within(budget) : USUAL.budget,
      without: Array.isArray(without) ? without.filter(one => typeof one === 'string') : []
    };
  } catch {
    return USUAL;
  }
}

export function remember(project: string, consent: Consent, storage: Storage): void {
  storage.setItem(key(project), JSON.stringify(consent));
}

export function within(budget: number): number {
  return Number.isFinite(budget) ? Math.min(MOST, Math.max(LEAST, Math.round(budget))) : USUAL.budget;
}
