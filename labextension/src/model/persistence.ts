import { ApiError } from '../api/errors';

const WAITS_MS = [500, 1000, 2000, 4000, 8000];

/** Somebody stopped waiting for the server. */
export class GivenUp extends Error {}

/** Asks the server again and again while nobody answers. What is asked has to be safe to ask twice. */
export class Persistence {
  private wakeUp: (() => void) | null = null;
  private isOver = false;

  constructor(private readonly later: (f: () => void, ms: number) => void) {}

  get hasGivenUp(): boolean {
    return this.isOver;
  }

  /** Give up: a wait ends at once, a request that is under way does not. */
  giveUp(): void {
    this.isOver = true;
    this.wakeUp?.();
  }

  /** The server may be back: try at once. */
  hurry(): void {
    this.wakeUp?.();
  }

  /** The answer of `attempt`; throws what the server refuses it with, or `GivenUp`. */
  async until<T>(attempt: () => Promise<T>, onWait: (why: ApiError) => void): Promise<T> {
    for (let tries = 0; ; tries++) {
      try {
        return await attempt();
      } catch (thrown) {
        if (!(thrown instanceof ApiError && (thrown.isOffline || thrown.isLoggedOut))) {
          throw thrown;
        }
        onWait(thrown);
        await this.pause(WAITS_MS[Math.min(tries, WAITS_MS.length - 1)] ?? 8000);
        if (this.isOver) {
          throw new GivenUp();
        }
      }
    }
  }

  private pause(ms: number): Promise<void> {
    return new Promise(resolve => {
      if (this.isOver) {
        resolve();
      } else {
        this.wakeUp = resolve;
        this.later(resolve, ms);
      }
    });
  }
}
