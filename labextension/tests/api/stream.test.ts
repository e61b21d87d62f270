import { beforeEach, describe, expect, it, vi } from 'vitest';

import type { RunEvent } from '../../src/api/schema';
import { EventStream, type Watcher } from '../../src/api/stream';
import { FakeClock, FakeNetwork } from '../support/socket';
import { answering } from '../support/values';

let network: FakeNetwork;
let clock: FakeClock;
let stream: EventStream;

beforeEach(() => {
  network = new FakeNetwork();
  clock = new FakeClock();
  stream = new EventStream({
    url: () => 'ws://here/stream',
    openSocket: network.openSocket,
    now: () => clock.now,
    later: clock.later
  });
});

class Listener implements Watcher {
  readonly heard: number[] = [];
  readonly refusals: string[] = [];
  event(event: RunEvent): void {
    this.heard.push(event.seq);
  }
  refused(error: { code: string }): void {
    this.refusals.push(error.code);
  }
}

function watch(run = 'r1', after = 0): Listener & { stop: () => void } {
  const listener = new Listener();
  return Object.assign(listener, { stop: stream.watch(run, after, listener) });
}

const events = answering(['a', 'b', 'c']);

it('asks nothing of the server before somebody looks', () => {
  expect(network.sockets).toHaveLength(0);
  stream.start();
  stream.start();
  expect(network.sockets).toHaveLength(1);
});

it('asks for what is watched as soon as the connection stands', () => {
  watch('r1', 7);
  network.socket.accept();
  expect(network.socket.sent).toEqual([{ watch: 'r1', after: 7 }]);
  watch('r2');
  expect(network.socket.sent.at(-1)).toEqual({ watch: 'r2', after: 0 });
});

it('tells the version of the server, also of another one after a reconnection', () => {
  const versions: string[] = [];
  const stop = stream.onVersion(version => versions.push(version));
  stream.start();
  network.socket.accept();
  network.socket.deliver({ hello: { version: '1.0' } });
  network.socket.deliver({ hello: null });
  network.socket.deliver({ hello: { version: '1.1' } });
  stop();
  network.socket.deliver({ hello: { version: '1.2' } });
  expect(versions).toEqual(['1.0', '1.1']);
});

it('gives each event to those who watch its run, once', () => {
  const one = watch('r1');
  const other = watch('r2');
  network.socket.accept();
  [events[0], events[1], events[1], events[0], events[2]].forEach(event => {
    network.socket.deliver(event!);
  });
  expect(one.heard).toEqual([1, 2, 3]);
  expect(other.heard).toEqual([]);
});

it('stops asking for what nobody watches any more', () => {
  const one = watch();
  network.socket.accept();
  one.stop();
  expect(network.socket.sent.at(-1)).toEqual({ unwatch: 'r1' });
  network.socket.deliver(events[0]!);
  expect(one.heard).toEqual([]);
});

describe('when the connection is lost', () => {
  it('comes back by itself and asks behind the last event seen', () => {
    const one = watch();
    network.socket.accept();
    network.socket.deliver(events[0]!);
    network.socket.deliver(events[1]!);
    network.socket.fail();
    expect(stream.state).toBe('lost');
    clock.pass(1000);
    network.socket.accept();
    expect(stream.state).toBe('open');
    expect(network.socket.sent).toEqual([{ watch: 'r1', after: 2 }]);
    network.socket.deliver(events[2]!);
    expect(one.heard).toEqual([1, 2, 3]);
  });

  it('waits longer between attempts, and tells when it is back', () => {
    const back = vi.fn();
    stream.onReturn(back);
    stream.start();
    network.socket.accept();
    expect(back).not.toHaveBeenCalled();
    const waits: number[] = [];
    for (let attempt = 0; attempt < 8; attempt++) {
      network.socket.fail();
      const [since, attempts] = [clock.now, network.sockets.length];
      while (network.sockets.length === attempts) {
        clock.pass(50);
      }
      waits.push(clock.now - since);
    }
    expect(waits[0]).toBeLessThan(500);
    expect(waits[7]).toBeGreaterThan(5000);
    expect(Math.max(...waits)).toBeLessThanOrEqual(10_050);
    network.socket.accept();
    expect(back).toHaveBeenCalledTimes(1);
  });

  it('tries at once when the network says that it is back', () => {
    stream.start();
    network.socket.accept();
    network.socket.fail();
    const attempts = network.sockets.length;
    stream.poke();
    expect(network.sockets.length).toBe(attempts + 1);
  });

  it('hears nothing from a socket that was given up', () => {
    const one = watch();
    const first = network.socket;
    first.accept();
    first.fail();
    clock.pass(1000);
    first.deliver(events[0]!);
    expect(one.heard).toEqual([]);
  });

  it('gives up a connection that never stands', () => {
    stream.start();
    clock.pass(12_000);
    expect(network.sockets.length).toBeGreaterThan(1);
    expect(network.sockets[0]?.isClosed).toBe(true);
  });
});

it('opens a new connection after the machine slept', () => {
  watch();
  network.socket.accept();
  clock.pass(6000);
  const before = network.sockets.length;
  clock.sleep(600_000);
  clock.pass(6000);
  expect(network.sockets.length).toBe(before + 1);
});

it('notices a connection that died without a word', () => {
  watch();
  network.socket.accept();
  clock.pass(4000);
  expect(network.sockets).toHaveLength(1);
  clock.pass(90_000);
  expect(network.sockets.length).toBeGreaterThan(1);
});

it('passes on what changed elsewhere', () => {
  const notice = vi.fn();
  stream.onNotice(notice);
  stream.start();
  network.socket.accept();
  network.socket.deliver({ changed: { what: 'run.started', conversation_id: 'c1', run_id: 'r1' } });
  expect(notice).toHaveBeenCalledWith({ what: 'run.started', conversation_id: 'c1', run_id: 'r1' });
});

it('tells the watcher when the server will not send its run', () => {
  const one = watch();
  network.socket.accept();
  network.socket.deliver({ error: { code: 'not_found', message: 'There is no such run.' }, run_id: 'r1' });
  expect(one.refusals).toEqual(['not_found']);
});

it('goes on after a frame that is not JSON', () => {
  const one = watch();
  network.socket.accept();
  network.socket.onmessage?.call(network.socket as never, new MessageEvent('message', { data: '<html>' }));
  network.socket.deliver(events[0]!);
  expect(one.heard).toEqual([1]);
});

it('asks again from further back when a watcher missed something', () => {
  const one = watch();
  network.socket.accept();
  network.socket.deliver(events[0]!);
  network.socket.deliver(events[2]!);
  const again = watch('r1', 1);
  expect(network.socket.sent.at(-1)).toEqual({ watch: 'r1', after: 1 });
  network.socket.deliver(events[1]!);
  expect(again.heard).toEqual([2]);
  expect(one.heard).toEqual([1, 3, 2]);
});

it('is not called lost while a connection that may be dead is replaced', () => {
  const back = vi.fn();
  stream.onReturn(back);
  watch();
  network.socket.accept();
  clock.pass(10_000);
  stream.poke();
  expect(network.sockets).toHaveLength(2);
  expect(stream.state).toBe('open');
  network.socket.accept();
  expect(back).toHaveBeenCalledTimes(1);
});

it('asks a silent connection whether it lives, and keeps one that answers', () => {
  stream.start();
  network.socket.accept();
  for (let minute = 0; minute < 5; minute++) {
    clock.pass(20_000);
    expect(network.socket.sent.at(-1)).toHaveProperty('ping');
    network.socket.deliver({ pong: network.socket.sent.at(-1)!['ping'] });
  }
  expect(network.sockets).toHaveLength(1);
  clock.pass(90_000);
  expect(network.sockets.length).toBeGreaterThan(1);
});
