import { Observable } from './observable';

/** Keys of what a person has written begin with it. */
export const DRAFTS = 'llmhub:draft:';
export const QUEUES = 'llmhub:queue:';

/** What this needs of `localStorage`. */
export interface Storage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/**
 * The browser's storage, which may be full or forbidden: then what is written lives as long as the page, and `isFailing` says so.
 */
export class SafeStorage extends Observable implements Storage {
  /** A draft was not written: a reload would lose it. */
  isFailing = false;
  isDismissed = false;
  /** What could not be written, or null for what could not be taken away. */
  private readonly memory = new Map<string, string | null>();

  /** `browser` is asked for each time: to name `localStorage` throws where it is forbidden. */
  constructor(private readonly browser: () => Storage) {
    super();
  }

  getItem(key: string): string | null {
    const kept = this.memory.get(key);
    if (kept !== undefined) {
      return kept;
    }
    try {
      return this.browser().getItem(key);
    } catch {
      return null;
    }
  }

  setItem(key: string, value: string): void {
    try {
      this.browser().setItem(key, value);
      this.memory.delete(key);
    } catch {
      this.memory.set(key, value);
    }
    this.judge();
  }

  removeItem(key: string): void {
    try {
      this.browser().removeItem(key);
      this.memory.delete(key);
    } catch {
      this.memory.set(key, null);
    }
    this.judge();
  }

  dismiss(): void {
    this.isDismissed = true;
    this.changed();
  }

  private judge(): void {
    const isFailing = [...this.memory].some(
      ([key, value]) => value !== null && (key.startsWith(DRAFTS) || key.startsWith(QUEUES))
    );
    if (isFailing !== this.isFailing) {
      this.isFailing = isFailing;
      this.changed();
    }
  }
}
