import { between, type Camera, CARDS, laneOf, type Room, rowOf, toPlace } from '../../model/map/camera';
import type { Item, Layout } from '../../model/map/lanes';
import type { Colours } from './colours';

/** What the painter asks of an item. */
export interface Look {
  isOnPath: (item: Item) => boolean;
  isFound: (item: Item) => boolean;
  isFailed: (item: Item) => boolean;
  /** Where one is. */
  isHead: (item: Item) => boolean;
  /** Which colour: that of a model, or -1: a person's. */
  hueOf: (item: Item) => number;
}

/** Below this, dots stand so close that lines between them say nothing more. Pixels from row to row. */
const DENSE = 3;
const DIM = 0.22;

/** Draw the lines, and the dots where there are no cards. Only what is in view is looked at. */
export function paint(
  canvas: HTMLCanvasElement,
  layout: Layout,
  camera: Camera,
  room: Room,
  look: Look,
  colours: Colours
): void {
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [Math.round(room.width * ratio), Math.round(room.height * ratio)];
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  const context = canvas.getContext('2d');
  if (!context) {
    return;
  }
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, room.width, room.height);
  const pitch = { x: laneOf(camera.zoom), y: rowOf(camera.zoom) };
  const left = room.width / 2 - camera.lane * pitch.x;
  const top = room.height / 2 - camera.row * pitch.y;
  const view: View = {
    from: toPlace(camera, room, { x: 0, y: 0 }),
    to: toPlace(camera, room, { x: room.width, y: room.height }),
    x: lane => left + lane * pitch.x,
    y: row => top + row * pitch.y,
    pitch
  };
  paintLines(context, layout, view, look, colours, camera.zoom);
  if (camera.zoom < CARDS) {
    paintDots(context, layout, view, look, colours);
  }
}

interface View {
  readonly from: { lane: number; row: number };
  readonly to: { lane: number; row: number };
  readonly x: (lane: number) => number;
  readonly y: (row: number) => number;
  readonly pitch: { readonly x: number; readonly y: number };
}

/** Down from a parent, across below it, down to its children: one line across for all of them. */
function paintLines(
  context: CanvasRenderingContext2D,
  { rows }: Layout,
  view: View,
  look: Look,
  colours: Colours,
  zoom: number
): void {
  const { x, y, pitch } = view;
  const path = new Path2D();
  const others = new Path2D();
  const bend = Math.min(8, pitch.y / 4, pitch.x / 4);
  const first = Math.max(0, Math.floor(view.from.row) - 1);
  const end = Math.min(rows.length, Math.ceil(view.to.row) + 1);
  for (let row = first; row < end; row++) {
    for (const item of rows[row] ?? []) {
      const last = item.below.at(-1);
      if (item.lane > view.to.lane + 1) {
        break;
      }
      if (!last || last.lane < view.from.lane - 1) {
        continue;
      }
      const at = x(item.lane);
      // Just above the next row: what stands in between keeps its room.
      const across = y(row + 0.5);
      for (const below of item.below) {
        const isShown = look.isOnPath(below) && look.isOnPath(item);
        const to = isShown ? path : others;
        if (below.lane === item.lane) {
          to.moveTo(at, y(row));
          to.lineTo(at, y(row + 1));
        } else if (below === last || isShown) {
          to.moveTo(at, isShown ? y(row) : across);
          if (isShown) {
            to.lineTo(at, across);
          }
          to.lineTo(x(below.lane) - bend, across);
          to.quadraticCurveTo(x(below.lane), across, x(below.lane), across + bend);
          to.lineTo(x(below.lane), y(row + 1));
        } else if (below.lane >= view.from.lane - 1 && below.lane <= view.to.lane + 1) {
          to.moveTo(x(below.lane), across);
          to.lineTo(x(below.lane), y(row + 1));
        }
      }
    }
  }
  context.lineJoin = 'round';
  context.lineWidth = pitch.y < DENSE ? 0.5 : 1.25;
  context.strokeStyle = colours.line;
  context.stroke(others);
  context.lineWidth = zoom >= CARDS ? 3 : Math.max(1.5, Math.min(3, pitch.y / 6));
  context.strokeStyle = colours.path;
  context.stroke(path);
}

/** One fill for all dots of a colour. */
function paintDots(
  context: CanvasRenderingContext2D,
  { rows }: Layout,
  view: View,
  look: Look,
  colours: Colours
): void {
  const { x, y, pitch } = view;
  const size = Math.max(1, Math.min(14, Math.min(pitch.x, pitch.y) * 0.62));
  const isRound = size >= 4;
  const fills = new Map<string, Path2D>();
  const ground = new Path2D();
  const shown = new Path2D();
  const failed = new Path2D();
  let head: { at: number; down: number } | null = null;
  const add = (path: Path2D, at: number, down: number, half: number): void => {
    if (isRound) {
      path.moveTo(at + half, down);
      path.arc(at, down, half, 0, 2 * Math.PI);
    } else {
      path.rect(at - half, down - half, 2 * half, 2 * half);
    }
  };
  const first = Math.max(0, Math.floor(view.from.row));
  const end = Math.min(rows.length, Math.ceil(view.to.row) + 1);
  for (let row = first; row < end; row++) {
    const down = y(row);
    for (const item of between(rows[row] ?? [], view.from.lane - 1, view.to.lane + 1)) {
      const at = x(item.lane);
      const hue = look.hueOf(item);
      const isFound = look.isFound(item);
      const key = `${isFound ? 1 : DIM} ${hue < 0 ? colours.person : (colours.hues[hue % colours.hues.length] ?? colours.person)}`;
      let fill = fills.get(key);
      if (!fill) {
        fill = new Path2D();
        fills.set(key, fill);
      }
      if (item.ids.length > 1) {
        // A fold is a short thick line.
        fill.rect(
          at - size / 4,
          down - Math.max(size, pitch.y * 0.4),
          size / 2,
          Math.max(size, pitch.y * 0.4) * 2
        );
      } else {
        // What a person says is smaller: answers are what branches are about.
        add(fill, at, down, hue < 0 ? size * 0.36 : size / 2);
      }
      if (look.isHead(item)) {
        head = { at, down };
      }
      if (isRound && item.ids.length === 1) {
        if (!isFound) {
          add(ground, at, down, size / 2);
        }
        if (look.isFailed(item)) {
          add(failed, at, down, size / 2 + 2);
        } else if (look.isOnPath(item)) {
          add(shown, at, down, size / 2 + 2);
        }
      }
    }
  }
  // Lines do not shine through what was not found.
  context.fillStyle = colours.ground;
  context.fill(ground);
  for (const [key, fill] of fills) {
    const space = key.indexOf(' ');
    context.globalAlpha = Number(key.slice(0, space));
    context.fillStyle = key.slice(space + 1);
    context.fill(fill);
  }
  context.globalAlpha = 1;
  context.lineWidth = 1.5;
  context.strokeStyle = colours.path;
  context.stroke(shown);
  context.strokeStyle = colours.failed;
  context.stroke(failed);
  if (head) {
    const here = new Path2D();
    here.arc(head.at, head.down, Math.max(5, size / 2 + 4), 0, 2 * Math.PI);
    context.lineWidth = 3;
    context.strokeStyle = colours.path;
    context.stroke(here);
  }
}
