import type { Client } from '../api/client';
import { errorInfo } from '../api/errors';
import type { ErrorInfo, Mention } from '../api/schema';
import { laterInPage } from './conversations';
import { Observable } from './observable';

/** How long somebody may go on typing before the server is asked. Milliseconds. */
const PAUSE_MS = 120;

/** The path that is looked through: its conversation, and the message that it ends with. */
export interface Looked {
  readonly id: string | null;
  readonly leaf: string | null;
}

/** One of the places where the text stands: in which message, and which one in it, from 0. */
export interface Spot {
  readonly id: string;
  readonly nth: number;
}

/** Where a text stands in the open conversation, loaded or not: asked of the server as somebody types, gone through one by one. */
export class Mentions extends Observable {
  text = '';
  error: ErrorInfo | null = null;
  /** What is known is not yet what `text` asks for. */
  isBehind = false;
  /** Which one is looked at, from 0; -1: none. */
  at = -1;
  private items: readonly Mention[] = [];
  private cancel: (() => void) | null = null;
  private asking: AbortController | null = null;

  constructor(
    private readonly client: Pick<Client, 'mentions'>,
    private readonly looked: () => Looked,
    /** Gives the place of a message that is in view in a list of messages: where one begins to look. */
    private readonly nearest: (ids: readonly string[]) => number,
    private readonly later: typeof laterInPage = laterInPage
  ) {
    super();
  }

  /** How often the text stands in the conversation. */
  get total(): number {
    return this.items.reduce((sum, { count }) => sum + count, 0);
  }

  get spot(): Spot | null {
    let before = 0;
    for (const { message_id: id, count } of this.items) {
      if (this.at >= before && this.at < before + count) {
        return { id, nth: this.at - before };
      }
      before += count;
    }
    return null;
  }

  find(text: string): void {
    if (text !== this.text) {
      this.text = text;
      this.look(PAUSE_MS);
    }
  }

  /** The conversation is another, or longer: look again, and stay where one is. */
  again(): void {
    if (this.text.trim()) {
      this.look(PAUSE_MS);
    }
  }

  /** Go to the next one, or the one before; behind the last comes the first. */
  step(by: 1 | -1): void {
    const { total } = this;
    if (total > 0) {
      this.at = (Math.max(this.at, by < 0 ? 0 : -1) + by + total) % total;
      this.changed();
    }
  }

  dispose(): void {
    this.cancel?.();
    this.asking?.abort();
    this.asking = null;
  }

  private look(pause: number): void {
    this.dispose();
    this.isBehind = this.text.trim() !== '';
    if (this.isBehind) {
      this.cancel = this.later(() => {
        void this.ask();
      }, pause);
    } else {
      this.take([]);
    }
    this.changed();
  }

  private async ask(): Promise<void> {
    const { id, leaf } = this.looked();
    const asking = (this.asking = new AbortController());
    try {
      const query = { q: this.text, ...(leaf === null ? {} : { leaf }) };
      const found = id === null ? [] : (await this.client.mentions(id, query, asking.signal)).items;
      if (this.asking === asking) {
        this.take(found);
      }
    } catch (thrown) {
      if (this.asking === asking) {
        this.take([]);
        this.error = errorInfo(thrown);
      }
    }
    this.changed();
  }

  private take(items: readonly Mention[]): void {
    const { spot } = this;
    this.items = items;
    this.error = null;
    this.isBehind = false;
    const ids = items.map(item => item.message_id);
    const stays = spot === null ? -1 : ids.indexOf(spot.id);
    const first = stays >= 0 ? stays : this.nearest(ids);
    const before = items.slice(0, first).reduce((sum, { count }) => sum + count, 0);
    const nth = stays >= 0 ? Math.min(spot?.nth ?? 0, (items[stays]?.count ?? 1) - 1) : 0;
    this.at = items.length > 0 ? before + nth : -1;
  }
}
