import type { Storage } from './storage';

/** The browser's storage, but what belongs to temporary conversations stays in this page's memory. */
export class Ephemeral implements Storage {
  private readonly memory = new Map<string, string>();
  /** What keys of temporary conversations end with. */
  private readonly ids = new Set<string>();

  constructor(private readonly storage: Storage) {}

  /** From now on nothing of this conversation (or of the chat under this name) is written into the browser. */
  keepOut(id: string): void {
    this.ids.add(id);
  }

  getItem(key: string): string | null {
    return this.isTemporary(key) ? (this.memory.get(key) ?? null) : this.storage.getItem(key);
  }

  setItem(key: string, value: string): void {
    if (this.isTemporary(key)) {
      this.memory.set(key, value);
    } else {
      this.storage.setItem(key, value);
    }
  }

  removeItem(key: string): void {
    this.memory.delete(key);
    this.storage.removeItem(key);
  }

  private isTemporary(key: string): boolean {
    return [...this.ids].some(id => key.endsWith(id));
  }
}
