import type { Client } from '../api/client';
import type { Notice } from '../api/stream';
import { Observable } from './observable';

export type ActivityClient = Pick<Client, 'activeRuns' | 'usage'>;

/**
 * What goes on: the answers that are being written, in all conversations and on all pages of this person, and what today's
 * have cost. It is told by the server and asks only what it was not told.
 */
export class Activity extends Observable {
  /** Run → its conversation. */
  private running = new Map<string, string>();
  private cost = 0;
  private day = '';
  private isCounting = false;
  private countAgain = false;

  constructor(
    private readonly client: ActivityClient,
    private readonly now: () => Date = () => new Date()
  ) {
    super();
  }

  /** How many answers are being written. */
  get answering(): number {
    return this.running.size;
  }

  /** The conversation in which an answer was begun last and goes on, if any. */
  get conversation(): string | null {
    return [...this.running.values()].at(-1) ?? null;
  }

  /** What today's answers have cost, in US dollars, as far as their price is known. */
  get costToday(): number {
    return this.day === this.now().toDateString() ? this.cost : 0;
  }

  /** Look at everything. */
  async refresh(): Promise<void> {
    await Promise.all([this.look(), this.countCost()]);
  }

  take({ what, run_id: run, conversation_id: conversation }: Notice): void {
    if (what === 'run.started' && run && conversation) {
      this.running.set(run, conversation);
      this.changed();
    } else if (what === 'run.finished' && run) {
      this.running.delete(run);
      this.changed();
      void this.countCost();
    } else if (what === 'missed') {
      void this.refresh();
    } else if (what === 'conversation.deleted') {
      this.running = new Map([...this.running].filter(([, id]) => id !== conversation));
      this.changed();
    }
  }

  private async look(): Promise<void> {
    try {
      const { items } = await this.client.activeRuns();
      this.running = new Map(items.map(({ id, conversation_id: conversation }) => [id, conversation]));
      this.changed();
    } catch {
      // The next notice, or the next return of the server, says it again.
    }
  }

  private async countCost(): Promise<void> {
    if (this.isCounting) {
      this.countAgain = true;
      return;
    }
    this.isCounting = true;
    const midnight = this.now();
    midnight.setHours(0, 0, 0, 0);
    try {
      const { cost_usd: cost } = await this.client.usage({ since: midnight.toISOString() });
      this.cost = cost;
      this.day = midnight.toDateString();
      this.changed();
    } catch {
      // It is counted again with the next answer.
    }
    this.isCounting = false;
    if (this.countAgain) {
      this.countAgain = false;
      await this.countCost();
    }
  }
}
