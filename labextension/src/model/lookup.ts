import type { ModelInfo } from '../api/schema';

export interface ModelGroup {
  /** A heading of llmhub.yaml; null: the provider's name is one. */
  readonly group: string | null;
  readonly provider: string;
  readonly models: readonly ModelInfo[];
}

/** The kind of the model that is a script: it answers without a provider, so it does not count as a set-up one. */
export const DEMO = 'demo';

/** A word of signs alone: what is typed on may be found where that was not ("-4" in "GPT 4"). */
const ENDS_IN_SIGNS = /(^|\s)[^\p{L}\p{N}\s]+$/u;

interface Entry {
  readonly model: ModelInfo;
  /** All that it can be found by, in small letters. */
  readonly said: string;
  /** What it is called, letters and digits only: "gpt4o" is how people type "GPT-4o". */
  readonly bare: string;
}

interface Shelf extends ModelGroup {
  readonly entries: readonly Entry[];
}

/** What models are found by, prepared once for all of them: thousands are gone through with every key. */
export class Lookup {
  private readonly byId = new Map<string, ModelInfo>();
  private readonly shelves: readonly Shelf[];
  /** What was asked last: who types on looks only through what was found. */
  private last: { readonly query: string; readonly shelves: readonly Shelf[] };

  constructor(readonly models: readonly ModelInfo[]) {
    const shelves = new Map<string, { group: string | null; provider: string; models: ModelInfo[] }>();
    for (const model of models) {
      this.byId.set(model.id, model);
      const group = model.group ?? null;
      const key = group === null ? `by ${model.provider}` : `in ${group}`;
      const shelf = shelves.get(key) ?? { group, provider: model.provider, models: [] };
      shelves.set(key, shelf);
      shelf.models.push(model);
    }
    this.shelves = [...shelves.values()].map(shelf => {
      // Those that can answer come first.
      const ordered = shelf.models.sort((a, b) => Number(b.available) - Number(a.available));
      return { ...shelf, entries: ordered.map(entryOf) };
    });
    this.shelves = [...this.shelves].sort((a, b) => rank(a) - rank(b));
    this.last = { query: '', shelves: this.shelves };
  }

  get(id: string): ModelInfo | undefined {
    return this.byId.get(id);
  }

  /** Models that have all words of `query` in what is said of them, by group or provider; those that can answer first. */
  find(query: string): readonly ModelGroup[] {
    const wanted = query.trim().toLowerCase();
    if (wanted !== this.last.query) {
      const isLonger = wanted.startsWith(this.last.query) && !ENDS_IN_SIGNS.test(this.last.query);
      const among = isLonger ? this.last.shelves : this.shelves;
      this.last = { query: wanted, shelves: narrowed(among, wanted) };
    }
    return this.last.shelves;
  }
}

function narrowed(shelves: readonly Shelf[], wanted: string): readonly Shelf[] {
  const words = wanted.split(/\s+/).filter(Boolean);
  const bare = words.map(bareOf);
  const found = shelves.flatMap(shelf => {
    const entries = shelf.entries.filter(entry =>
      words.every((word, at) => entry.said.includes(word) || isCalled(entry, bare[at] ?? ''))
    );
    return entries.length > 0 ? [{ ...shelf, entries, models: entries.map(({ model }) => model) }] : [];
  });
  return found.sort((a, b) => rank(a) - rank(b));
}

function isCalled({ bare }: Entry, word: string): boolean {
  return word !== '' && bare.includes(word);
}

function entryOf(model: ModelInfo): Entry {
  const { label, id, provider, group, family, description, alias_of } = model;
  const said = [label, id, provider, group, family, description, alias_of].join(' ').toLowerCase();
  return { model, said, bare: `${bareOf(label.toLowerCase())} ${bareOf(id.toLowerCase())}` };
}

function bareOf(text: string): string {
  return text.replace(/[^\p{L}\p{N}]/gu, '');
}

function rank({ models }: ModelGroup): number {
  // Within a group those that can answer come first.
  return (models[0]?.available ? 0 : 2) + (models.some(({ kind }) => kind === DEMO) ? 1 : 0);
}
