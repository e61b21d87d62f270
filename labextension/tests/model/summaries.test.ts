import { describe, expect, it } from 'vitest';

import { ApiError } from '../../src/api/errors';
import { ChatModel } from '../../src/model/chat';
import { FakeServer } from '../support/server';
import { asked, conversation, said, summary } from '../support/values';

async function opened(server: FakeServer): Promise<ChatModel> {
  server.add(asked('u1', 'one'), said('a1', 'two', { parent_id: 'u1' }));
  server.add(asked('u2', 'three', { parent_id: 'a1' }), said('a2', 'four', { parent_id: 'u2' }));
  const chat = new ChatModel(
    {
      client: server,
      stream: server.stream,
      schedule: flush => {
        flush();
      }
    },
    conversation('c1')
  );
  await chat.load();
  return chat;
}

describe('summaries', () => {
  it('stand at the message that they reach to, the newest in use first', async () => {
    const server = new FakeServer();
    server.summariesList = [summary('s1'), summary('s2'), summary('s3', { active: false })];
    const { summaries } = await opened(server);
    expect(summaries.at('a1')?.id).toBe('s2');
    expect(summaries.at('a2')).toBeNull();
    expect(summaries.current?.id).toBe('s2');
  });

  it('are made by hand, and what is wrong is thrown', async () => {
    const server = new FakeServer();
    const { summaries } = await opened(server);
    const made = await summaries.make('Only numbers.', 'lab/echo');
    expect(summaries.at('a1')).toEqual(made);
    expect(made?.instructions).toBe('Only numbers.');
    expect(summaries.isMaking).toBe(false);
    server.refusal = new ApiError(409, 'conflict', 'Nothing to do.', '', { reason: 'nothing' });
    await expect(summaries.make('', null)).rejects.toThrow('Nothing to do.');
    server.refusal = new ApiError(409, 'conflict', 'Stopped.', '', { reason: 'stopped' });
    expect(await summaries.make('', null)).toBeNull();
  });

  it('are edited, undone and used again', async () => {
    const server = new FakeServer();
    server.summariesList = [summary('s1')];
    const { summaries } = await opened(server);
    expect(await summaries.change('s1', { text: 'Mine.' })).toBe(true);
    expect(summaries.at('a1')).toMatchObject({ text: 'Mine.', edited: true });
    await summaries.change('s1', { active: false });
    expect(summaries.at('a1')?.active).toBe(false);
    expect(summaries.current).toBeNull();
    await summaries.change('s1', { active: true });
    expect(summaries.current?.id).toBe('s1');
  });

  it('a message is pinned at once, and let go of again where the server refuses', async () => {
    const server = new FakeServer();
    const chat = await opened(server);
    await chat.summaries.pin('a1', true);
    expect(chat.node('a1')?.message.pinned).toBe(true);
    expect(server.messagesById.get('a1')?.pinned).toBe(true);
    server.refusal = new ApiError(404, 'not_found', 'Gone.');
    await chat.summaries.pin('a2', true);
    expect(chat.node('a2')?.message.pinned).toBe(false);
    expect(chat.failure?.error.message).toBe('Gone.');
  });
});
