import type { ErrorInfo, Message } from '../api/schema';
import { isRunning, type Node, nodeOf } from '../model/node';
import { Observable } from '../model/observable';
import { applyEvent, GAP } from '../model/reduce';
import type { Choice, Line, Told } from './line';

/** The kernel has not heard a question after so long: it works, or is gone. Milliseconds. */
const PATIENCE = 1500;
/** The conversation is not looked at more often than this. Milliseconds. */
const RARELY = 2000;

/** What stands in one place: a message, or the answers of several models side by side. */
export interface Place {
  /** The one on the branch that is shown. */
  readonly shown: string;
  readonly ids: readonly string[];
}

/** One conversation as an output shows it: the branch that is shown, which the kernel tells, and what is being asked. */
export class Talk extends Observable {
  /** Null: no kernel has said anything, and nothing is to be drawn. */
  places: readonly Place[] | null = null;
  model: string | null = null;
  /** Those that are all asked each question; none: `model` is. */
  models: readonly string[] = [];
  choices: readonly Choice[] = [];
  draft = '';
  error: ErrorInfo | null = null;
  /** The error is about what was asked here: it stays until something is asked again. */
  private isRefused = false;
  /** A question that the kernel has not heard yet. */
  sending: { readonly id: string; readonly isLate: boolean } | null = null;
  /** That question as it was written. */
  private sent = '';
  private nodes: ReadonlyMap<string, Node> = new Map();
  /** The answer that was looked at last of those in one place, by the one that is on the branch. */
  private readonly looks = new Map<string, string>();
  private readonly hangUp: () => void;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private looked = -RARELY;
  private asked = 0;
  /** Answers whose events were asked for again, and have not come yet. */
  private readonly missed = new Set<string>();

  constructor(
    private readonly line: Line,
    private readonly now: () => number
  ) {
    super();
    this.hangUp = line.listen(told => {
      this.take(told);
    });
    line.send({ type: 'hello' });
  }

  get isRunning(): boolean {
    return [...this.nodes.values()].some(node => isRunning(node.message));
  }

  node(id: string): Node | undefined {
    return this.nodes.get(id);
  }

  /** What a model is called. */
  label(model: string | null | undefined): string {
    return this.choices.find(choice => choice.id === model)?.label ?? model ?? '';
  }

  write(draft: string): void {
    this.draft = draft;
    this.changed();
  }

  ask(): void {
    const text = this.draft.trim();
    if (!text || this.sending || this.isRunning) {
      return;
    }
    this.asked += 1;
    const id = `${this.now()}-${this.asked}`;
    this.sending = { id, isLate: false };
    this.sent = this.draft;
    this.error = null;
    this.isRefused = false;
    this.timer = setTimeout(() => {
      this.sending = { id, isLate: true };
      this.changed();
    }, PATIENCE);
    this.line.send({ type: 'ask', id, text });
    this.changed();
  }

  /** One answer, or all that are being given. */
  stop(id?: string): void {
    this.line.send(id === undefined ? { type: 'stop' } : { type: 'stop', message_id: id });
  }

  /** The next question goes on from this answer. */
  goOn(id: string): void {
    this.line.send({ type: 'choose', message_id: id });
  }

  /** The answer that is seen, where there is room for one of them only. */
  seen({ shown }: Place): string {
    return this.looks.get(shown) ?? shown;
  }

  see({ shown }: Place, id: string): void {
    this.looks.set(shown, id);
    this.changed();
  }

  choose(model: string): void {
    this.model = model;
    this.line.send({ type: 'model', model });
    this.changed();
  }

  /** Somebody looks: what was said elsewhere is to be seen. */
  look(): void {
    if (this.places && this.now() - this.looked >= RARELY) {
      this.looked = this.now();
      this.line.send({ type: 'refresh' });
    }
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.hangUp();
  }

  private take(told: Told): void {
    switch (told.type) {
      case 'state':
        this.model = told.model;
        this.missed.clear();
        if (!this.isRefused) {
          this.error = null;
        }
        this.models = told.models;
        this.places = told.turns.map(({ shown, messages }) => ({ shown, ids: messages.map(({ id }) => id) }));
        this.nodes = new Map(
          told.turns.flatMap(turn => turn.messages).map(message => [message.id, this.renewed(message)])
        );
        break;
      case 'models':
        this.choices = told.items;
        break;
      case 'heard':
        // What was written since then is the next question.
        if (this.isHeard(told.id) && this.draft.startsWith(this.sent)) {
          this.draft = this.draft.slice(this.sent.length).trimStart();
        }
        break;
      case 'refused':
        // What was written stays, to be sent again. What another output of this chat asked is said there.
        if (this.isHeard(told.id)) {
          this.isRefused = true;
          this.error = told.error;
        } else if (told.id === '') {
          this.isRefused = told.stays ?? false;
          this.error = told.error;
          this.draft ||= told.text ?? '';
        }
        break;
      case 'event':
        this.follow(told);
        break;
      default:
        return;
    }
    this.changed();
  }

  /** Whether it is what was asked here. */
  private isHeard(id: string): boolean {
    if (this.sending?.id !== id) {
      return false;
    }
    clearTimeout(this.timer);
    this.sending = null;
    return true;
  }

  private renewed(message: Message): Node {
    const known = this.nodes.get(message.id);
    // The events know better what it says by now.
    const isFollowed =
      known && known.seq > 0 && isRunning(message) && known.message.run_id === message.run_id;
    return isFollowed ? known : nodeOf(message);
  }

  private follow({ message_id, event }: Extract<Told, { type: 'event' }>): void {
    const node = this.nodes.get(message_id);
    if (!node) {
      return;
    }
    const next = applyEvent(node, event, this.now());
    if (next !== GAP) {
      this.missed.delete(message_id);
      this.nodes = new Map([...this.nodes, [message_id, next]]);
    } else if (!this.missed.has(message_id)) {
      this.missed.add(message_id);
      this.line.send({ type: 'replay', message_id });
    }
  }
}
