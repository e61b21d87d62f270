import { describe, expect, it, vi } from 'vitest';

import { ChatModel } from '../../../src/model/chat';
import { ConversationMap } from '../../../src/model/map/map';
import { FakeServer } from '../../support/server';
import { asked, conversation, said } from '../../support/values';

async function opened() {
  const server = new FakeServer();
  server.add(
    asked('q', 'Why?'),
    said('a1', 'So.', { parent_id: 'q' }),
    said('a2', 'Thus.', { parent_id: 'q' })
  );
  const schedule = (work: () => void): void => {
    work();
  };
  const chat = new ChatModel({ client: server, stream: server.stream, schedule }, conversation('c1'));
  await chat.load();
  const search = vi.fn(() =>
    Promise.resolve({ items: [{ message_id: 'a1' }], next: null, notes: [], unindexed: 0 } as never)
  );
  const client = { tree: server.tree.bind(server), search };
  return { server, chat, search, client };
}

describe('the map', () => {
  it('finds what stands far down in a message: the server knows all its words', async () => {
    const { chat, client, search } = await opened();
    const map = new ConversationMap({ client, chat });
    await map.load();
    map.find('because', new Set());
    expect(map.found).toBe(0);
    await vi.waitFor(() => {
      expect(map.found).toBe(1);
    });
    expect(search.mock.calls).toMatchObject([[{ q: 'because', conversation_id: 'c1' }, {}]]);
    expect(map.layout.items.filter(item => map.isFound(item)).map(({ id }) => id)).toEqual(['a1']);
    map.dispose();
  });

  it('is there at once when it was seen before, and then shows what is new', async () => {
    const { chat, client, server } = await opened();
    const first = new ConversationMap({ client, chat });
    await first.load();
    first.dispose();
    server.add(said('a3', 'Hence.', { parent_id: 'q' }));
    const map = new ConversationMap({ client, chat });
    const loading = map.load();
    expect(map.size).toBe(3);
    await loading;
    expect(map.size).toBe(4);
  });

  it('is asked for while its code is still on the way, and not twice', async () => {
    const { chat, server } = await opened();
    const asked = vi.spyOn(server, 'tree');
    chat.foresee();
    const map = new ConversationMap({ client: server as never, chat });
    await map.load();
    expect(asked.mock.calls).toEqual([['c1'], ['c1', { excerpts: true }]]);
    chat.foresee();
    expect(asked).toHaveBeenCalledTimes(2);
    map.dispose();
  });
});
