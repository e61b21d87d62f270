import { Observable } from './observable';

/** The server's version, and whether it is still the one that this page was made with. */
export class Version extends Observable {
  private first: string | null = null;
  private last: string | null = null;
  private dismissed: string | null = null;

  /** The version to reload for; null: nothing has changed, or a person does not want to hear of it. */
  get update(): string | null {
    return this.last !== this.first && this.last !== this.dismissed ? this.last : null;
  }

  /** The server says its version. */
  hear(version: string): void {
    if (version && version !== this.last) {
      this.first ??= version;
      this.last = version;
      this.changed();
    }
  }

  dismiss(): void {
    this.dismissed = this.last;
    this.changed();
  }
}
