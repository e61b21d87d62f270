import { expect, test } from 'vitest';

import type { Client } from '../../src/api/client';
import type { RunEvent } from '../../src/api/schema';
import { ImportModel, importCount, importEnd } from '../../src/model/imports';
import { followJob, type JobEnd } from '../../src/model/jobs';
import { FakeServer } from '../support/server';

const progress = (seq: number, fraction: number, result: Record<string, unknown>): RunEvent => ({
  type: 'progress',
  run_id: 'r',
  seq,
  text: 'T',
  fraction,
  result
});

test('a job is followed from its beginning, whoever began it, and let go at its end', () => {
  const server = new FakeServer();
  server.say(progress(1, 0, {}), progress(2, 0.5, { imported: 2, unchanged: 1 }));
  const heard: unknown[] = [];
  let ended: JobEnd | null = null;
  followJob(server.stream, 'r', {
    progress: (share, result) => heard.push([share, importCount(result)]),
    end: end => (ended = end)
  });
  expect(heard).toEqual([
    [0, 0],
    [0.5, 3]
  ]);
  server.say({
    type: 'run.finished',
    run_id: 'r',
    seq: 3,
    status: 'stopped',
    error: null,
    result: { imported: 2 }
  });
  expect(importEnd(ended!)).toMatchObject({ status: 'stopped', result: { imported: 2, failed: [] } });
});

test('a file says how much of it is at the server, and one that was replaced says nothing any more', async () => {
  let sent: (share: number) => void = () => undefined;
  const model = new ImportModel({
    folders: () => Promise.resolve({ items: [], next: null }),
    lookAtImport: (_file: File, _signal: AbortSignal, tell: (share: number) => void) => {
      sent = tell;
      return new Promise(() => undefined);
    }
  } as unknown as Client);
  void model.look([new File(['a'], 'a.zip')]);
  sent(0.25);
  expect(model.stage).toEqual({ at: 'looking', name: 'a.zip', sent: 0.25 });
  const before = sent;
  void model.look([new File(['b'], 'b.zip')]);
  before(0.9);
  expect(model.stage).toEqual({ at: 'looking', name: 'b.zip', sent: 0 });
  await Promise.resolve();
});

test('each archive is looked at by itself, after what is none, and none is forgotten', () => {
  const seen: string[] = [];
  const model = new ImportModel({
    folders: () => Promise.resolve({ items: [], next: null }),
    lookAtImport: (file: File) => {
      seen.push(file.name);
      return new Promise(() => undefined);
    }
  } as unknown as Client);
  const [chats, more, loose] = ['chats.zip', 'more.ZIP', 'talk.json'].map(name => new File(['x'], name));
  void model.look([chats, loose, more] as File[]);
  expect([seen, model.later]).toEqual([['talk.json'], [chats, more]]);
  void model.look([new File(['x'], 'instead.json')]);
  expect([seen, model.later]).toEqual([
    ['talk.json', 'instead.json'],
    [chats, more]
  ]);
});
