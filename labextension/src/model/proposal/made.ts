import type { Storage } from '../storage';
import type { Unit } from './units';

const KEY = 'llmhub:made';
/** Proposals. */
const MOST = 100;

/** Which pieces of proposals were made, as far as it was seen, so that what is edited then is not told from what never fitted. It outlives a reload. */
export class Made {
  private readonly known: Map<string, ReadonlySet<string>>;

  constructor(private readonly storage: Storage) {
    this.known = parse(storage.getItem(KEY));
  }

  /** The keys of those of a proposal, by its name. */
  of(name: string): ReadonlySet<string> {
    return this.known.get(name) ?? new Set();
  }

  /** How the pieces of a proposal stand now: what can be made again was taken back. */
  see(name: string, units: readonly Unit[]): void {
    const before = this.of(name);
    const made = new Set(before);
    for (const { key, state } of units) {
      if (state === 'done') {
        made.add(key);
      } else if (state === 'open') {
        made.delete(key);
      }
    }
    if ([...made].join('\n') === [...before].join('\n')) {
      return;
    }
    this.known.delete(name);
    if (made.size > 0) {
      this.known.set(name, made);
    }
    for (const oldest of [...this.known.keys()].slice(0, -MOST)) {
      this.known.delete(oldest);
    }
    this.storage.setItem(KEY, JSON.stringify([...this.known].map(([name, keys]) => [name, [...keys]])));
  }
}

function parse(stored: string | null): Map<string, ReadonlySet<string>> {
  try {
    const pairs = JSON.parse(stored ?? '[]') as [string, string[]][];
    return new Map(pairs.map(([name, keys]) => [name, new Set(keys)]));
  } catch {
    return new Map();
  }
}
