import { ServerConnection } from '@jupyterlab/services';
import { expect, it } from 'vitest';

import { Client } from '../../src/api/client';
import { ApiError } from '../../src/api/errors';
import { Completions } from '../../src/model/completion';

const CODE = { before: 'x = ', after: '' };
const asked = { signal: new AbortController().signal, isAsked: false };

/** Completions whose answers are given; a `null` among the pieces is an error of the server. */
function answering(...answers: (string | null)[][]): {
  completions: Completions;
  requests: unknown[];
  clock: { now: number };
} {
  const requests: unknown[] = [];
  const clock = { now: 0 };
  const complete = async function* (code: unknown): AsyncGenerator<string> {
    requests.push(code);
    for (const piece of answers.shift() ?? []) {
      if (piece === null) {
        throw new ApiError(502, 'provider_error', 'The model is away.');
      }
      await Promise.resolve();
      yield piece;
    }
  };
  return { completions: new Completions({ complete }, () => clock.now), requests, clock };
}

async function all(texts: AsyncIterable<string>): Promise<string[]> {
  const found: string[] = [];
  for await (const text of texts) {
    found.push(text);
  }
  return found;
}

it('gives the text as far as it has come', async () => {
  const { completions } = answering(['1 +', ' 2']);
  expect(await all(completions.suggest(CODE, asked))).toEqual(['1 +', '1 + 2']);
});

it('asks nobody for what was suggested and is being typed', async () => {
  const { completions, requests } = answering(['1 + 2'], ['3']);
  await all(completions.suggest(CODE, asked));
  expect(await all(completions.suggest({ before: 'x = 1 ', after: '' }, asked))).toEqual(['+ 2']);
  expect(requests).toHaveLength(1);
  expect(await all(completions.suggest({ before: 'x = 2', after: '' }, asked))).toEqual(['3']);
});

it('says once what went wrong, asks nobody for a while unless somebody wants it, and is quiet when it is well again', async () => {
  const { completions, requests, clock } = answering([null], ['1'], [null], ['2']);
  let told = 0;
  completions.subscribe(() => (told += 1));
  expect(await all(completions.suggest(CODE, asked))).toEqual([]);
  expect([completions.trouble?.message, told]).toEqual(['The model is away.', 1]);
  expect(await all(completions.suggest(CODE, asked))).toEqual([]);
  expect(requests).toHaveLength(1);
  expect(await all(completions.suggest(CODE, { ...asked, isAsked: true }))).toEqual(['1']);
  expect([completions.trouble, told]).toEqual([null, 2]);
  clock.now = 1e6;
  await all(completions.suggest({ before: 'y = ' }, asked));
  clock.now = 2e6;
  expect(await all(completions.suggest({ before: 'y = ' }, asked))).toEqual(['2']);
  expect(told).toBe(4);
});

it('does not take an end by the person for trouble', async () => {
  const stop = new AbortController();
  const complete = async function* (): AsyncGenerator<string> {
    yield 'a';
    await Promise.resolve();
    stop.abort();
    throw new DOMException('', 'AbortError');
  };
  const completions = new Completions({ complete });
  expect(await all(completions.suggest(CODE, { signal: stop.signal, isAsked: false }))).toEqual(['a']);
  expect(completions.trouble).toBeNull();
});

it('reads lines however they arrive, and an error in their middle', async () => {
  const sent =
    '{"text":"ä"}\n\n{"text":"b"}\n{"error":{"code":"interrupted","message":"It broke off.","hint":"","details":{}}}\n';
  const bytes = new TextEncoder().encode(sent);
  const body = new ReadableStream({
    start(controller) {
      bytes.forEach(byte => {
        controller.enqueue(new Uint8Array([byte]));
      });
      controller.close();
    }
  });
  const fetch = (): Promise<Response> => Promise.resolve(new Response(body));
  const settings = ServerConnection.makeSettings({ baseUrl: 'http://127.0.0.1/', fetch });
  const found: string[] = [];
  const reading = async (): Promise<void> => {
    for await (const text of new Client(settings).complete(CODE, asked.signal)) {
      found.push(text);
    }
  };
  await expect(reading()).rejects.toThrow('It broke off.');
  expect(found).toEqual(['ä', 'b']);
});

it('sends of a large file and of large cells what is near the cursor, and still knows what is typed along', async () => {
  const { completions, requests } = answering(['1 + 2']);
  const large = `${'🦊'.repeat(150_000)}x`;
  const above = ['far', 'y'.repeat(300_000), 'near', 'nearest'];
  const code = {
    before: large,
    after: large,
    above,
    below: ['below', large],
    variables: ['a', 'b'.repeat(500)]
  };
  await all(completions.suggest(code, asked));
  const [sent] = requests as Required<typeof code>[];
  expect(JSON.stringify(sent).length).toBeLessThan(21_000);
  expect(sent).toMatchObject({ above: ['near', 'nearest'], below: ['below'], variables: ['a'] });
  expect(() => encodeURIComponent(`${sent?.before}|${sent?.after}`), 'no half characters').not.toThrow();
  expect(await all(completions.suggest({ ...code, before: `${large}1` }, asked))).toEqual([' + 2']);
});
