import { describe, expect, it } from 'vitest';

import {
  CARDS,
  fitting,
  laneOf,
  meant,
  moved,
  nearest,
  opening,
  rowOf,
  showing,
  toPlace,
  toRoom,
  zoomed
} from '../../../src/model/map/camera';
import { layoutOf } from '../../../src/model/map/lanes';
import { grown, nodes } from '../../support/trees';

const room = { width: 480, height: 700 };
const camera = { lane: 3, row: 40, zoom: 1 };

describe('the camera', () => {
  it('keeps what is under the pointer where it is while one zooms', () => {
    const point = { x: 100, y: 650 };
    let at = camera;
    const place = toPlace(at, room, point);
    for (const factor of [0.9, 0.5, 0.2, 0.3, 4, 3, 20]) {
      at = zoomed(at, room, factor, point);
      const { x, y } = toRoom(at, room, place);
      expect([x, y].map(Math.round)).toEqual([100, 650]);
    }
  });

  it('goes along with the hand', () => {
    const place = toPlace(camera, room, { x: 200, y: 200 });
    const { x, y } = toRoom(moved(camera, 30, -20), room, place);
    expect([x, y].map(Math.round)).toEqual([230, 180]);
  });

  it('draws together without a leap: a little smaller is never a little larger', () => {
    for (let zoom = 1.8; zoom > 0.01; zoom *= 0.97) {
      expect(laneOf(zoom * 0.97)).toBeLessThan(laneOf(zoom));
      expect(laneOf(zoom * 0.97) / laneOf(zoom)).toBeGreaterThan(0.85);
    }
  });

  it('shows all of the map when it is to fit, in a narrow panel and in a tab', () => {
    for (const width of [250, 480, 1400]) {
      const layout = layoutOf(grown(3000, 4));
      const { zoom } = fitting(layout, { width, height: 600 });
      expect(layout.lanes * laneOf(zoom)).toBeLessThanOrEqual(width);
      expect(layout.rows.length * rowOf(zoom)).toBeLessThanOrEqual(600);
    }
  });

  it('opens on all of a small conversation, and on where one is in a large one, where it can be read', () => {
    const small = layoutOf(nodes('a', 'b<a'));
    expect(opening(small, room, small.items[1])).toEqual(fitting(small, room));
    const large = layoutOf(grown(900, 2));
    for (const width of [250, 480, 1400]) {
      const at = large.of.get('n899');
      const opened = opening(large, { width, height: 700 }, at);
      expect(opened.zoom).toBeGreaterThanOrEqual(CARDS);
      const { x, y } = toRoom(opened, { width, height: 700 }, at ?? { lane: -99, row: -99 });
      expect(x).toBeGreaterThan(0);
      expect(x).toBeLessThan(width);
      expect(y).toBeGreaterThan(0);
      expect(y).toBeLessThan(700);
    }
  });

  it('opens with no card cut at the left, however narrow it is', () => {
    const large = layoutOf(grown(900, 2));
    for (const width of [250, 330, 480, 900]) {
      for (const at of large.items.slice(0, 300)) {
        const narrow = { width, height: 700 };
        const opened = opening(large, narrow, at);
        const left = toPlace(opened, narrow, { x: 0, y: 0 }).lane;
        expect(left + 0.55).toBeCloseTo(Math.round(left + 0.55), 6);
        expect(at.lane).toBeGreaterThan(left);
      }
    }
  });

  it('goes to the size that is meant, and what the keys are at stays in view', () => {
    const layout = layoutOf(grown(900, 2));
    const current = layout.of.get('n450');
    for (const zoom of [0.02, 0.4, 1.7]) {
      const far = { lane: current?.lane ?? 0, row: (current?.row ?? 0) + 2, zoom };
      const near = meant(far, room, { layout, current });
      expect(near.zoom).toBeCloseTo(1, 9);
      const { x, y } = toRoom(near, room, current ?? { lane: -99, row: -99 });
      expect(x > 0 && x < room.width && y > 0 && y < room.height).toBe(true);
    }
    const elsewhere = { lane: 0, row: layout.rows.length - 3, zoom: 0.9 };
    expect(meant(elsewhere, room, { layout, current: layout.items[0] })).toMatchObject({
      row: elsewhere.row
    });
  });

  it('finds what is near a point, and nothing where nothing is', () => {
    const layout = layoutOf(nodes('a', 'b<a', 'c<a'));
    expect(nearest(layout, { lane: 0.9, row: 1.2 }, { lanes: 0.5, rows: 0.5 })?.id).toBe('c');
    expect(nearest(layout, { lane: 0.9, row: 0.1 }, { lanes: 0.4, rows: 0.4 })).toBeNull();
  });

  it('moves only as far as is needed to show something', () => {
    const layout = layoutOf(grown(300, 3));
    const shown = layout.rows[40]?.[0];
    const [there, far] = [shown, layout.rows.at(-1)?.[0]];
    const here = { lane: there?.lane ?? 0, row: there?.row ?? 0, zoom: 1 };
    expect(there && showing(here, room, there)).toEqual(here);
    const gone = far && toRoom(showing(here, room, far), room, far);
    expect(gone && gone.y > 0 && gone.y < room.height && gone.x > 0 && gone.x < room.width).toBe(true);
  });
});
