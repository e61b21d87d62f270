import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { Beat } from '../../src/components/markdown/beat';

let beat: Beat;
let drawn: number[];

beforeEach(() => {
  vi.useFakeTimers();
  vi.advanceTimersByTime(10_000); // nobody has typed for long
  drawn = [];
  beat = new Beat(now => {
    drawn.push(now);
    return true;
  });
});

afterEach(() => {
  beat.stop();
  vi.useRealTimers();
});

const press = (): void => {
  const event = new KeyboardEvent('keydown', { key: 'x' });
  Object.defineProperty(event, 'timeStamp', { value: performance.now() });
  document.dispatchEvent(event);
};
const gaps = (): number[] => drawn.slice(1).map((at, index) => at - (drawn[index] ?? 0));

it('draws some thirty times a second while nobody types, and not after it was stopped', () => {
  beat.start();
  vi.advanceTimersByTime(1000);
  expect(drawn.length).toBeGreaterThan(25);
  expect(drawn.length).toBeLessThan(35);
  beat.stop();
  const before = drawn.length;
  vi.advanceTimersByTime(200);
  expect(drawn).toHaveLength(before);
});

it('leaves the frame of a key to the key, and draws soon after it', () => {
  beat.start();
  vi.advanceTimersByTime(200);
  for (let key = 0; key < 10; key++) {
    press();
    const at = performance.now();
    vi.advanceTimersByTime(115);
    const after = drawn.filter(moment => moment >= at).map(moment => moment - at);
    expect(Math.min(...after)).toBeGreaterThan(16);
    expect(Math.min(...after)).toBeLessThan(70);
    expect(after.length).toBeLessThanOrEqual(2);
  }
});

it('draws in spite of keys that never end', () => {
  beat.start();
  for (let key = 0; key < 200; key++) {
    press();
    vi.advanceTimersByTime(10);
  }
  expect(drawn.length).toBeGreaterThan(10);
  expect(Math.max(...gaps())).toBeLessThan(170);
});
