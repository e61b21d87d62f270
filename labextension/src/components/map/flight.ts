import type { Camera } from '../../model/map/camera';
import { Observable } from '../../model/observable';

/** How long the view takes to where a key or a button sends it. Milliseconds. */
const DURATION = 160;
const REDUCED = '(prefers-reduced-motion: reduce)';

/** Where the view of the map is, and its way to where it is sent. It moves once per frame, however often it is sent. */
export class Flight extends Observable {
  camera: Camera = { lane: 0, row: 0, zoom: 1 };
  /** Where it will be. */
  private target: Camera = this.camera;
  private from: { camera: Camera; at: number } | null = null;
  private frame = 0;

  dispose(): void {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
  }

  /** What a gesture goes on from: also while it is on its way. */
  get goal(): Camera {
    return this.target;
  }

  /** Be there at once: before anything is painted. */
  jump(camera: Camera): void {
    this.dispose();
    this.from = null;
    this.camera = this.target = camera;
    this.changed();
  }

  /** Go there: with the hand in the next frame, or smoothly, unless the person wants no motion. */
  go(camera: Camera, isSmooth = false): void {
    this.target = camera;
    this.from =
      isSmooth && !matchMedia(REDUCED).matches ? { camera: this.camera, at: performance.now() } : null;
    this.frame ||= requestAnimationFrame(this.step);
  }

  private readonly step = (now: number): void => {
    const { from, target } = this;
    const share = from ? Math.min(1, Math.max(0, (now - from.at) / DURATION)) : 1;
    this.camera = from && share < 1 ? mixed(from.camera, target, 1 - (1 - share) ** 3) : target;
    this.frame = share < 1 ? requestAnimationFrame(this.step) : 0;
    this.changed();
  };
}

function mixed(a: Camera, b: Camera, share: number): Camera {
  return {
    lane: a.lane + (b.lane - a.lane) * share,
    row: a.row + (b.row - a.row) * share,
    zoom: a.zoom * (b.zoom / a.zoom) ** share
  };
}
