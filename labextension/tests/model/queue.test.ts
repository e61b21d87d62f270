import { beforeEach, describe, expect, it } from 'vitest';

import { ApiError } from '../../src/api/errors';
import { Hub } from '../../src/model/hub';
import { textOf } from '../../src/model/node';
import { Queue } from '../../src/model/queue';
import type { Session } from '../../src/model/session';
import { page } from '../support/services';
import { FakeServer } from '../support/server';
import { answering, asked, model, said } from '../support/values';

const models = () => Promise.resolve({ items: [model('lab/echo'), model('lab/other')], next: null });

beforeEach(() => {
  window.localStorage.clear();
});

/** Until everything that was promised has happened. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 30; turn++) {
    await Promise.resolve();
  }
}

/** A session in which a first answer is being written. */
async function answeringPage(): Promise<{ hub: Hub; session: Session; server: FakeServer }> {
  const here = await page({ models });
  here.session.start();
  await settled();
  write(here.session, 'first');
  await settled();
  expect(here.session.chat.running?.message.run_id).toBe('r1');
  return here;
}

function write(session: Session, text: string): void {
  session.hub.drafts.set(session.writing.key, { text });
  session.writing.send();
}

const asks = (session: Session): string[] =>
  session.chat.tree.path
    .map(id => session.chat.node(id)!.message)
    .filter(message => message.role === 'user')
    .map(message => textOf(message.parts));
const waiting = (session: Session): string[] => session.outbox.waiting.map(item => item.text);
const end = (run: string, message: string, status = 'complete') =>
  answering(['x'], { run, message }).map(event =>
    event.type === 'run.finished' ? { ...event, status: status as 'complete' } : event
  );

describe('what is sent while an answer is being written', () => {
  it('waits, and is sent in order when answers end', async () => {
    const { session, server } = await answeringPage();
    write(session, 'second');
    write(session, 'third');
    expect(waiting(session)).toEqual(['second', 'third']);
    server.say(...end('r1', 'a1'));
    await settled();
    expect(asks(session)).toEqual(['first', 'second']);
    expect(waiting(session)).toEqual(['third']);
    server.say(...end('r2', 'a2'));
    await settled();
    expect(asks(session)).toEqual(['first', 'second', 'third']);
    expect(waiting(session)).toEqual([]);
    expect(server.runs.size).toBe(3);
  });

  it.each(['stopped', 'failed'])('waits for the person when the answer has %s', async status => {
    const { session, server } = await answeringPage();
    write(session, 'second');
    server.say(...end('r1', 'a1', status));
    await settled();
    expect(waiting(session)).toEqual(['second']);
    expect(session.outbox.standing).toBe(status);
    session.outbox.sendNow(session.outbox.waiting[0]!.id);
    await settled();
    expect(asks(session)).toEqual(['first', 'second']);
  });

  it('can be sent now: the answer stops first, and keeps its place', async () => {
    const { session, server } = await answeringPage();
    write(session, 'second');
    write(session, 'third');
    session.outbox.sendNow(session.outbox.waiting[1]!.id);
    await settled();
    expect(server.stopped).toEqual(['r1']);
    expect(asks(session)).toEqual(['first']);
    server.say(...end('r1', 'a1', 'stopped'));
    await settled();
    expect(asks(session)).toEqual(['first', 'third']);
    expect(waiting(session)).toEqual(['second']);
  });

  it('belongs to the branch on which it was written', async () => {
    const { session, server } = await answeringPage();
    write(session, 'second');
    server.add(asked('u0', 'another branch'), said('a0', 'done', { parent_id: 'u0' }));
    await session.chat.switchTo('u0');
    await settled();
    expect(session.chat.running).toBeNull();
    expect(session.outbox.standing).toBe('elsewhere');
    expect(asks(session)).toEqual(['another branch']);
  });

  it('is not lost when the server refuses it: it goes back into the composer', async () => {
    const { hub, session, server } = await answeringPage();
    write(session, 'second');
    server.refusal = new ApiError(413, 'too_large', 'Too large.');
    server.say(...end('r1', 'a1'));
    await settled();
    expect(waiting(session)).toEqual([]);
    expect(hub.drafts.get('c1').text).toBe('second');
  });

  it('waits beside what is typed when the server refuses it', async () => {
    const { hub, session, server } = await answeringPage();
    write(session, 'second');
    hub.drafts.set('c1', { text: 'typing' });
    server.refusal = new ApiError(413, 'too_large', 'Too large.');
    server.say(...end('r1', 'a1'));
    await settled();
    expect(hub.drafts.get('c1').text).toBe('typing');
    expect(waiting(session)).toEqual(['second']);
    expect(session.outbox.standing).toBe('failed');
  });

  it('is sent by the page also when the person has gone on to another conversation', async () => {
    const { hub, session, server } = await answeringPage();
    write(session, 'second');
    session.newChat();
    server.messagesById.set('a1', said('a1', 'x', { parent_id: 'u1', run_id: 'r1' }));
    (hub as unknown as { take: (notice: object) => void }).take({
      what: 'run.finished',
      conversation_id: 'c1'
    });
    await settled();
    expect([...server.runs.keys()]).toHaveLength(2);
    expect(hub.queue.waiting('c1')).toEqual([]);
    expect(session.chat.tree.path).toEqual([]);
  });
});

describe('the queue of a page that was closed', () => {
  it('is there again, and is sent when the answer ends', async () => {
    const before = await answeringPage();
    write(before.session, 'second');
    before.session.dispose();

    const after = await page({ models }, before.server);
    after.session.start();
    await after.session.open('c1');
    await settled();
    expect(waiting(after.session)).toEqual(['second']);
    after.server.say(...end('r1', 'a1'));
    await settled();
    expect(asks(after.session)).toEqual(['first', 'second']);
  });

  it('sends nothing twice that had reached the server before the page was closed', async () => {
    const { session, server, hub } = await answeringPage();
    const id = [...server.runs.keys()][0]!;
    server.say(...end('r1', 'a1'));
    await settled();
    // As a page leaves it that was killed between the server's answer and its own storage.
    hub.queue.add('c1', { id, text: 'first', files: [], models: [], params: null, after: null });
    await settled();
    expect(server.runs.size).toBe(1);
    expect(asks(session)).toEqual(['first']);
    expect(waiting(session)).toEqual([]);
  });

  it('does not send of itself what was written long ago', () => {
    let now = 0;
    const queue = new Queue(window.localStorage, () => now);
    queue.add('c1', { id: 'q1', text: 'old', files: [], models: [], params: null, after: null });
    const item = queue.waiting('c1')[0]!;
    expect(queue.isFresh(item)).toBe(true);
    now += 11 * 60_000;
    expect(queue.isFresh(item)).toBe(false);
  });
});

it('two tabs of one browser: one of them sends, the other one sees it go', () => {
  const one = new Queue(window.localStorage);
  const two = new Queue(window.localStorage);
  one.add('c1', { id: 'q1', text: 'x', files: [], models: [], params: null, after: null });
  two.hear('llmhub:queue:c1');
  expect(two.waiting('c1')).toHaveLength(1);
  expect(one.claim('q1')).toBe(true);
  two.hear('llmhub:queue:c1');
  expect(two.claim('q1')).toBe(false);
  expect(two.waiting('c1')).toEqual([]);
  one.remove('q1');
  two.hear('llmhub:queue:c1');
  expect(two.waiting('c1')).toEqual([]);
});

it('several models answer one question, as branches', async () => {
  const { session, server, hub } = await page({ models });
  session.start();
  await settled();
  hub.drafts.set(null, { text: 'compare', params: { system: 'Be brief.' } });
  session.writing.send(['lab/echo', 'lab/other']);
  await settled();
  expect(server.bodies.map(body => [body.model, body.parent_id, body.head ?? true])).toEqual([
    ['lab/echo', null, true],
    ['lab/other', 'u1', false]
  ]);
  expect(session.chat.node('a1')?.message.sibling_ids).toEqual(['a1', 'a2']);
  expect(server.drafts).toContainEqual(expect.objectContaining({ params: { system: 'Be brief.' } }));
  await session.chat.stop();
  expect(server.stopped).toEqual(['r1', 'r2']);
});

it('a tab that looks on takes over what is written in another, but not over what is typed in itself', async () => {
  const { hub } = await page({ models });
  hub.drafts.set('c1', { text: 'here' });
  window.localStorage.setItem('llmhub:draft:c1', JSON.stringify({ text: 'elsewhere', files: [] }));
  hub.hear('llmhub:draft:c1', true);
  expect(hub.drafts.get('c1').text).toBe('here');
  hub.hear('llmhub:draft:c1', false);
  expect(hub.drafts.get('c1').text).toBe('elsewhere');
});

it('what is sent while the conversation is still being made waits in it, however early', async () => {
  for (let turns = 0; turns < 12; turns++) {
    window.localStorage.clear();
    const { session, server } = await page({ models });
    session.start();
    await settled();
    write(session, 'first');
    for (let turn = 0; turn < turns; turn++) {
      await Promise.resolve();
    }
    write(session, 'second');
    await settled();
    write(session, 'third');
    expect(waiting(session), `after ${turns} turns`).toEqual(['second', 'third']);
    server.say(...end('r1', 'a1'));
    await settled();
    expect(asks(session)).toEqual(['first', 'second']);
  }
});
