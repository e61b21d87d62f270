/** Which title a person is editing in a panel. */
export class Titling {
  /** That of the conversation that is shown. */
  isHere = false;
  /** That of this conversation, in the list. */
  listed: string | null = null;

  constructor(private readonly changed: () => void) {}

  /** Whoever writes a title keeps the cursor. */
  get isOpen(): boolean {
    return this.isHere || this.listed !== null;
  }

  /** Let the person edit the title of what is shown. */
  begin(): void {
    this.isHere = true;
    this.changed();
  }

  end(): void {
    this.isHere = false;
    this.changed();
  }

  /** Let the person edit a title in the list; null: no longer. */
  beginListed(id: string | null): void {
    this.listed = id;
    this.changed();
  }

  /** Another conversation is shown. */
  clear(): void {
    this.isHere = false;
  }
}
