import type { Storage } from './drafts';

const KEY = 'llmhub:heights';
const KEPT = 4000;

interface Measured {
  readonly width: number;
  readonly height: number;
}

/** How high messages were when they were last drawn, and at which width. Remembered over conversations and reloads. */
export class Heights {
  private readonly measured = new Map<string, Measured>();

  constructor(private readonly storage: Storage | null) {
    try {
      const kept: unknown = JSON.parse(storage?.getItem(KEY) ?? '[]');
      for (const [id, width, height] of kept as [string, number, number][]) {
        this.measured.set(id, { width, height });
      }
    } catch {
      // They will be measured again.
    }
  }

  get(id: string): Measured | undefined {
    return this.measured.get(id);
  }

  set(id: string, width: number, height: number): void {
    this.measured.delete(id);
    this.measured.set(id, { width, height });
  }

  /** Keep them for the next load of the page. */
  save(): void {
    const last = [...this.measured].slice(-KEPT);
    try {
      this.storage?.setItem(
        KEY,
        JSON.stringify(
          last.map(([id, { width, height }]) => [id, Math.round(width), Math.round(height * 10) / 10])
        )
      );
    } catch {
      // A full storage costs an estimate.
    }
  }
}
