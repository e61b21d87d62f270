import type { ChatModel } from '../../model/chat';
import type { Heights } from '../../model/heights';
import { Layout } from '../layout';
import { Ruler } from './ruler';

/** The messages of a thread as rows, one below the other: which there are, how high they are and where they stand. */
export class Rows {
  /** By message. */
  path: readonly string[] = [];
  /** By what stays the same when a message gets its id from the server. */
  keys: readonly string[] = [];
  readonly layout = new Layout();

  private readonly ruler: Ruler;
  private loaded = 0;

  constructor(
    private readonly chat: ChatModel,
    heights: Heights
  ) {
    this.ruler = new Ruler(chat, heights);
  }

  /** -1: there is no such row. */
  indexOf(key: string | null | undefined): number {
    return key === null || key === undefined ? -1 : this.keys.indexOf(key);
  }

  isQuestion(index: number): boolean {
    return this.chat.tree.roleOf(this.path[index] ?? '') === 'user';
  }

  get lastQuestion(): number {
    for (let index = this.path.length - 1; index >= 0; index--) {
      if (this.isQuestion(index)) {
        return index;
      }
    }
    return -1;
  }

  /** The chat shows other messages than these, or knows more of them. */
  get isOld(): boolean {
    const { path } = this.chat.tree;
    return path !== this.path || this.countLoaded() !== this.loaded;
  }

  /** Be those that the chat shows. */
  renew(): void {
    this.path = this.chat.tree.path;
    this.keys = this.keysOf(this.path);
    this.loaded = this.countLoaded();
    this.layOut();
  }

  /** The keys of those that the chat shows now. */
  nextKeys(): ReadonlySet<string> {
    return new Set(this.keysOf(this.chat.tree.path));
  }

  /** The thread is so wide and its text looks so. True if rows have other heights now. */
  fit(width: number, style: CSSStyleDeclaration): boolean {
    const isOther = this.ruler.fit(width, style);
    if (isOther) {
      this.layOut();
    }
    return isOther;
  }

  /** Take the heights from the page, in which the rows from `first` on are drawn. */
  measure({ children }: HTMLElement, first: number): void {
    for (let at = 0; at < children.length; at++) {
      const index = first + at;
      const row = children[at] as HTMLElement;
      const key = this.keys[index];
      if (key === undefined || row.dataset['key'] !== key || row.dataset['loaded'] === undefined) {
        continue;
      }
      const { height } = row.getBoundingClientRect();
      if (this.ruler.note(this.path[index] ?? key, key, height)) {
        this.layout.resize(index, height);
      }
    }
  }

  private layOut(): void {
    this.layout.set(this.ruler.measure(this.path, this.keys));
  }

  private keysOf(path: readonly string[]): string[] {
    return path.map(id => this.chat.node(id)?.key ?? id);
  }

  private countLoaded(): number {
    return this.path.reduce((sum, id) => sum + (this.chat.node(id) ? 1 : 0), 0);
  }
}
