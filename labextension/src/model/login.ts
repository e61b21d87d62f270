import type { Client } from '../api/client';
import type { EventStream } from '../api/stream';
import { laterInPage } from './conversations';
import { Observable } from './observable';

/** How often the server is asked whether somebody has logged in again, when nothing else suggests it. Milliseconds. */
const LOOK_MS = 20_000;

/**
 * Whether this page's person is still logged in. A browser does not say why a socket was refused, so it is asked by an
 * ordinary request. While nobody is logged in the socket rests.
 */
export class Login extends Observable {
  isOut = false;
  private looking: Promise<void> | null = null;
  private cancel: (() => void) | null = null;

  constructor(
    private readonly client: Pick<Client, 'config' | 'onAccess'>,
    private readonly stream: Pick<EventStream, 'onRefused' | 'pause' | 'resume'>,
    private readonly later: typeof laterInPage = laterInPage
  ) {
    super();
    client.onAccess(isIn => {
      this.note(isIn);
    });
    stream.onRefused(() => {
      void this.look();
    });
  }

  /** Ask the server; one question at a time. */
  look(): Promise<void> {
    this.looking ??= this.client
      .config()
      .then(
        () => undefined,
        () => undefined
      )
      .finally(() => {
        this.looking = null;
        this.lookLater();
      });
    return this.looking;
  }

  private note(isIn: boolean): void {
    if (isIn !== this.isOut) {
      return;
    }
    this.isOut = !isIn;
    if (this.isOut) {
      this.stream.pause();
      this.lookLater();
    } else {
      this.cancel?.();
      this.stream.resume();
    }
    this.changed();
  }

  private lookLater(): void {
    this.cancel?.();
    if (this.isOut) {
      this.cancel = this.later(() => {
        void this.look();
      }, LOOK_MS);
    }
  }
}
