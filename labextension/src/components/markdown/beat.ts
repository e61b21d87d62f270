import { typing } from '../typing';

/** Not more often than this; nobody reads faster. Milliseconds. */
const INTERVAL = 30;
/** Drawing may take this part of the time at most: what is costly to draw is drawn less often. */
const SHARE = 4;
/** While somebody types, not more often than this: a key has to wait for what is being drawn. */
const INTERVAL_WHILE_TYPING = 120;
/** But soon after a key, when that one has been seen and the next one is not to be expected yet. */
const AFTER_KEY = 20;
/** A frame is asked for that much before it is time for it: half of one, so that it is not the one before. */
const AHEAD = 8;

/** Calls `draw` in frames, for as long as it says that there is more to draw; not in every frame, and not in that of a key. */
export class Beat {
  private frame = 0;
  private timer = 0;
  private isPutOff = false;
  private leaveTyping: (() => void) | null = null;

  constructor(private readonly draw: (now: number) => boolean) {}

  get isGoing(): boolean {
    return this.frame !== 0 || this.timer !== 0;
  }

  readonly start = (): void => {
    this.stop();
    this.frame = requestAnimationFrame(this.beat);
  };

  stop(): void {
    cancelAnimationFrame(this.frame);
    window.clearTimeout(this.timer);
    this.leaveTyping?.();
    this.leaveTyping = null;
    this.frame = this.timer = 0;
  }

  private readonly beat = (): void => {
    this.frame = 0;
    if (!this.isPutOff && typing.isDue) {
      this.isPutOff = true;
      this.start();
      return;
    }
    this.isPutOff = false;
    // Not the time that the frame gives: what is drawn arrived by this clock.
    const begun = performance.now();
    if (this.draw(begun)) {
      this.rest(begun, performance.now());
    }
  };

  /** No frame is asked for meanwhile: whatever else changes is seen without waiting for one that is on its way. */
  private rest(begun: number, drawn: number): void {
    const soonest = begun + Math.max(INTERVAL, (drawn - begun) * SHARE);
    const latest = Math.max(soonest, begun + INTERVAL_WHILE_TYPING);
    const at = (moment: number): void => {
      window.clearTimeout(this.timer);
      this.timer = window.setTimeout(this.start, moment - AHEAD - performance.now());
    };
    at(typing.isGoingOn ? latest : soonest);
    this.leaveTyping = typing.onKey(() => {
      at(Math.min(latest, Math.max(soonest, performance.now() + AFTER_KEY + AHEAD)));
    });
  }
}
