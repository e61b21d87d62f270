/** Where rows of different heights stand, one below the other. Pixels from the top of the first. */
export class Layout {
  private heights: number[] = [];
  private tops: number[] = [0];
  /** `tops` is right up to here. */
  private valid = 0;

  get length(): number {
    return this.heights.length;
  }

  get total(): number {
    return this.top(this.length);
  }

  set(heights: number[]): void {
    this.heights = heights;
    this.tops = [0];
    this.valid = 0;
  }

  height(index: number): number {
    return this.heights[index] ?? 0;
  }

  resize(index: number, height: number): void {
    this.heights[index] = height;
    this.valid = Math.min(this.valid, index);
  }

  /** Where a row begins; that of the row after the last one is the total. */
  top(index: number): number {
    const wanted = Math.max(0, Math.min(index, this.length));
    for (; this.valid < wanted; this.valid++) {
      this.tops[this.valid + 1] = (this.tops[this.valid] ?? 0) + this.height(this.valid);
    }
    return this.tops[wanted] ?? 0;
  }

  /** The row at `y`; the first or the last one when that is outside. */
  at(y: number): number {
    let low = 0;
    let high = Math.max(0, this.length - 1);
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.top(middle) <= y) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }
}
