import type { ErrorInfo } from '../api/schema';
import { errorInfo } from '../api/errors';

interface Failure {
  readonly error: ErrorInfo;
  readonly retry: (() => void) | null;
}

/** Why a conversation cannot be shown, or why something was not done in it. It stays until it is read, or over. */
export class Trouble {
  failure: Failure | null = null;

  /** The failure is that the conversation could not be fetched: it is over when that succeeds. Others stay until they are read. */
  private isOfShowing = false;
  private isMute = false;

  constructor(private readonly changed: () => void) {}

  raise(thrown: unknown, retry: (() => void) | null = null): void {
    this.set(thrown, retry, false);
  }

  /** The conversation could not be fetched. */
  cannotShow(thrown: unknown, retry: (() => void) | null): void {
    this.set(thrown, retry, true);
  }

  /** The conversation was fetched. */
  canShow(): void {
    if (this.isOfShowing) {
      this.failure = null;
    }
  }

  /** Something else is begun. */
  clear(): void {
    this.failure = null;
  }

  /** Nobody looks any more. */
  mute(): void {
    this.isMute = true;
  }

  private set(thrown: unknown, retry: (() => void) | null, isOfShowing: boolean): void {
    if (!this.isMute) {
      this.failure = { error: errorInfo(thrown), retry };
      this.isOfShowing = isOfShowing;
      this.changed();
    }
  }
}
