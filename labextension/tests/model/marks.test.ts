import { describe, expect, it } from 'vitest';

import { ApiError, OFFLINE } from '../../src/api/errors';
import { ChatModel } from '../../src/model/chat';
import { Stars } from '../../src/model/stars';
import { FakeServer } from '../support/server';
import { asked, conversation, said } from '../support/values';

async function chatting(): Promise<{ chat: ChatModel; server: FakeServer }> {
  const server = new FakeServer();
  server.add(asked('q', 'Why?'), said('a', 'So.', { parent_id: 'q' }));
  const chat = new ChatModel(
    {
      client: server,
      stream: server.stream,
      schedule: work => {
        work();
      }
    },
    conversation('c1')
  );
  await chat.load();
  return { chat, server };
}

const refusal = new ApiError(0, OFFLINE, 'Nobody answers.');

describe('marks', () => {
  it('are seen at once and kept by the server', async () => {
    const { chat, server } = await chatting();
    const starring = chat.marks.star('a', true);
    expect(chat.node('a')?.message.starred).toBe(true);
    await starring;
    await chat.marks.rate('a', { value: -1, reason: 'style', text: 'Too short' });
    expect(server.messagesById.get('a')).toMatchObject({
      starred: true,
      rating: { value: -1, reason: 'style', text: 'Too short' }
    });
    await chat.marks.rate('a', null);
    expect(chat.node('a')?.message.rating).toBeNull();
    expect(server.messagesById.get('a')).toMatchObject({ starred: true, rating: null });
  });

  it('are taken back where the server refuses them, and the chat says so', async () => {
    const { chat, server } = await chatting();
    await chat.marks.rate('a', { value: 1 });
    server.refusal = refusal;
    await chat.marks.rate('a', { value: -1 });
    expect(chat.node('a')?.message.rating?.value).toBe(1);
    expect(chat.failure?.error.code).toBe(OFFLINE);
  });

  it('are not taken back by what the server had said before', async () => {
    const { chat } = await chatting();
    const late = chat.sync();
    await chat.marks.star('a', true);
    await late;
    expect(chat.node('a')?.message.starred).toBe(true);
  });

  it('a fork is a conversation of its own; one that failed is none, and the chat says so', async () => {
    const { chat, server } = await chatting();
    expect((await chat.copies.fork('a', 'from_here'))?.id).toBe('c2');
    expect((await chat.copies.duplicate('c1'))?.id).toBe('c2');
    server.isDown = true;
    expect(await chat.copies.fork('a', 'path')).toBeNull();
    expect(chat.failure).not.toBeNull();
  });
});

describe('starred messages', () => {
  const star = (message_id: string) => ({
    message_id,
    conversation_id: 'c1',
    title: 'Skies',
    role: 'assistant' as const,
    model: 'lab/echo',
    excerpt: 'So.',
    created_at: '2026-11-20T12:00:00Z',
    starred_at: '2026-11-20T12:00:00Z'
  });

  it('are listed page by page; a star that could not be taken away is back', async () => {
    const server = await chatting().then(({ server: one }) => one);
    const stars = new Stars({
      stars: query =>
        Promise.resolve(
          query?.cursor ? { items: [star('b')], next: null } : { items: [star('a')], next: 'more' }
        ),
      changeMessage: server.changeMessage.bind(server)
    });
    await stars.load();
    expect(stars.hasMore).toBe(true);
    await stars.more();
    expect(stars.items.map(({ message_id }) => message_id)).toEqual(['a', 'b']);
    await stars.remove(star('a'));
    expect(stars.items.map(({ message_id }) => message_id)).toEqual(['b']);
    server.refusal = refusal;
    await stars.remove(star('b'));
    expect(stars.items.map(({ message_id }) => message_id)).toEqual(['b']);
    expect(stars.error?.code).toBe(OFFLINE);
  });
});
