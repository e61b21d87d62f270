import { describe, expect, it } from 'vitest';

import { cutAt, Flow } from '../../src/markdown/flow';

const FRAME = 1000 / 60;

/** Feed `size` characters every `every` ms; what is shown in each frame, and how old the oldest hidden character is. */
function play(every: number, size: number, bursts = 40): { steps: number[]; oldest: number } {
  const flow = new Flow(0);
  const steps: number[] = [];
  let shown = 0;
  let oldest = 0;
  for (let now = 0; now < bursts * every; now += FRAME) {
    flow.reach((Math.floor(now / every) + 1) * size, now);
    const next = flow.at(now);
    steps.push(next - shown);
    shown = next;
    // Character number `shown` came with this burst.
    oldest = Math.max(oldest, now - Math.floor(shown / size) * every);
  }
  return { steps, oldest };
}

describe('text that arrives in bursts', () => {
  it.each([
    [20, 4],
    [100, 40],
    [200, 100],
    [500, 400]
  ])('every %i ms flows out evenly, and is never more than a quarter of a second old', (every, size) => {
    const { steps, oldest } = play(every, size);
    expect(oldest).toBeLessThan(250 + FRAME);
    expect(Math.min(...steps)).toBeGreaterThanOrEqual(0);
    const settled = steps.slice(steps.length / 2);
    const share = settled.reduce((sum, step) => sum + step, 0) / settled.length;
    // No frame shows much more than its share, beyond pauses that are too long to be bridged.
    expect(Math.max(...settled)).toBeLessThanOrEqual(Math.ceil(share * Math.max(2, every / 200) * 1.6) + 1);
  });
});

it('the rest comes at once when the answer ends', () => {
  const flow = new Flow(0);
  flow.reach(10, 0);
  flow.at(0);
  flow.reach(5000, 200);
  flow.finish(200);
  flow.at(260);
  expect(flow.at(330)).toBe(5000);
  expect(flow.isLevel).toBe(true);
});

it('what was there before is shown at once, and a shorter text too', () => {
  const flow = new Flow(100);
  expect(flow.at(5)).toBe(100);
  flow.reach(40, 10);
  expect(flow.at(11)).toBe(40);
});

it.each([
  ['a😀b', 2, 'a😀'],
  ['e\u0301x', 1, 'e\u0301'],
  ['👩‍💻 x', 2, '👩‍💻'],
  ['plain', 3, 'pla']
])('%j cut at %i ends with a whole sign', (text, length, shown) => {
  expect(cutAt(text, length)).toBe(shown);
});
