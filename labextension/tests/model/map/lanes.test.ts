import { describe, expect, it } from 'vitest';

import { EMPTY, FEW, type Item, type Layout, layoutOf, STRETCH } from '../../../src/model/map/lanes';
import { chance, grown, node, nodes } from '../../support/trees';

const SEEDS = Array.from({ length: 60 }, (_, at) => at + 1);

/** What holds of every map. */
function isSound(layout: Layout): void {
  const taken = new Set<string>();
  for (const item of layout.items) {
    const place = `${item.lane}/${item.row}`;
    expect(taken.has(place), `two at ${place}`).toBe(false);
    taken.add(place);
    expect(item.lane).toBeGreaterThanOrEqual(item.above?.lane ?? 0);
    expect(item.row).toBe(item.above ? item.above.row + 1 : 0);
    expect(item.lane).toBeLessThan(layout.lanes);
    expect(item.below.map(({ lane }) => lane)).toEqual(item.below.map(({ lane }) => lane).toSorted(byNumber));
    // What goes down from it goes straight down.
    expect(item.below[0]?.lane ?? item.lane).toBe(item.lane);
  }
  for (const row of layout.rows) {
    const lanes = row.map(({ lane }) => lane);
    expect(lanes).toEqual(lanes.toSorted(byNumber));
    // Lines from a parent to its children cross no others.
    const spans = row.flatMap(({ lane, below }) =>
      below.length > 1 ? [[lane, below.at(-1)?.lane ?? lane]] : []
    );
    spans.slice(1).forEach(([from], at) => {
      expect(from).toBeGreaterThan(spans[at]?.[1] ?? -1);
    });
  }
}

const byNumber = (a: number, b: number): number => a - b;

/** Who stands where, as "lane/row". */
function places(layout: Layout): Record<string, string> {
  return Object.fromEntries(layout.items.map(({ id, lane, row }) => [id, `${lane}/${row}`]));
}

describe('layoutOf', () => {
  it('puts a conversation without branches into one line', () => {
    expect(places(layoutOf(nodes('a', 'b<a', 'c<b')))).toEqual({ a: '0/0', b: '0/1', c: '0/2' });
    expect(layoutOf([])).toEqual(EMPTY);
  });

  it('lets the longest branch go straight down, whichever is newer, and puts short ones beside it', () => {
    const layout = layoutOf(nodes('a', 'short<a', 'long<a', 'longer<long'));
    expect(places(layout)).toEqual({ a: '0/0', long: '0/1', longer: '0/2', short: '1/1' });
  });

  it('lets short branches far from each other share a lane', () => {
    const layout = layoutOf(nodes('a', 'b<a', 'c<b', 'd<c', 'e<d', 'x<a', 'y<c'));
    expect(layout.lanes).toBe(2);
    expect(places(layout)).toMatchObject({ x: '1/1', y: '1/3' });
  });

  it('stands several first questions side by side', () => {
    expect(places(layoutOf(nodes('a', 'b<a', 'other')))).toEqual({ a: '0/0', b: '0/1', other: '1/0' });
  });

  it('gives a place to what lost its parent', () => {
    expect(layoutOf(nodes('a', 'b<gone')).items).toHaveLength(2);
  });

  it.each(SEEDS)('overlaps nothing and crosses no lines in any tree (%i)', seed => {
    const random = chance(seed);
    const all = grown(1 + Math.floor(random() * 300), seed, random());
    const layout = layoutOf(all);
    isSound(layout);
    expect(layout.items.flatMap(({ ids }) => ids).toSorted()).toEqual(all.map(({ id }) => id).toSorted());
    expect(layout.of.size).toBe(all.length);
  });

  it.each(SEEDS)('lets nothing change sides when a message is added (%i)', seed => {
    const random = chance(seed + 1000);
    const all = grown(120, seed, random() / 2);
    let before = layoutOf(all);
    for (let step = 0; step < 8; step++) {
      const parent = all[Math.floor(random() * all.length)];
      all.push(node(`new${step}`, parent?.id ?? null));
      const after = layoutOf(all, { before });
      isSound(after);
      for (const row of before.rows) {
        // A fold may open and move what is below it down; what is still beside each other is so in the same order.
        const still = row
          .map(({ id }) => after.of.get(id))
          .filter((item): item is Item => item !== undefined);
        for (const now of new Set(still.map(item => item.row))) {
          const lanes = still.filter(item => item.row === now).map(({ lane }) => lane);
          expect(lanes).toEqual(lanes.toSorted(byNumber));
        }
      }
      before = after;
    }
  });

  it('does not fold what is small enough to be seen', () => {
    const chain = Array.from({ length: FEW }, (_, at) => node(`n${at}`, at ? `n${at - 1}` : null));
    expect(layoutOf(chain).items).toHaveLength(FEW);
  });

  it('folds long stretches, but never an end, a branching or what is marked', () => {
    const chain = Array.from({ length: 60 }, (_, at) => node(`n${at}`, at ? `n${at - 1}` : null));
    const all = [...chain, node('side', 'n30')];
    const layout = layoutOf(all, { isKept: id => id === 'n10' });
    const folds = layout.items.filter(({ ids }) => ids.length > 1);
    expect(folds.map(({ ids }) => [ids[0], ids.at(-1)])).toEqual([
      ['n1', 'n9'],
      ['n11', 'n29'],
      ['n32', 'n58']
    ]);
    expect(layout.of.get('n20')).toBe(folds[1]);
    const opened = layoutOf(all, { open: new Set(folds[1]?.ids), before: layout });
    expect(opened.items.filter(({ ids }) => ids.length > 1)).toHaveLength(2);
    expect(opened.of.get('n20')?.ids).toEqual(['n20']);
  });

  it.each(SEEDS.slice(0, 10))('folds only what is long enough (%i)', seed => {
    const layout = layoutOf(grown(400, seed, 0.1));
    isSound(layout);
    const counts = layout.items.map(({ ids }) => ids.length).filter(count => count > 1);
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(STRETCH);
  });

  it('places 10,000 messages, also in one line and in one row', () => {
    const line = Array.from({ length: 10_000 }, (_, at) => node(`n${at}`, at ? `n${at - 1}` : null));
    const row = Array.from({ length: 10_000 }, (_, at) => node(`n${at}`, at ? 'n0' : null));
    for (const all of [grown(10_000, 1), grown(10_000, 2, 1), line, row]) {
      expect(layoutOf(all, { open: new Set(all.map(({ id }) => id)) }).of.size).toBe(10_000);
    }
  });
});
