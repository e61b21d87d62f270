import { beforeEach, describe, expect, it } from 'vitest';

import { ApiError } from '../../src/api/errors';
import { ChatModel, type Where } from '../../src/model/chat';
import { textOf } from '../../src/model/node';
import { FakeServer } from '../support/server';
import { answering, asked, conversation, message, said } from '../support/values';

let server: FakeServer;
let timers: (() => void)[];
let chat: ChatModel;

beforeEach(async () => {
  server = new FakeServer();
  timers = [];
  server.add(
    asked('m1', 'question'),
    said('m2', 'answer', { parent_id: 'm1', model: 'lab/echo' }),
    asked('m3', 'more', { parent_id: 'm2' }),
    said('m4', 'last', { parent_id: 'm3' })
  );
  chat = new ChatModel(
    {
      client: server,
      stream: server.stream,
      schedule: flush => {
        flush();
      },
      later: work => timers.push(work)
    },
    conversation('c1')
  );
  await chat.load();
});

const texts = (): string[] => chat.tree.path.map(id => textOf(chat.node(id)?.message.parts ?? []));
const text = (words: string) => [{ type: 'text' as const, text: words }];

describe('an edit that is saved', () => {
  it('is a branch beside the question, and asks nobody', async () => {
    expect(await chat.save('m1', text('better question'))).toBe(true);
    expect(texts()).toEqual(['better question']);
    expect(chat.node('s1')?.message.sibling_ids).toEqual(['m1', 's1']);
    expect(server.runs.size).toBe(0);
    await chat.switchTo('m1');
    expect(texts()).toEqual(['question', 'answer', 'more', 'last']);
  });

  it('is a branch beside the answer, and says whose answer it was', async () => {
    await chat.save('m2', text('corrected answer'));
    expect(texts()).toEqual(['question', 'corrected answer']);
    expect(chat.node('s1')?.message).toMatchObject({ role: 'assistant', model: 'lab/echo', parent_id: 'm1' });
  });

  it('changes nothing when the server refuses it, and says why', async () => {
    server.refusal = new ApiError(507, 'store_full', 'The disk is full.');
    expect(await chat.save('m1', text('better question'))).toBe(false);
    expect(texts()).toEqual(['question', 'answer', 'more', 'last']);
    expect(chat.failure?.error.message).toBe('The disk is full.');
  });

  it('of a question can be answered later', async () => {
    await chat.save('m1', text('better question'));
    await chat.answer('s1', 'lab/echo');
    expect(chat.tree.path).toEqual(['s1', 'a2']);
    expect(texts()).toEqual(['better question', '']);
  });
});

describe('deleting', () => {
  it('takes away the message and all that followed, and says how many that were', async () => {
    await chat.remove('m2');
    expect(texts()).toEqual(['question']);
    expect(chat.removal).toEqual({ id: 'm2', count: 3 });
  });

  it('shows the sibling that is left', async () => {
    await chat.regenerate('m2', null);
    server.say(...answering(['another'], { message: 'a1' }));
    await chat.remove('a1');
    expect(chat.tree.path).toEqual(['m1', 'm2']);
    expect(chat.node('m2')?.message.sibling_ids).toEqual(['m2']);
  });

  it('can be undone', async () => {
    await chat.remove('m1');
    expect(texts()).toEqual([]);
    await chat.undoRemoval();
    expect(texts()).toEqual(['question', 'answer', 'more', 'last']);
    expect(chat.removal).toBeNull();
  });

  it('cannot be undone here for ever', async () => {
    await chat.remove('m3');
    timers.forEach(ring => {
      ring();
    });
    expect(chat.removal).toBeNull();
  });

  it('twice keeps the time of the second one', async () => {
    await chat.remove('m4');
    const [first] = timers;
    await chat.remove('m3');
    first?.();
    expect(chat.removal).toEqual({ id: 'm3', count: 1 });
  });

  it('that the server refuses leaves everything', async () => {
    server.refusal = new ApiError(409, 'conflict', 'It is being written.');
    await chat.remove('m4');
    expect(texts()).toEqual(['question', 'answer', 'more', 'last']);
    expect(chat.removal).toBeNull();
    expect(chat.failure?.error.code).toBe('conflict');
  });
});

describe('answering again', () => {
  it('tells how the answer should differ, and keeps that with the answer', async () => {
    await chat.regenerate('m2', null, 'Shorter, please.');
    expect(chat.tree.path).toEqual(['m1', 'a1']);
    expect(chat.node('a1')?.message.instruction).toBe('Shorter, please.');
    expect(server.messagesById.get('a1')?.instruction).toBe('Shorter, please.');
  });

  it('takes the place of an answer that failed without a word', async () => {
    server.add(
      message('m5', { parent_id: 'm4', role: 'user' }),
      message('m6', { parent_id: 'm5', status: 'failed' })
    );
    await chat.sync();
    await chat.retry('m6', 'lab/other');
    expect(chat.tree.path.at(-1)).toBe('m6');
    expect(chat.node('m6')?.message).toMatchObject({ status: 'running', sibling_ids: ['m6'] });
  });

  it('stands beside an answer that failed after some words', async () => {
    server.add(said('m6', 'Half', { parent_id: 'm3', status: 'failed' }));
    await chat.sync();
    await chat.retry('m6', null);
    expect(chat.tree.path).toEqual(['m1', 'm2', 'm3', 'a1']);
    expect(chat.node('m6')?.message.status).toBe('failed');
  });
});

describe('branching from a message', () => {
  it('puts what is said next below it', async () => {
    chat.branchFrom('m2');
    expect(chat.branchPoint).toBe('m2');
    expect(texts()).toHaveLength(4);
    await chat.send({ parts: text('elsewhere'), model: null });
    expect(texts()).toEqual(['question', 'answer', 'elsewhere', '']);
    expect(chat.node('u1')?.message.sibling_ids).toEqual(['m3', 'u1']);
    expect(chat.branchPoint).toBeNull();
  });

  it('is still meant when the server refuses what was said', async () => {
    chat.branchFrom('m2');
    server.refusal = new ApiError(422, 'invalid', 'No.');
    await chat.send({ parts: text('elsewhere'), model: null });
    expect(chat.branchPoint).toBe('m2');
  });

  it('is nothing special at the last message', () => {
    chat.branchFrom('m4');
    expect(chat.branchPoint).toBeNull();
  });
});

describe('finding a message', () => {
  it('shows the branch on which it is', async () => {
    await chat.save('m1', text('better question'));
    const found: Where[] = [];
    chat.onGo(where => found.push(where));
    await chat.reveal('m4');
    expect(texts()).toEqual(['question', 'answer', 'more', 'last']);
    expect(found).toEqual([{ id: 'm4' }]);
  });
});

it('the field of an edit takes the cursor once', () => {
  chat.edits.begin('m1');
  expect(chat.edits.has('m1')).toBe(true);
  expect(chat.edits.takesCursor('m1')).toBe(true);
  expect(chat.edits.takesCursor('m1')).toBe(false);
  chat.edits.end('m1');
  expect(chat.edits.has('m1')).toBe(false);
});
