/** Which messages are being put into other words. */
export class Edits {
  private readonly open = new Set<string>();
  private wanted: string | null = null;

  constructor(private readonly changed: () => void) {}

  has(id: string): boolean {
    return this.open.has(id);
  }

  begin(id: string): void {
    this.open.add(id);
    this.wanted = id;
    this.changed();
  }

  end(id: string): void {
    this.open.delete(id);
    this.changed();
  }

  /** Whether the field for `id` should take the cursor: once, when editing begins, and not when it is scrolled back into view. */
  takesCursor(id: string): boolean {
    const isWanted = this.wanted === id;
    this.wanted = null;
    return isWanted;
  }
}
