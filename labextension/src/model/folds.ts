import { Observable } from './observable';
import type { Storage } from './storage';

const KEY = 'llmhub:folds';
const MOST = 300;

/** What a person folded or unfolded, by name. It stays as they left it, also after a reload; what is oldest is forgotten. */
export class Folds extends Observable {
  private readonly known: Map<string, boolean>;

  constructor(private readonly storage: Storage) {
    super();
    this.known = parse(storage.getItem(KEY));
  }

  /** Whether it is open; undefined: they never said. */
  get(name: string): boolean | undefined {
    return this.known.get(name);
  }

  set(name: string, isOpen: boolean): void {
    this.known.delete(name);
    this.known.set(name, isOpen);
    for (const oldest of this.known.keys()) {
      if (this.known.size <= MOST) {
        break;
      }
      this.known.delete(oldest);
    }
    try {
      this.storage.setItem(KEY, JSON.stringify([...this.known]));
    } catch {
      // Without storage it stays as long as the page.
    }
    this.changed();
  }
}

function parse(stored: string | null): Map<string, boolean> {
  try {
    return new Map(JSON.parse(stored ?? '[]') as [string, boolean][]);
  } catch {
    return new Map();
  }
}
