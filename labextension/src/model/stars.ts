import type { Client } from '../api/client';
import { errorInfo } from '../api/errors';
import type { ErrorInfo, StarredMessage } from '../api/schema';
import { Observable } from './observable';

/** Starred messages of all conversations, those starred last first. */
export class Stars extends Observable {
  items: readonly StarredMessage[] = [];
  isLoading = false;
  error: ErrorInfo | null = null;
  private next: string | null = null;

  constructor(private readonly client: Pick<Client, 'stars' | 'changeMessage'>) {
    super();
  }

  get hasMore(): boolean {
    return this.next !== null;
  }

  /** From the beginning. */
  load(): Promise<void> {
    return this.fetch(null);
  }

  /** What follows, if there is more. */
  async more(): Promise<void> {
    const { next } = this;
    if (next !== null && !this.isLoading) {
      await this.fetch(next);
    }
  }

  /** It need not be found again. */
  async remove({ conversation_id, message_id }: StarredMessage): Promise<void> {
    const at = this.items.findIndex(item => item.message_id === message_id);
    const removed = this.items.slice(at, at + 1);
    this.items = this.items.filter(item => item.message_id !== message_id);
    this.changed();
    try {
      await this.client.changeMessage(conversation_id, message_id, { starred: false });
    } catch (thrown) {
      this.items = [...this.items.slice(0, at), ...removed, ...this.items.slice(at)];
      this.error = errorInfo(thrown);
      this.changed();
    }
  }

  private async fetch(cursor: string | null): Promise<void> {
    this.isLoading = true;
    this.error = null;
    this.changed();
    try {
      const page = await this.client.stars(cursor === null ? {} : { cursor });
      this.items = cursor === null ? page.items : [...this.items, ...page.items];
      this.next = page.next;
    } catch (thrown) {
      this.error = errorInfo(thrown);
    }
    this.isLoading = false;
    this.changed();
  }
}
