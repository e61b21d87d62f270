import { beforeEach, describe, expect, it, vi } from 'vitest';

import { ApiError } from '../../src/api/errors';
import { ChatModel } from '../../src/model/chat';
import { textOf } from '../../src/model/node';
import { FakeServer } from '../support/server';
import { answering, asked, conversation, said } from '../support/values';

let server: FakeServer;
let frames: (() => void)[];

beforeEach(() => {
  server = new FakeServer();
  frames = [];
});

function open(existing = true, onConversation?: () => void): ChatModel {
  let count = 0;
  return new ChatModel(
    {
      client: server,
      stream: server.stream,
      schedule: flush => frames.push(flush),
      newId: () => `id${++count}`,
      later: f => {
        queueMicrotask(f);
      },
      onConversation
    },
    existing ? conversation('c1') : null
  );
}

const texts = (chat: ChatModel): string[] =>
  chat.tree.path.map(id => textOf(chat.node(id)?.message.parts ?? []));
const statuses = (chat: ChatModel): (string | undefined)[] =>
  chat.tree.path.map(id => chat.node(id)?.message.status);
const ask = (text: string) => ({ parts: [{ type: 'text' as const, text }], model: 'lab/echo' });

describe('sending', () => {
  it('shows the message at once, before the server has answered', () => {
    const chat = open(false);
    void chat.send(ask('hello'));
    expect(texts(chat)).toEqual(['hello', '']);
    expect(statuses(chat)).toEqual(['complete', 'running']);
    expect(chat.running?.wait?.code).toBe('connecting');
  });

  it('makes the conversation of a new chat and follows the answer', async () => {
    const chat = open(false);
    await chat.send(ask('hello'));
    expect(chat.id).toBe('c1');
    server.say(...answering(['he', 'llo'], { message: 'a1' }));
    expect(texts(chat)).toEqual(['hello', 'hello']);
    expect(statuses(chat)).toEqual(['complete', 'complete']);
    expect(server.isWatched('r1')).toBe(false);
  });

  it('says which conversation it shows as soon as there is one, so that a reload finds it', async () => {
    const told: (string | null)[] = [];
    const chat = open(false, () => told.push(chat.id));
    await chat.send(ask('hello'));
    expect(told).toEqual(['c1']);
  });

  it('draws the first words of an answer at once, and what follows once per frame, however many events come', async () => {
    const chat = open();
    await chat.send(ask('hello'));
    const drawn = vi.fn();
    chat.subscribeNode('a1', drawn);
    frames.splice(0).forEach(flush => {
      flush();
    });
    drawn.mockClear();
    const events = answering(['a', 'b', 'c', 'd'], { message: 'a1' });
    server.say(...events.slice(0, 3));
    expect(drawn).toHaveBeenCalledTimes(1);
    expect(texts(chat)).toEqual(['hello', 'a']);
    server.say(...events.slice(3));
    expect(drawn).toHaveBeenCalledTimes(1);
    expect(frames).toHaveLength(1);
    frames[0]?.();
    expect(drawn).toHaveBeenCalledTimes(2);
  });

  it('asks again with the same id when the answer of the server gets lost, and starts one run', async () => {
    const chat = open();
    server.losesAnswer = true;
    expect(await chat.send(ask('hello'))).toBe(true);
    expect(server.runs.size).toBe(1);
    expect(server.calls.filter(call => call === 'run')).toHaveLength(2);
    expect(chat.tree.path).toEqual(['u1', 'a1']);
  });

  it('takes the message back and says why when the server refuses it', async () => {
    server.add(asked('m1', 'before'), said('m2', 'answer', { parent_id: 'm1' }));
    const chat = open();
    await chat.load();
    server.refusal = new ApiError(422, 'invalid', 'Too much.');
    expect(await chat.send(ask('hello'))).toBe(false);
    expect(texts(chat)).toEqual(['before', 'answer']);
    expect(chat.failure?.error.message).toBe('Too much.');
    await chat.sync(); // because something changed elsewhere
    expect(chat.failure?.error.message).toBe('Too much.');
  });

  it('stops trying when somebody presses stop while the server is away', async () => {
    const chat = open();
    server.isDown = true;
    const sending = chat.send(ask('hello'));
    await chat.stop();
    expect(await sending).toBe(false);
    expect(texts(chat)).toEqual([]);
  });

  it('stops the run when stop was pressed before the server had answered', async () => {
    const chat = open();
    const sending = chat.send(ask('hello'));
    await chat.stop();
    await sending;
    expect(server.stopped).toEqual(['r1']);
  });
});

describe('branches', () => {
  beforeEach(() => {
    server.add(asked('m1', 'question'), said('m2', 'answer', { parent_id: 'm1' }));
  });

  it('keeps what was there when a message is said in other words', async () => {
    const chat = open();
    await chat.load();
    await chat.edit('m1', ask('other question'));
    expect(texts(chat)).toEqual(['other question', '']);
    expect(chat.node('u1')?.message.sibling_ids).toEqual(['m1', 'u1']);
    await chat.switchTo('m1');
    expect(texts(chat)).toEqual(['question', 'answer']);
  });

  it('answers again beside the first answer', async () => {
    const chat = open();
    await chat.load();
    await chat.regenerate('m2', 'lab/echo');
    expect(chat.tree.path).toEqual(['m1', 'a1']);
    expect(chat.node('a1')?.message.sibling_ids).toEqual(['m2', 'a1']);
  });

  it('shows another branch while one is being answered, and comes back to all that was said meanwhile', async () => {
    const chat = open();
    await chat.load();
    await chat.regenerate('m2', null);
    const events = answering(['one ', 'two ', 'three'], { message: 'a1' });
    server.say(...events.slice(0, 3));
    await chat.switchTo('m2');
    expect(texts(chat)).toEqual(['question', 'answer']);
    expect(server.isWatched('r1')).toBe(false);
    server.say(...events.slice(3, 4));
    await chat.switchTo('a1');
    server.say(...events.slice(4));
    expect(texts(chat)).toEqual(['question', 'one two three']);
    expect(statuses(chat)).toEqual(['complete', 'complete']);
  });

  it('does not let a look from before a switch undo the switch', async () => {
    const chat = open();
    await chat.load();
    await chat.regenerate('m2', null);
    const look = chat.sync();
    await chat.switchTo('m2');
    await look;
    expect(chat.tree.path).toEqual(['m1', 'm2']);
  });
});

describe('an answer that goes on elsewhere', () => {
  it('is rebuilt from its events after a reload, without a gap or a repeat', async () => {
    server.add(asked('m1', 'q'), said('m2', 'one two', { parent_id: 'm1', status: 'running', run_id: 'r1' }));
    const events = answering(['one ', 'two ', 'three']);
    server.say(...events.slice(0, 4));
    const chat = open();
    await chat.load();
    expect(texts(chat)).toEqual(['q', 'one two ']);
    server.say(...events.slice(4));
    expect(texts(chat)).toEqual(['q', 'one two three']);
    expect(chat.running).toBeNull();
  });

  it('never shows less than the server gave with the message while the replay catches up', async () => {
    server.add(
      asked('m1', 'q'),
      said('m2', 'one two ', { parent_id: 'm1', status: 'running', run_id: 'r1' })
    );
    const chat = open();
    await chat.load();
    const events = answering(['one ', 'two ', 'three']);
    const shown: string[] = [];
    for (const event of events) {
      server.say(event);
      shown.push(texts(chat)[1] ?? '');
    }
    expect(shown).toEqual(['one two ', 'one two ', 'one two ', 'one two ', 'one two three', 'one two three']);
  });

  it('asks again behind the last event it has when one is missing', async () => {
    const chat = open();
    await chat.send(ask('hello'));
    const events = answering(['a', 'b', 'c'], { message: 'a1' });
    server.say(...events.slice(0, 3));
    // Events 4 to 6 are in the server's log; the fourth was lost on the way.
    server.events.set('r1', events.slice(0, 5));
    server.say(events[5]!);
    expect(texts(chat)).toEqual(['hello', 'abc']);
  });

  it('appears when another page sent it', async () => {
    server.add(asked('m1', 'q'), said('m2', 'answer', { parent_id: 'm1' }));
    const chat = open();
    await chat.load();
    server.add(asked('m3', 'from elsewhere', { parent_id: 'm2' }));
    await chat.sync();
    expect(texts(chat)).toEqual(['q', 'answer', 'from elsewhere']);
  });

  it('is as the server says when a restarted server remembers less than was seen', async () => {
    const chat = open();
    await chat.send(ask('hello'));
    server.say(...answering(['one ', 'two '], { message: 'a1' }).slice(0, 4));
    const lost = server.messagesById.get('a1')!;
    server.add({ ...lost, status: 'interrupted', parts: [{ type: 'text', text: 'one ' }] });
    await chat.sync();
    expect(texts(chat)).toEqual(['hello', 'one ']);
    expect(statuses(chat)).toEqual(['complete', 'interrupted']);
  });
});

describe('continuing', () => {
  it('appends to the same message', async () => {
    server.add(asked('m1', 'q'), said('m2', 'one ', { parent_id: 'm1', status: 'stopped', run_id: 'r0' }));
    const chat = open();
    await chat.load();
    await chat.continueAnswer('m2', null);
    expect(statuses(chat)).toEqual(['complete', 'running']);
    server.say(...answering(['two'], { part: 1 }));
    expect(texts(chat)).toEqual(['q', 'one two']);
    expect(statuses(chat)).toEqual(['complete', 'complete']);
  });

  it('leaves the message as it was when the server refuses', async () => {
    server.add(asked('m1', 'q'), said('m2', 'one ', { parent_id: 'm1', status: 'stopped', run_id: 'r0' }));
    const chat = open();
    await chat.load();
    server.refusal = new ApiError(409, 'conflict', 'It runs already.');
    await chat.continueAnswer('m2', null);
    expect(statuses(chat)).toEqual(['complete', 'stopped']);
    expect(chat.failure?.error.code).toBe('conflict');
  });
});

describe('a long conversation', () => {
  const all = Array.from({ length: 450 }, (_, at) =>
    said(`m${at}`, `${at}`, { parent_id: at ? `m${at - 1}` : null })
  );
  const isHere = (chat: ChatModel): number[] =>
    all.flatMap((message, at) => (chat.node(message.id) ? [at] : []));

  it('is known from top to end, and its end can be read', async () => {
    server.add(...all);
    const chat = open();
    await chat.load();
    await vi.waitFor(() => {
      expect(chat.tree.path).toHaveLength(450);
    });
    expect(isHere(chat)).toEqual(range(350, 450));
    expect(chat.tree.roleOf('m0')).toBe('assistant');
  });

  it('loads what somebody looks at, wherever that is, and a little more', async () => {
    server.add(...all);
    const chat = open();
    await chat.load();
    await vi.waitFor(() => {
      expect(chat.tree.isWhole).toBe(true);
    });
    chat.look(0, 10);
    await vi.waitFor(() => {
      expect(isHere(chat)).toEqual([...range(0, 50), ...range(350, 450)]);
    });
    chat.look(345, 355);
    await vi.waitFor(() => {
      expect(isHere(chat)).toEqual([...range(0, 50), ...range(250, 450)]);
    });
  });

  it('asks for nothing twice, and not for what was only passed by', async () => {
    server.add(...all);
    const chat = open();
    await chat.load();
    await vi.waitFor(() => {
      expect(chat.tree.isWhole).toBe(true);
    });
    const before = server.calls.length;
    chat.look(300, 310);
    chat.look(200, 210);
    chat.look(0, 10);
    chat.look(0, 10);
    await vi.waitFor(() => {
      expect(chat.node('m0')).toBeDefined();
    });
    expect(server.calls.slice(before)).toEqual(['messages', 'messages']);
  });
});

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, at) => from + at);
}
