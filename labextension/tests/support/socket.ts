import type { SocketLike } from '../../src/api/stream';

/** The server's end of a WebSocket, and a network that can fail. */
export class FakeNetwork {
  sockets: FakeSocket[] = [];
  isDown = false;

  readonly openSocket = (): FakeSocket => {
    const socket = new FakeSocket();
    this.sockets.push(socket);
    return socket;
  };

  get socket(): FakeSocket {
    const last = this.sockets.at(-1);
    if (!last) {
      throw new Error('Nobody connected.');
    }
    return last;
  }
}

export class FakeSocket implements SocketLike {
  onopen: SocketLike['onopen'] = null;
  onmessage: SocketLike['onmessage'] = null;
  onclose: SocketLike['onclose'] = null;
  onerror: SocketLike['onerror'] = null;
  sent: Record<string, unknown>[] = [];
  isClosed = false;

  send(data: string): void {
    this.sent.push(JSON.parse(data) as Record<string, unknown>);
  }

  close(): void {
    this.isClosed = true;
  }

  // ---- what the network does

  accept(): void {
    this.onopen?.call(this as never, new Event('open'));
  }

  deliver(frame: object): void {
    this.onmessage?.call(this as never, new MessageEvent('message', { data: JSON.stringify(frame) }));
  }

  fail(): void {
    this.onclose?.call(this as never, new Event('close') as CloseEvent);
  }
}

/** Time that passes when it is told to. */
export class FakeClock {
  now = 0;
  private timers: { at: number; run: () => void }[] = [];

  readonly later = (run: () => void, ms: number): (() => void) => {
    const timer = { at: this.now + ms, run };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter(other => other !== timer);
    };
  };

  pass(ms: number): void {
    const end = this.now + ms;
    for (;;) {
      const next = this.timers.filter(timer => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) {
        break;
      }
      this.timers = this.timers.filter(timer => timer !== next);
      this.now = Math.max(this.now, next.at);
      next.run();
    }
    this.now = end;
  }

  /** The machine sleeps: the clock goes on, no timer runs. */
  sleep(ms: number): void {
    this.now += ms;
  }
}
