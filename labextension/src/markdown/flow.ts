/** No character waits longer than this to be shown. Milliseconds. */
const LONGEST = 230;
/** When no more will come, what is left is shown within this time. Milliseconds. */
const CATCH_UP = 120;
const SHORTEST = 24;

/**
 * How much of a growing text to show when: what arrives in bursts flows out evenly. It learns how far apart the bursts are and
 * spreads each over about that time, never beyond `LONGEST`. Pure: it is told the time.
 */
export class Flow {
  private readonly due: { end: number; at: number }[] = [];
  private shown: number;
  private length: number;
  private arrived: number | null = null;
  private ticked = 0;
  private gap = SHORTEST;

  constructor(length: number) {
    this.shown = length;
    this.length = length;
  }

  /** Nothing is waiting. */
  get isLevel(): boolean {
    return this.due.length === 0;
  }

  /** So much text is there now. */
  reach(length: number, now: number): void {
    if (length === this.length) {
      return;
    }
    if (length < this.length) {
      this.jump(length);
      return;
    }
    if (this.arrived !== null) {
      const gap = Math.min(now - this.arrived, LONGEST);
      // Quick to widen, slow to narrow: a burst after a pause is likely followed by another pause.
      this.gap = gap > this.gap ? (this.gap + gap) / 2 : this.gap * 0.85 + gap * 0.15;
    }
    if (this.isLevel) {
      this.ticked = now;
    }
    this.arrived = now;
    this.length = length;
    this.due.push({ end: length, at: now + Math.min(LONGEST, Math.max(SHORTEST, this.gap * 1.25)) });
  }

  /** No more will come. */
  finish(now: number): void {
    for (const one of this.due) {
      one.at = Math.min(one.at, now + CATCH_UP);
    }
  }

  /** Show everything at once. */
  jump(length: number): void {
    this.shown = this.length = length;
    this.due.length = 0;
  }

  /** How many characters to show now. */
  at(now: number): number {
    const passed = Math.max(0, now - this.ticked);
    this.ticked = now;
    let rate = 0;
    for (const { end, at } of this.due) {
      if (at <= now) {
        this.shown = Math.max(this.shown, end);
      } else {
        rate = Math.max(rate, (end - this.shown) / (at - now + passed));
      }
    }
    this.shown = Math.min(this.length, this.shown + rate * passed);
    while (this.due[0] && this.due[0].end <= this.shown + 0.5) {
      this.shown = Math.max(this.shown, this.due[0].end);
      this.due.shift();
    }
    return Math.floor(this.shown);
  }
}

/** What belongs to the sign before it: marks, joiners, skin tones, the second half of a pair. */
const FOLLOWER = /^(?:[\uDC00-\uDFFF]|\p{M}|\u200d|\ud83c[\udffb-\udfff])/u;

/** The longest beginning of `text` of at most `length` characters that does not end inside of one that a person sees. */
export function cutAt(text: string, length: number): string {
  let end = Math.min(length, text.length);
  const limit = Math.min(text.length, length + 16);
  while (end < limit && (FOLLOWER.test(text.slice(end, end + 2)) || isJoined(text, end))) {
    end += 1;
  }
  return text.slice(0, end);
}

/** A joiner binds what follows, too, which may be a pair. */
function isJoined(text: string, end: number): boolean {
  return text[end - 1] === '\u200d' || /[\uD800-\uDBFF]$/.test(text[end - 1] ?? '');
}
