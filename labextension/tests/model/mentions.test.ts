import { describe, expect, it } from 'vitest';

import type { Mention } from '../../src/api/schema';
import { Mentions } from '../../src/model/mentions';

const PATH = ['a', 'b', 'c', 'd'];

/** A conversation whose server knows what stands where; `pause` ends the pause after typing. */
function begin(said: Record<string, readonly Mention[]>, here = 'a') {
  let due: (() => void) | null = null;
  const asked: string[] = [];
  const client = {
    mentions: (_id: string, { q }: { q: string }) => {
      asked.push(q);
      return Promise.resolve({ items: [...(said[q] ?? [])], next: null });
    }
  };
  const mentions = new Mentions(
    client,
    () => ({ id: 'talk', leaf: 'd' }),
    ids =>
      Math.max(
        0,
        ids.findIndex(id => PATH.indexOf(id) >= PATH.indexOf(here))
      ),
    f => {
      due = f;
      return () => (due = null);
    }
  );
  const pause = async (): Promise<void> => {
    due?.();
    await Promise.resolve();
    await Promise.resolve();
  };
  return { mentions, asked, pause };
}

const mention = (message_id: string, count: number): Mention => ({ message_id, count });

describe('finding in a conversation', () => {
  it('begins where somebody reads, and goes round from match to match', async () => {
    const { mentions, pause } = begin({ tide: [mention('a', 1), mention('c', 2)] }, 'b');
    mentions.find('tide');
    expect(mentions.isBehind).toBe(true);
    await pause();
    expect([mentions.total, mentions.at, mentions.spot]).toEqual([3, 1, { id: 'c', nth: 0 }]);
    mentions.step(1);
    expect(mentions.spot).toEqual({ id: 'c', nth: 1 });
    mentions.step(1);
    expect(mentions.spot).toEqual({ id: 'a', nth: 0 });
    mentions.step(-1);
    expect(mentions.at).toBe(2);
  });

  it('asks once somebody pauses, for what they typed last', async () => {
    const { mentions, asked, pause } = begin({});
    mentions.find('t');
    mentions.find('ti');
    await pause();
    expect(asked).toEqual(['ti']);
    expect([mentions.total, mentions.spot]).toEqual([0, null]);
    mentions.find('');
    expect(mentions.isBehind).toBe(false);
  });

  it('stays at its match when the conversation grows', async () => {
    const said: Record<string, readonly Mention[]> = { tide: [mention('b', 2), mention('c', 1)] };
    const { mentions, pause } = begin(said);
    mentions.find('tide');
    await pause();
    mentions.step(1);
    mentions.step(1);
    expect(mentions.spot).toEqual({ id: 'c', nth: 0 });
    said['tide'] = [mention('a', 4), mention('b', 2), mention('c', 1)];
    mentions.again();
    await pause();
    expect([mentions.at, mentions.total, mentions.spot]).toEqual([6, 7, { id: 'c', nth: 0 }]);
  });
});
