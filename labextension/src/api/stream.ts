import { readError } from './errors';
import type { ErrorInfo, RunEvent } from './schema';

/** `quiet`: nobody has asked for it yet. `lost`: it stood, and is being brought back. */
export type StreamState = 'quiet' | 'connecting' | 'open' | 'lost';

/** Somebody changed something: look at it again. */
export interface Notice {
  what?: string;
  conversation_id?: string;
  run_id?: string;
}

export interface Watcher {
  event(event: RunEvent): void;
  /** The server will not send this run: it is gone, or not ours. */
  refused(error: ErrorInfo): void;
}

export type SocketLike = Pick<WebSocket, 'send' | 'close' | 'onopen' | 'onmessage' | 'onclose' | 'onerror'>;

export interface StreamOptions {
  url: () => string;
  openSocket: (url: string) => SocketLike;
  /** The time of day, which may be set and goes on while the machine sleeps. Milliseconds. */
  now?: () => number;
  /** A clock that nobody sets; it may rest while the machine sleeps. Milliseconds. */
  steady?: () => number;
  later?: (f: () => void, ms: number) => () => void;
}

const BACKOFF = [250, 500, 1000, 2000, 4000, 8000];
const CONNECT_MS = 10_000;
const TICK_MS = 5000;
/** A tick that comes this late means that the machine slept: its sockets may be dead without having noticed. */
const SLEPT_MS = 20_000;
/** A socket that says nothing for this long is asked whether it lives. */
const PING_MS = 15_000;
/** One that does not answer is brought back: nothing is lost by that. */
const SILENT_MS = 30_000;

/**
 * The one WebSocket of this page; all runs that are watched come through it.
 *
 * It comes back by itself and asks again for each watched run behind the last event seen. Numbers that repeat are dropped here;
 * a gap is passed on for the watcher to judge.
 */
export class EventStream {
  private socket: SocketLike | null = null;
  private isOpen = false;
  /** Something may have happened that was not heard. */
  private wasAway = false;
  private attempts = 0;
  private heardAt = 0;
  private tickedAt = 0;
  private cancelRetry: (() => void) | null = null;
  private cancelTick: (() => void) | null = null;
  private readonly runs = new Map<string, { seq: number; watchers: Set<Watcher> }>();
  private readonly stateListeners = new Set<(state: StreamState) => void>();
  private readonly noticeListeners = new Set<(notice: Notice) => void>();
  private readonly returnListeners = new Set<() => void>();
  private readonly refusedListeners = new Set<() => void>();
  private readonly versionListeners = new Set<(version: string) => void>();
  private readonly now: () => number;
  private readonly steady: () => number;
  private readonly later: (f: () => void, ms: number) => () => void;
  private current: StreamState = 'quiet';
  private disposed = false;
  private isPaused = false;

  constructor(private readonly options: StreamOptions) {
    this.now = options.now ?? (() => Date.now());
    this.steady = options.steady ?? options.now ?? (() => performance.now());
    this.later =
      options.later ??
      ((f, ms) => {
        const timer = setTimeout(f, ms);
        return () => {
          clearTimeout(timer);
        };
      });
  }

  get state(): StreamState {
    return this.current;
  }

  onState(listener: (state: StreamState) => void): () => void {
    this.stateListeners.add(listener);
    return () => this.stateListeners.delete(listener);
  }

  onNotice(listener: (notice: Notice) => void): () => void {
    this.noticeListeners.add(listener);
    return () => this.noticeListeners.delete(listener);
  }

  /** The connection is back after it was lost: what was not watched meanwhile may have changed. */
  onReturn(listener: () => void): () => void {
    this.returnListeners.add(listener);
    return () => this.returnListeners.delete(listener);
  }

  /** A connection could not be had: nobody answers, or the server does not want us. */
  onRefused(listener: () => void): () => void {
    this.refusedListeners.add(listener);
    return () => this.refusedListeners.delete(listener);
  }

  /** The server says its version whenever a connection stands: it may have been upgraded while this page was open. */
  onVersion(listener: (version: string) => void): () => void {
    this.versionListeners.add(listener);
    return () => this.versionListeners.delete(listener);
  }

  /** Connect, if that has not happened yet. */
  start(): void {
    if (this.current === 'quiet' && !this.disposed) {
      this.setState('connecting');
      this.tickedAt = this.now();
      this.tick();
      this.connect();
    }
  }

  /** Follow a run behind event number `after`, until the returned function is called. */
  watch(runId: string, after: number, watcher: Watcher): () => void {
    this.start();
    let run = this.runs.get(runId);
    if (!run) {
      run = { seq: after, watchers: new Set() };
      this.runs.set(runId, run);
      this.ask(runId, after);
    } else if (after < run.seq) {
      run.seq = after;
      this.ask(runId, after);
    }
    run.watchers.add(watcher);
    return () => {
      run.watchers.delete(watcher);
      if (run.watchers.size === 0 && this.runs.get(runId) === run) {
        this.runs.delete(runId);
        this.say({ unwatch: runId });
      }
    };
  }

  /** Do not try to connect any more: it would be refused. A connection that stands goes on. */
  pause(): void {
    this.isPaused = true;
    if (!this.isOpen) {
      this.cancelRetry?.();
    }
  }

  resume(): void {
    if (this.isPaused) {
      this.isPaused = false;
      this.attempts = 0;
      if (this.current !== 'quiet' && !this.isOpen) {
        this.connect();
      }
    }
  }

  /** Something suggests that the connection may be dead (the network came back, the page is shown again). */
  poke(): void {
    if (this.current === 'quiet' || this.disposed || this.isPaused) {
      return;
    }
    if (!this.isOpen) {
      this.attempts = 0;
      this.connect();
    } else if (this.steady() - this.heardAt > TICK_MS) {
      this.reconnect();
    }
  }

  dispose(): void {
    this.disposed = true;
    this.cancelRetry?.();
    this.cancelTick?.();
    this.drop();
    this.runs.clear();
  }

  private connect(): void {
    this.cancelRetry?.();
    this.drop();
    let socket: SocketLike;
    try {
      socket = this.options.openSocket(this.options.url());
    } catch {
      this.retry();
      return;
    }
    this.socket = socket;
    this.cancelRetry = this.later(() => {
      this.lost(socket);
    }, CONNECT_MS);
    socket.onopen = () => {
      if (socket === this.socket) {
        this.opened();
      }
    };
    socket.onmessage = message => {
      if (socket === this.socket) {
        this.heard(message.data);
      }
    };
    socket.onclose = () => {
      this.lost(socket);
    };
    socket.onerror = () => {
      this.lost(socket);
    };
  }

  private opened(): void {
    this.cancelRetry?.();
    this.isOpen = true;
    this.attempts = 0;
    this.heardAt = this.steady();
    const returned = this.wasAway;
    this.wasAway = false;
    for (const [runId, run] of this.runs) {
      this.ask(runId, run.seq);
    }
    this.setState('open');
    if (returned) {
      this.returnListeners.forEach(listener => {
        listener();
      });
    }
  }

  private heard(data: unknown): void {
    this.heardAt = this.steady();
    const frame = read(data);
    const runId = typeof frame['run_id'] === 'string' ? frame['run_id'] : undefined;
    const run = runId === undefined ? undefined : this.runs.get(runId);
    if ('hello' in frame) {
      const version = (frame['hello'] as { version?: unknown } | null)?.version;
      if (typeof version === 'string') {
        this.versionListeners.forEach(listener => {
          listener(version);
        });
      }
    } else if ('changed' in frame) {
      this.noticeListeners.forEach(listener => {
        listener(frame['changed'] as Notice);
      });
    } else if (typeof frame['seq'] === 'number') {
      if (run && frame['seq'] > run.seq) {
        run.seq = frame['seq'];
        for (const watcher of [...run.watchers]) {
          watcher.event(frame as unknown as RunEvent);
        }
      }
    } else if ('error' in frame && run && runId !== undefined) {
      const error = readError(frame);
      this.runs.delete(runId);
      if (error) {
        for (const watcher of [...run.watchers]) {
          watcher.refused(error);
        }
      }
    }
  }

  private lost(socket: SocketLike): void {
    if (socket === this.socket) {
      const wasOpen = this.isOpen;
      this.drop();
      this.wasAway = true;
      this.setState('lost');
      this.retry();
      if (!wasOpen) {
        this.refusedListeners.forEach(listener => {
          listener();
        });
      }
    }
  }

  /** The connection may be dead without having noticed. It counts as lost only if no other can be had. */
  private reconnect(): void {
    this.wasAway = true;
    this.connect();
  }

  private retry(): void {
    if (this.disposed || this.isPaused) {
      return;
    }
    const wait = BACKOFF[Math.min(this.attempts++, BACKOFF.length - 1)] ?? 8000;
    this.cancelRetry?.();
    this.cancelRetry = this.later(
      () => {
        this.connect();
      },
      wait * (0.75 + Math.random() / 2)
    );
  }

  private drop(): void {
    const socket = this.socket;
    this.socket = null;
    this.isOpen = false;
    if (socket) {
      socket.onopen = socket.onmessage = socket.onclose = socket.onerror = null;
      socket.close();
    }
  }

  private tick(): void {
    const now = this.now();
    const silence = this.steady() - this.heardAt;
    // A clock that was set looks like sleep, in either direction; to connect once more harms nothing.
    const slept = Math.abs(now - this.tickedAt) > SLEPT_MS;
    this.tickedAt = now;
    if (this.isOpen && (slept || silence > SILENT_MS)) {
      this.reconnect();
    } else if (silence > PING_MS) {
      this.say({ ping: Math.round(this.steady()) });
    }
    this.cancelTick = this.later(() => {
      this.tick();
    }, TICK_MS);
  }

  private ask(runId: string, after: number): void {
    this.say({ watch: runId, after });
  }

  private say(words: object): void {
    if (this.isOpen) {
      this.socket?.send(JSON.stringify(words));
    }
  }

  private setState(state: StreamState): void {
    if (state !== this.current) {
      this.current = state;
      this.stateListeners.forEach(listener => {
        listener(state);
      });
    }
  }
}

/** A frame as an object; an empty one for what is not ours (a proxy may say anything). */
function read(data: unknown): Record<string, unknown> {
  try {
    const frame: unknown = typeof data === 'string' ? JSON.parse(data) : null;
    return typeof frame === 'object' && frame !== null ? (frame as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
