import type { Client } from '../api/client';
import type { ContextCount } from '../api/schema';
import { Observable } from './observable';

/** Conversation, the message that comes before, the model that answers, and the instructions: what a count is about. */
type Turn = [conversation: string | null, leaf: string | null, model: string | null, instructions: string];

/** What the server counts for the next turn of a conversation, as it was last asked. */
export class Gauge extends Observable {
  private known: { key: string; count: ContextCount } | null = null;
  private asked = '';

  constructor(private readonly client: Pick<Client, 'context'>) {
    super();
  }

  /** The count for a turn; null where the server has not said it, or was asked for another since. */
  of(...turn: Turn): ContextCount | null {
    return this.known?.key === turn.join(' ') ? this.known.count : null;
  }

  /** Have it counted, once for each turn. */
  async ask(conversation: string, leaf: string, model: string, instructions: string): Promise<void> {
    const key = [conversation, leaf, model, instructions].join(' ');
    if (this.asked === key) {
      return;
    }
    this.asked = key;
    try {
      const count = await this.client.context(conversation, { leaf, model });
      if (this.asked === key) {
        this.known = { key, count };
        this.changed();
      }
    } catch {
      this.asked = ''; // the estimate of the page stands
    }
  }
}
