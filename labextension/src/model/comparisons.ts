import type { Client } from '../api/client';
import { isRunning, type Node, siblingsOf } from './node';
import type { Reading } from './reading';
import type { Room } from './room';
import type { Trouble } from './trouble';

/** Remembers what is open, by name. */
export interface FoldMemory {
  get: (name: string) => boolean | undefined;
  set: (name: string, isOpen: boolean) => unknown;
}

export interface ComparisonsOptions {
  client: Pick<Client, 'messages'>;
  room: Room;
  reading: Reading;
  trouble: Trouble;
  folds: FoldMemory;
  changed: () => void;
}

/**
 * Answers to one question that stand side by side. They are siblings in the tree like all branches; here is kept of which
 * questions they are shown together, and which of them one looks at where there is room for one only.
 */
export class Comparisons {
  /** Keys of questions that the server may not know yet. */
  private readonly opened = new Set<string>();
  /** The key of the answer that is looked at, by the key of its question. Ids change when the server gives its own. */
  private readonly looked = new Map<string, string>();
  private readonly loading = new Set<string>();

  constructor(private readonly options: ComparisonsOptions) {}

  /** The answers shown beside `id`, itself among them; null: it stands alone. */
  of(id: string): readonly string[] | null {
    const question = this.questionOf(id);
    return question && this.isOpen(question) ? this.beside(id) : null;
  }

  /** Whether there are other answers to the question of `id`. */
  canOpen(id: string): boolean {
    return this.questionOf(id) !== null && this.beside(id) !== null;
  }

  open(id: string): void {
    this.set(id, true);
  }

  close(id: string): void {
    this.set(id, false);
  }

  /** The one of them that is looked at, and that what is said next goes below; the one on the path, if nobody chose. */
  at(id: string): string {
    const looked = this.looked.get(this.questionOf(id)?.key ?? '');
    const found = this.beside(id)?.find(one => (this.tree.get(one)?.key ?? one) === looked);
    return found ?? id;
  }

  look(id: string, at: string): void {
    const question = this.questionOf(id);
    if (question) {
      this.looked.set(question.key, this.tree.get(at)?.key ?? at);
      this.options.changed();
    }
  }

  /** All answers that are shown beside one of `path`. */
  along(path: readonly string[]): string[] {
    return path.flatMap(id => this.of(id) ?? []);
  }

  /** One of those beside the answer `id` that is being written. */
  running(id: string | undefined): Node | null {
    const nodes = (id === undefined ? null : this.of(id))?.map(one => this.tree.get(one));
    return nodes?.find(node => node && isRunning(node.message)) ?? null;
  }

  /** Fetch those beside `id` that are not here yet. */
  async load(id: string): Promise<void> {
    const { client, room, reading, trouble } = this.options;
    const { id: conversation } = room;
    const missing = (this.of(id) ?? []).filter(one => !this.tree.get(one) && !this.loading.has(one));
    if (!conversation || missing.length === 0) {
      return;
    }
    missing.forEach(one => this.loading.add(one));
    try {
      const pages = await Promise.all(missing.map(leaf => client.messages(conversation, { leaf, limit: 1 })));
      reading.learn(pages.flatMap(page => page.items));
    } catch (thrown) {
      if (!room.isLost(thrown)) {
        trouble.raise(thrown, () => void this.load(id));
      }
    } finally {
      missing.forEach(one => this.loading.delete(one));
    }
  }

  private get tree(): Reading['tree'] {
    return this.options.reading.tree;
  }

  private set(id: string, isOpen: boolean): void {
    const question = this.questionOf(id);
    if (!question || this.isOpen(question) === isOpen) {
      return;
    }
    const { key, message } = question;
    if (isOpen) {
      this.opened.add(key);
    } else {
      this.opened.delete(key);
      this.looked.delete(key);
    }
    if (!message.id.startsWith('local-')) {
      this.options.folds.set(nameOf(message.id), isOpen);
    }
    this.options.reading.follow();
    this.options.changed();
  }

  /** The server has taken the question of `id`: that its answers stand side by side survives a reload from here on. */
  keep(id: string): void {
    const question = this.questionOf(id);
    if (question && this.opened.has(question.key)) {
      this.options.folds.set(nameOf(question.message.id), true);
    }
  }

  private isOpen({ key, message }: Node): boolean {
    return this.opened.has(key) || this.options.folds.get(nameOf(message.id)) === true;
  }

  private questionOf(id: string): Node | null {
    const message = this.tree.get(id)?.message;
    const question = message?.role === 'assistant' ? this.tree.get(message.parent_id ?? '') : undefined;
    return question ?? null;
  }

  private beside(id: string): readonly string[] | null {
    const message = this.tree.get(id)?.message;
    const all = message ? siblingsOf(message) : [];
    return all.length > 1 ? all : null;
  }
}

function nameOf(question: string): string {
  return `compare:${question}`;
}
