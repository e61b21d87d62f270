import { ServerConnection } from '@jupyterlab/services';
import { expect, it, vi } from 'vitest';

import { Client } from '../../src/api/client';

it('lets a deletion arrive although the page goes away', async () => {
  const fetch = vi.fn((_request: Request) => Promise.resolve(new Response(null, { status: 204 })));
  const settings = ServerConnection.makeSettings({ baseUrl: 'http://127.0.0.1/', fetch: fetch as never });
  await new Client(settings).deleteConversation('one');
  const request = fetch.mock.calls[0]?.[0];
  expect([request?.method, request?.url, request?.keepalive]).toEqual([
    'DELETE',
    'http://127.0.0.1/llmhub/api/conversations/one',
    true
  ]);
});
