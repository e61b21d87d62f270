import type { Loads } from './sanitizer';

const NONE: Loads = () => false;

/** From which hosts a person wants to see images, per conversation. Remembered for as long as the page lives. */
export class RemoteImages {
  private readonly allowed = new Map<string, Loads>();
  private readonly listeners = new Set<() => void>();
  private count = 0;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  };

  readonly version = (): number => this.count;

  /** Which hosts' images are shown; another function whenever that changes. */
  seenBy(conversation: string): Loads {
    return this.allowed.get(conversation) ?? NONE;
  }

  load(conversation: string, host: string): void {
    const before = this.seenBy(conversation);
    this.allowed.set(conversation, asked => asked === host || before(asked));
    this.count += 1;
    for (const listener of [...this.listeners]) {
      listener();
    }
  }
}
