import type { Item, Layout } from './lanes';

/** The room in which the map is seen. Pixels. */
export interface Room {
  readonly width: number;
  readonly height: number;
}

/** What is seen of the map: which place (in lanes and rows) is in the middle, and how large things are. */
export interface Camera {
  readonly lane: number;
  readonly row: number;
  /** 1: cards with two lines. */
  readonly zoom: number;
}

/** From here on messages are cards that can be read; below they are dots. */
export const CARDS = 0.72;
export const LARGEST = 1.8;
const SMALLEST = 0.001;
/** Between two lanes, and two rows, at zoom 1. Pixels. */
const LANE = 190;
const ROW = 64;
/** Dots stand as far from each other in one direction as in the other; below this zoom. */
const SQUARE = 0.25;
/** From the middle of a lane to where its neighbours begin, in lanes. */
const EDGE = 0.55;
/** What is free around all of it when it fits. Pixels. */
const MARGIN = 24;

/** Between two lanes. Pixels. */
export function laneOf(zoom: number): number {
  if (zoom >= CARDS) {
    return LANE * zoom;
  }
  if (zoom <= SQUARE) {
    return ROW * zoom;
  }
  // On the way from cards to dots the lanes draw together.
  const share = Math.log(zoom / SQUARE) / Math.log(CARDS / SQUARE);
  return ROW * SQUARE * Math.pow((LANE * CARDS) / (ROW * SQUARE), share);
}

/** Between two rows. Pixels. */
export function rowOf(zoom: number): number {
  return ROW * zoom;
}

/** Where the middle of a place is in the room. Pixels from its left and its top. */
export function toRoom(
  { lane, row, zoom }: Camera,
  room: Room,
  place: { lane: number; row: number }
): { x: number; y: number } {
  return {
    x: room.width / 2 + (place.lane - lane) * laneOf(zoom),
    y: room.height / 2 + (place.row - row) * rowOf(zoom)
  };
}

/** Which place is at this point of the room. */
export function toPlace(
  { lane, row, zoom }: Camera,
  room: Room,
  point: { x: number; y: number }
): { lane: number; row: number } {
  return {
    lane: lane + (point.x - room.width / 2) / laneOf(zoom),
    row: row + (point.y - room.height / 2) / rowOf(zoom)
  };
}

/** Larger or smaller by `factor`; what is at `point` stays there. */
export function zoomed(camera: Camera, room: Room, factor: number, point = middle(room)): Camera {
  const zoom = Math.min(LARGEST, Math.max(SMALLEST, camera.zoom * factor));
  const place = toPlace(camera, room, point);
  return {
    lane: place.lane - (point.x - room.width / 2) / laneOf(zoom),
    row: place.row - (point.y - room.height / 2) / rowOf(zoom),
    zoom
  };
}

/** Moved by so many pixels: what is drawn goes along with the hand. */
export function moved(camera: Camera, dx: number, dy: number): Camera {
  return {
    ...camera,
    lane: camera.lane - dx / laneOf(camera.zoom),
    row: camera.row - dy / rowOf(camera.zoom)
  };
}

/** Not so far away that nothing of the map is seen. */
export function kept(camera: Camera, { lanes, rows }: Layout): Camera {
  return {
    ...camera,
    lane: Math.min(Math.max(0, lanes - 1), Math.max(0, camera.lane)),
    row: Math.min(Math.max(0, rows.length - 1), Math.max(0, camera.row))
  };
}

/** All of it, as large as it can be and not larger than cards are meant to be. */
export function fitting({ lanes, rows }: Layout, room: Room): Camera {
  let [low, high] = [SMALLEST, 1];
  const fits = (zoom: number): boolean =>
    lanes * laneOf(zoom) <= room.width - MARGIN && rows.length * rowOf(zoom) <= room.height - MARGIN;
  if (fits(high)) {
    low = high;
  }
  for (let step = 0; step < 24 && low < high; step++) {
    const zoom = Math.sqrt(low * high);
    [low, high] = fits(zoom) ? [zoom, high] : [low, zoom];
  }
  return { lane: (lanes - 1) / 2, row: (rows.length - 1) / 2, zoom: low };
}

/** As large as cards are meant to be; `current` is where it was if that is in view, else in the middle of what is. */
export function meant(
  camera: Camera,
  room: Room,
  { layout, current }: { layout: Layout; current?: Item }
): Camera {
  const point = current && toRoom(camera, room, current);
  const isSeen = point && point.x >= 0 && point.x <= room.width && point.y >= 0 && point.y <= room.height;
  const large = kept(zoomed(camera, room, 1 / camera.zoom, isSeen ? point : undefined), layout);
  return isSeen ? showing(large, room, current) : large;
}

/** What one sees first: all of it where that can be read, else where one is, and what came before that. */
export function opening(layout: Layout, room: Room, at: Item | undefined): Camera {
  const all = fitting(layout, room);
  if (all.zoom >= CARDS || !at) {
    return all;
  }
  const zoom = Math.max(CARDS, Math.min(1, (room.width - MARGIN) / LANE));
  const half = { lanes: room.width / 2 / laneOf(zoom), rows: room.height / 2 / rowOf(zoom) };
  const above = Math.max(0, half.rows - 2.5);
  // As far left as `at` allows: the trunk is there. No card is cut at the left.
  const first = Math.min(at.lane, Math.max(0, Math.ceil(at.lane + 2 * EDGE - 2 * half.lanes)));
  return {
    lane: first - EDGE + half.lanes,
    row: Math.max(Math.min(at.row - above, layout.rows.length - 1 - half.rows + 1), half.rows - 1),
    zoom
  };
}

/** As little further as brings `item` into the room, with something around it. */
export function showing(camera: Camera, room: Room, item: Item): Camera {
  const { x, y } = toRoom(camera, room, item);
  const lane = Math.min(laneOf(camera.zoom) * EDGE, room.width / 2);
  const row = Math.min(rowOf(camera.zoom) * 1.6, room.height / 2);
  const dx = into(x, lane, room.width - lane);
  const dy = into(y, row, room.height - row);
  return moved(camera, dx, dy);
}

/** The items of a row between two lanes. */
export function between(row: readonly Item[], from: number, to: number): readonly Item[] {
  const first = firstAt(row, from);
  let end = first;
  while (end < row.length && (row[end]?.lane ?? Infinity) <= to) {
    end++;
  }
  return first === 0 && end === row.length ? row : row.slice(first, end);
}

/** The item that is nearest to a place, if one is within so many lanes and rows. */
export function nearest(
  { rows }: Layout,
  place: { lane: number; row: number },
  reach: { lanes: number; rows: number }
): Item | null {
  let best: Item | null = null;
  let least = 1;
  const last = Math.floor(place.row + reach.rows);
  for (let row = Math.max(0, Math.ceil(place.row - reach.rows)); row <= last; row++) {
    for (const item of between(rows[row] ?? [], place.lane - reach.lanes, place.lane + reach.lanes)) {
      const across = (item.lane - place.lane) / reach.lanes;
      const down = (item.row - place.row) / reach.rows;
      const far = across * across + down * down;
      if (far <= least) {
        [best, least] = [item, far];
      }
    }
  }
  return best;
}

function firstAt(row: readonly Item[], lane: number): number {
  let [low, high] = [0, row.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    [low, high] = (row[middle]?.lane ?? Infinity) < lane ? [middle + 1, high] : [low, middle];
  }
  return low;
}

function into(at: number, from: number, to: number): number {
  return at < from ? from - at : at > to ? to - at : 0;
}

function middle(room: Room): { x: number; y: number } {
  return { x: room.width / 2, y: room.height / 2 };
}
