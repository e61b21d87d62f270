import { describe, expect, it } from 'vitest';

import { aligned, linesOf, TwoBranches } from '../../../src/model/map/branches';
import { changesBetween } from '../../../src/model/map/words';
import { ChatModel } from '../../../src/model/chat';
import { FakeServer } from '../../support/server';
import { nodes } from '../../support/trees';
import { answering, asked, conversation, message, said } from '../../support/values';

const tree = nodes('q', 'a1<q', 'a2<q', 'q2<a1', 'a3<q2');
const self = (id: string): string => id;

describe('two branches', () => {
  it('begin where they part, whichever message of them is named', () => {
    expect(linesOf(['a3', 'a2'], tree, self)).toEqual([['a1', 'q2', 'a3'], ['a2']]);
    expect(linesOf(['a1', 'a2'], tree, id => (id === 'a1' ? 'a3' : id))).toEqual([
      ['a1', 'q2', 'a3'],
      ['a2']
    ]);
  });

  it('are one where one message comes after the other', () => {
    expect(linesOf(['a3', 'a1'], tree, self)).toEqual([['q2', 'a3'], []]);
  });

  it('stand turn beside turn', () => {
    const left = [said('l1', ''), asked('lq', ''), said('l2', '')];
    const right = [asked('rq0', ''), asked('rq1', ''), said('r1', ''), asked('rq2', ''), said('r2', '')];
    expect(aligned(left, right).map(row => row.map(one => one?.id ?? null))).toEqual([
      ['l1', 'rq0'],
      [null, 'rq1'],
      [null, 'r1'],
      ['lq', 'rq2'],
      ['l2', 'r2']
    ]);
  });

  it('are fetched from where they part to their ends', async () => {
    const server = new FakeServer();
    server.add(
      asked('q', 'Why?'),
      said('a1', 'So.', { parent_id: 'q' }),
      said('a2', 'Thus.', { parent_id: 'q' }),
      asked('q2', 'And?', { parent_id: 'a2' })
    );
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
    const two = new TwoBranches({ client: server, chat });
    await two.load(['a2', 'a1']);
    expect(two.rows.map(row => row.map(one => one?.id ?? null))).toEqual([
      ['a2', 'a1'],
      ['q2', null]
    ]);
    expect([two.counts, two.leaves, two.tops, two.isOne]).toEqual([
      [2, 1],
      ['q2', 'a1'],
      ['a2', 'a1'],
      false
    ]);
    await two.load(['q2', 'a2']);
    expect(two.isOne).toBe(true);
  });

  it('are followed while they are written, and where one of them goes on', async () => {
    const server = new FakeServer();
    server.add(
      asked('q', 'Why?'),
      message('a1', { parent_id: 'q', status: 'running', run_id: 'r1' }),
      said('a2', 'Thus.', { parent_id: 'q' })
    );
    const { stream } = server;
    const schedule = (work: () => void): void => {
      work();
    };
    const chat = new ChatModel({ client: server, stream, schedule }, conversation('c1'));
    await chat.load();
    const two = new TwoBranches({ client: server, chat });
    await two.load(['a1', 'a2']);
    server.say(...answering(['So', '.'], { run: 'r1', message: 'a1' }));
    expect(chat.node('a1')?.message).toMatchObject({ status: 'complete', parts: [{ text: 'So.' }] });

    server.add(asked('q2', 'And?', { parent_id: 'a2' }));
    await chat.sync();
    await new Promise(resolve => setTimeout(resolve));
    expect(two.rows.map(row => row.map(one => one?.id ?? null))).toEqual([
      ['a1', 'a2'],
      [null, 'q2']
    ]);
    two.dispose();
    expect(server.isWatched('r1')).toBe(false);
  });
});

describe('changesBetween', () => {
  const both = (before: string, after: string): [string, string] | null => {
    const changes = changesBetween(before, after);
    const join = (kind: string): string =>
      changes?.map(({ kind: one, text }) => (one === 'same' || one === kind ? text : '')).join('') ?? '';
    return changes && [join('gone'), join('new')];
  };

  it('marks words, not letters', () => {
    expect(changesBetween('The sky is blue today.', 'The sky is grey today.')).toEqual([
      { kind: 'same', text: 'The sky is ' },
      { kind: 'gone', text: 'blue' },
      { kind: 'new', text: 'grey' },
      { kind: 'same', text: ' today.' }
    ]);
  });

  it('does not break what was said otherwise at every blank', () => {
    expect(changesBetween('We say red apples fall here.', 'We say green pears rise here.')).toEqual([
      { kind: 'same', text: 'We say ' },
      { kind: 'gone', text: 'red apples fall' },
      { kind: 'new', text: 'green pears rise' },
      { kind: 'same', text: ' here.' }
    ]);
  });

  it('gives both texts back to the sign, in any script', () => {
    const texts = [
      ['', 'a'],
      ['今天天气很好。我们去公园。', '今天天气不好。我们去图书馆。'],
      ['one\n\n  two\tthree', 'one\n two\tthree four\n'],
      ['🏳️‍🌈 é e\u0301 x y z', '🏳️‍🌈 e\u0301 é x y z']
    ] as const;
    for (const [before, after] of texts) {
      expect(both(before, after) ?? [before, after]).toEqual([before, after]);
    }
  });

  it('says so where two texts have hardly anything in common', () => {
    expect(changesBetween('Apples grow on trees.', 'def f(x): return 2 * x')).toBeNull();
    expect(changesBetween('', '')).toEqual([]);
  });

  it('gives up on what takes too long', () => {
    const random = (seed: number): string =>
      Array.from({ length: 30_000 }, (_, at) => `${(at * 7919 * seed) % 10_007}\n`).join('');
    expect(both(random(3), random(11)) ?? 'too different').toBeTruthy();
  });
});
