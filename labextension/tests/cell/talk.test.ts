import { expect, it, vi } from 'vitest';

import type { Message, RunEvent } from '../../src/api/schema';
import type { Asked, Told } from '../../src/cell/line';
import { Talk } from '../../src/cell/talk';
import { textOf } from '../../src/model/node';

function begin(): { talk: Talk; sent: Asked[]; tell: (told: Told) => void } {
  const sent: Asked[] = [];
  let hear: (told: Told) => void = () => undefined;
  const talk = new Talk(
    {
      send: asked => sent.push(asked),
      listen: listener => {
        hear = listener;
        return () => undefined;
      }
    },
    () => 0
  );
  return {
    talk,
    sent,
    tell: told => {
      hear(told);
    }
  };
}

const message = (id: string, more: Partial<Message>): Message =>
  ({ id, role: 'assistant', status: 'complete', parts: [], sibling_ids: [id], ...more }) as Message;
const state = (...messages: Message[]): Told => ({
  type: 'state',
  turns: messages.map(one => ({ shown: one.id, messages: [one] })),
  model: 'lab/echo',
  models: []
});
const event = (seq: number, more: object): Told => ({
  type: 'event',
  message_id: 'a',
  event: { run_id: 'r', seq, ...more } as RunEvent
});

it('draws nothing before a kernel has told what there is', () => {
  const { talk, sent, tell } = begin();
  expect(talk.places).toBeNull();
  expect(sent).toEqual([{ type: 'hello' }]);
  tell(state());
  expect(talk.places).toEqual([]);
});

it('follows an answer, and asks for what it has missed', () => {
  const { talk, sent, tell } = begin();
  tell(state(message('a', { status: 'running', run_id: 'r' })));
  tell(event(1, { type: 'part.started', part: 0, part_type: 'text' }));
  tell(event(2, { type: 'text.delta', part: 0, text: 'Hel' }));
  tell(state(message('a', { status: 'running', run_id: 'r' })));
  expect(textOf(talk.node('a')!.message.parts)).toBe('Hel');
  tell(event(4, { type: 'text.delta', part: 0, text: '!' }));
  tell(event(5, { type: 'text.delta', part: 0, text: '!' }));
  expect(sent.slice(1)).toEqual([{ type: 'replay', message_id: 'a' }]);
  tell(event(2, { type: 'text.delta', part: 0, text: 'Hel' }));
  tell(event(3, { type: 'text.delta', part: 0, text: 'lo' }));
  tell(event(4, { type: 'text.delta', part: 0, text: '!' }));
  expect(textOf(talk.node('a')!.message.parts)).toBe('Hello!');
});

it('keeps what was written until the kernel has heard it, also when it was refused', () => {
  vi.useFakeTimers();
  const { talk, sent, tell } = begin();
  tell(state());
  talk.write('Hello');
  talk.ask();
  talk.ask();
  const asked = sent.filter(one => one.type === 'ask');
  expect(asked).toHaveLength(1);
  const id = asked[0]!.id;
  vi.advanceTimersByTime(5000);
  expect(talk.sending?.isLate).toBe(true);
  tell({ type: 'refused', id, error: { code: 'invalid', message: 'No.', hint: '', details: {} } });
  expect([talk.draft, talk.error?.message, talk.sending]).toEqual(['Hello', 'No.', null]);
  talk.ask();
  tell({ type: 'heard', id: (sent.at(-1) as { id: string }).id });
  expect([talk.draft, talk.error]).toEqual(['', null]);
  tell({
    type: 'refused',
    id: 'of another output',
    error: { code: 'invalid', message: 'No.', hint: '', details: {} }
  });
  expect(talk.error).toBeNull();
  tell({
    type: 'refused',
    id: '',
    text: 'Hello',
    error: { code: 'tool', message: 'No.', hint: '', details: {} }
  });
  expect([talk.draft, talk.error?.message]).toEqual(['Hello', 'No.']);
  tell(state());
  expect(talk.error).toBeNull();
  vi.useRealTimers();
});

it('keeps what is written while the kernel has not heard the question before it', () => {
  const { talk, sent, tell } = begin();
  tell(state());
  const heard = (): void => {
    tell({ type: 'heard', id: (sent.at(-1) as { id: string }).id });
  };
  talk.write('Hello ');
  talk.ask();
  talk.write('Hello and more');
  heard();
  expect(talk.draft).toBe('and more');
  talk.ask();
  talk.write('something else');
  heard();
  expect(talk.draft).toBe('something else');
});
