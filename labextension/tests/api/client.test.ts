import { ServerConnection } from '@jupyterlab/services';
import { describe, expect, it, vi } from 'vitest';

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

describe('a login that outlived its XSRF cookie', () => {
  const refusal = () =>
    Response.json({ error: { code: 'xsrf', message: 'No.', hint: '', details: {} } }, { status: 403 });

  function asking(...answers: Response[]): { client: Client; sent: Promise<[string, string]>[] } {
    const sent: Promise<[string, string]>[] = [];
    const fetch = (request: Request) => {
      sent.push(request.text().then(text => [request.method, text]));
      return Promise.resolve(answers.shift()!);
    };
    const settings = ServerConnection.makeSettings({ baseUrl: 'http://127.0.0.1/', fetch: fetch as never });
    return { client: new Client(settings), sent };
  }

  it('is mended by the refusal, and the same is asked once more', async () => {
    const { client, sent } = asking(refusal(), Response.json({ id: 'c1' }));
    expect(await client.createConversation({ title: 'x' })).toEqual({ id: 'c1' });
    expect(await Promise.all(sent)).toEqual(Array(2).fill(['POST', '{"title":"x"}']));
  });

  it('is said where that does not help', async () => {
    const { client, sent } = asking(refusal(), refusal());
    await expect(client.createConversation({})).rejects.toMatchObject({ code: 'xsrf' });
    expect(sent).toHaveLength(2);
  });
});
