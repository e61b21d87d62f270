import { expect, it, vi } from 'vitest';

import { Leisure } from '../../src/components/leisure';
import { estimate, type Metrics } from '../../src/components/thread/estimate';
import { Layout } from '../../src/components/layout';
import { nextSpan, type Span } from '../../src/components/thread/span';
import { Heights } from '../../src/model/heights';
import { type Spot, Spots } from '../../src/model/spots';
import { asked, said } from '../support/values';

const METRICS: Metrics = { width: 480, letter: 6.6, line: 21.7, codeLine: 17 };

it('knows where rows stand, also when one of them turns out higher', () => {
  const layout = new Layout();
  layout.set([10, 20, 30]);
  expect([0, 1, 2, 3].map(index => layout.top(index))).toEqual([0, 10, 30, 60]);
  expect([-5, 0, 9, 10, 59, 99].map(y => layout.at(y))).toEqual([0, 0, 0, 1, 2, 2]);
  layout.resize(1, 100);
  expect(layout.total).toBe(140);
  expect(layout.top(1)).toBe(10);
  expect(layout.at(109)).toBe(1);
});

it('knows that there is nothing in an empty thread', () => {
  const layout = new Layout();
  expect([layout.length, layout.total, layout.at(50), layout.top(7)]).toEqual([0, 0, 0, 0]);
});

it('draws what is seen at once and the rest around it some in each frame, wherever one goes', () => {
  const layout = new Layout();
  layout.set(Array<number>(1000).fill(100));
  const rows = ({ first, end }: Span): number[] => [first, end];
  // Far from what is in the page: the seven rows that are seen.
  let span = nextSpan(layout, { first: 0, end: 10 }, 50_000, 50_600, false);
  expect(rows(span)).toEqual([500, 507]);
  let frames = 0;
  for (; !span.isWhole; frames++) {
    const next = nextSpan(layout, span, 50_000, 50_600, true);
    expect(next.end - next.first).toBeGreaterThan(span.end - span.first);
    expect(next.end - next.first).toBeLessThanOrEqual(span.end - span.first + 5);
    span = next;
  }
  expect(rows(span)).toEqual([493, 514]);
  expect(frames).toBeLessThan(8);
  // A step further, and nothing near is missing; what was there stays.
  expect(rows(nextSpan(layout, span, 49_400, 50_000, false))).toEqual([491, 514]);
});

const guess = (text: string, width = 480): number => estimate(said('m', text), { ...METRICS, width });

it('expects a long text to be high, and higher in a narrow panel', () => {
  const words = 'some words '.repeat(100);
  expect(guess(words)).toBeGreaterThan(3 * guess('some words'));
  expect(guess(words, 240)).toBeGreaterThan(1.7 * guess(words));
});

it('expects code, tables and lists to be as high as their lines', () => {
  const code = `\`\`\`python\n${'x = 1\n'.repeat(20)}\`\`\``;
  expect(guess(code)).toBeCloseTo(38 + 20 * 17 + 55, 0);
  expect(guess(`${code}\n\n${code}`)).toBeCloseTo(38 + 2 * (20 * 17 + 55), 0);
  expect(guess('| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |')).toBeGreaterThan(guess('| a | b |\n|---|---|'));
  expect(guess('- one\n- two\n- three')).toBeGreaterThan(guess('- one') + 2 * 21);
});

it('expects East Asian text to need twice the room, and every line of a question to stand', () => {
  expect(guess('漢'.repeat(200))).toBeGreaterThan(1.5 * guess('a'.repeat(200)));
  const question = estimate(asked('m', 'one\ntwo\nthree'), METRICS);
  expect(question).toBeGreaterThan(estimate(asked('m', 'one two three'), METRICS) + 2 * 21);
});

it('comes to an end with a long answer that is nothing but odd characters', () => {
  expect(guess('|'.repeat(200_000) + '`~$#-*'.repeat(50_000))).toBeGreaterThan(0);
});

it('remembers how high messages were over a reload, and what is broken is measured again', () => {
  const heights = new Heights(localStorage);
  heights.set('m1', 480, 120.04);
  heights.save();
  expect(new Heights(localStorage).get('m1')).toEqual({ width: 480, height: 120 });
  localStorage.setItem('llmhub:heights', '{"not": "a list"}');
  expect(new Heights(localStorage).get('m1')).toBeUndefined();
});

it('remembers where each conversation was left, also when two tabs do', () => {
  const spot: Spot = { id: 'm1', offset: -12.5, pinned: null };
  const [one, other] = [new Spots(localStorage), new Spots(localStorage)];
  one.set('c1', spot);
  other.set('c2', { ...spot, id: 'm2' });
  const later = new Spots(localStorage);
  expect(later.get('c1')).toEqual(spot);
  expect(later.get('c2')?.id).toBe('m2');
  localStorage.setItem('llmhub:spots', 'broken');
  expect(new Spots(localStorage).get('c1')).toBeUndefined();
});

it('draws what nobody needs at first while nobody scrolls, some of it in each frame', () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  const leisure = new Leisure();
  const drawn: number[] = [];
  leisure.interrupt();
  const leave = Array.from({ length: 10 }, (_, at) => leisure.await(() => drawn.push(at)));
  leave[1]?.();
  vi.advanceTimersByTime(100);
  leisure.interrupt();
  vi.advanceTimersByTime(100);
  expect(drawn).toEqual([]);
  vi.advanceTimersByTime(30);
  expect(drawn).toEqual([0, 2, 3, 4]);
  vi.runAllTimers();
  expect(drawn).toEqual([0, 2, 3, 4, 5, 6, 7, 8, 9]);
  vi.useRealTimers();
});
