import type { Message, TreeNode } from '../api/schema';
import { isRunning, nodeOf, siblingsOf, type Node } from './node';

/**
 * What this page knows of a conversation's tree: the path that is shown, and its nodes. Of a long path the end is loaded first;
 * what is above is known by its outline and loaded when somebody looks at it.
 * Methods say which nodes changed, so that only these are drawn again. It fetches nothing.
 */
export class Tree {
  private readonly nodes = new Map<string, Node>();
  private readonly chosen = new Map<string | null, string>();
  /** What is known of messages whose bodies are not here. */
  private readonly outlined = new Map<string, Pick<TreeNode, 'parent_id' | 'role'>>();
  /** All messages of the conversation without their bodies, as the server told them last; none: it was not asked. */
  all: readonly TreeNode[] = [];
  private shown: readonly string[] = [];
  /** Messages that are being written: a long path is not walked to find them. */
  private readonly running = new Set<string>();

  /** Ids from the topmost known message to the head, loaded or not. A new array for every change. */
  get path(): readonly string[] {
    return this.shown;
  }

  get head(): Node | undefined {
    const id = this.shown.at(-1);
    return id === undefined ? undefined : this.nodes.get(id);
  }

  /** The last message of the path that is being written. */
  get runningOnPath(): Node | undefined {
    const last = Math.max(-1, ...[...this.running].map(id => this.shown.lastIndexOf(id)));
    return this.nodes.get(this.shown[last] ?? '');
  }

  get(id: string): Node | undefined {
    return this.nodes.get(id);
  }

  /** Whether the path begins at a root. */
  get isWhole(): boolean {
    const top = this.shown[0];
    return top === undefined || this.parentOf(top) === null;
  }

  roleOf(id: string): Message['role'] | undefined {
    return this.nodes.get(id)?.message.role ?? this.outlined.get(id)?.role;
  }

  /** The end of the path as the server tells it. What is above and already known stays. */
  show(messages: readonly Message[]): string[] {
    const first = messages[0]?.id;
    const joint = first === undefined ? -1 : this.shown.indexOf(first);
    const kept = joint > 0 ? this.shown.slice(0, joint) : [];
    const touched = this.load(messages);
    this.setPath([...kept, ...messages.map(message => message.id)]);
    return touched;
  }

  /** Messages from anywhere in the tree. */
  load(messages: readonly Message[]): string[] {
    return messages.filter(message => this.learn(message)).map(message => message.id);
  }

  /** Show what is above the first shown message too. `all` are the messages of the tree, without their bodies. */
  outline(all: readonly TreeNode[]): void {
    this.all = all;
    const known = new Map(all.map(node => [node.id, node]));
    const above: string[] = [];
    const top = this.shown[0];
    let at = top === undefined ? undefined : known.get(this.parentOf(top) ?? '');
    while (at) {
      above.push(at.id);
      this.outlined.set(at.id, { parent_id: at.parent_id, role: at.role });
      at = known.get(at.parent_id ?? '');
    }
    if (above.length > 0) {
      this.setPath([...above.reverse(), ...this.shown]);
    }
  }

  /** Put a message under its parent and show it; what was shown below the parent is another branch now. */
  grow(message: Message): void {
    const at = message.parent_id === null ? 0 : this.shown.indexOf(message.parent_id) + 1;
    const displaced = this.shown[at];
    const group = displaced === undefined ? [] : this.siblings(displaced);
    const sibling_ids = [...group.filter(id => id !== message.id), message.id];
    this.keep(message.id, nodeOf({ ...message, sibling_ids }));
    group.forEach(id => {
      this.patch(id, { sibling_ids });
    });
    this.setPath([...this.shown.slice(0, at), message.id]);
  }

  /** Put a message beside `beside`; what is shown stays. */
  plant(beside: string, message: Message): void {
    const group = this.siblings(beside);
    const sibling_ids = [...group.filter(id => id !== message.id), message.id];
    this.keep(message.id, nodeOf({ ...message, sibling_ids }));
    group.forEach(id => {
      this.patch(id, { sibling_ids });
    });
  }

  /** Take back what `grow` did, when it came to nothing. The rest of the path is to be fetched again. */
  prune(id: string): void {
    const group = this.siblings(id).filter(sibling => sibling !== id);
    this.drop(id);
    group.forEach(sibling => {
      this.patch(sibling, { sibling_ids: group });
    });
    const at = this.shown.indexOf(id);
    if (at >= 0) {
      this.setPath(this.shown.slice(0, at));
    }
  }

  /** Show again what was shown before. */
  restore(path: readonly string[]): void {
    this.setPath(path.filter(id => this.nodes.has(id)));
  }

  /** The server gave an id to what was sent from here. */
  rename(from: string, to: string): void {
    const node = this.nodes.get(from);
    if (!node || from === to) {
      return;
    }
    this.drop(from);
    this.keep(to, { ...node, message: { ...node.message, id: to } });
    for (const [id, other] of this.nodes) {
      const { parent_id, sibling_ids } = other.message;
      if (parent_id === from) {
        this.patch(id, { parent_id: to });
      }
      if (sibling_ids.includes(from)) {
        this.patch(id, { sibling_ids: sibling_ids.map(sibling => (sibling === from ? to : sibling)) });
      }
    }
    this.setPath(this.shown.map(id => (id === from ? to : id)));
  }

  put(id: string, node: Node): void {
    this.keep(id, node);
  }

  patch(id: string, changes: Partial<Message>): void {
    const node = this.nodes.get(id);
    if (node) {
      this.keep(id, { ...node, message: { ...node.message, ...changes } });
    }
  }

  siblings(id: string): string[] {
    const node = this.nodes.get(id);
    return node ? siblingsOf(node.message) : [];
  }

  /** The leaf to show when `id` is chosen: down the branch that was shown last, else the newest. */
  leafBelow(id: string, all: readonly { id: string; parent_id: string | null }[]): string {
    const children = new Map<string | null, string[]>();
    for (const { id: child, parent_id } of all) {
      children.set(parent_id, [...(children.get(parent_id) ?? []), child]);
    }
    let leaf = id;
    for (;;) {
      const below = children.get(leaf);
      if (!below?.length) {
        return leaf;
      }
      const last = this.chosen.get(leaf);
      leaf = last !== undefined && below.includes(last) ? last : below.reduce((a, b) => (a > b ? a : b));
    }
  }

  private keep(id: string, node: Node): void {
    this.nodes.set(id, node);
    if (isRunning(node.message)) {
      this.running.add(id);
    } else {
      this.running.delete(id);
    }
  }

  private drop(id: string): void {
    this.nodes.delete(id);
    this.running.delete(id);
  }

  private parentOf(id: string): string | null | undefined {
    const known = this.nodes.get(id)?.message ?? this.outlined.get(id);
    return known?.parent_id;
  }

  private setPath(path: readonly string[]): void {
    this.shown = path;
    let parent = path[0] === undefined ? undefined : this.parentOf(path[0]);
    for (const id of path) {
      if (parent !== undefined) {
        this.chosen.set(parent, id);
      }
      parent = id;
    }
  }

  /** Take over what the server says of a message; true when there is something new in it. */
  private learn(told: Message): boolean {
    const known = this.nodes.get(told.id);
    if (!known) {
      this.keep(told.id, nodeOf(told));
      return true;
    }
    const message = this.withAwaited(told, known.message);
    if (isRunning(message) && known.message.run_id === message.run_id) {
      // The events know better what it says by now, also that it has ended.
      const { sibling_ids } = message;
      return this.replaceIfChanged(known, { ...known.message, sibling_ids });
    }
    const { key, thoughts, calls } = known;
    if (sameAnswer(known.message, message)) {
      return this.replaceIfChanged(known, { ...message, parts: known.message.parts });
    }
    this.keep(message.id, {
      ...nodeOf(message, key),
      isNews: isRunning(known.message) && !isRunning(message),
      ...(isRunning(message) ? {} : { thoughts, calls })
    });
    return true;
  }

  /**
   * What it says may be older than an answer that is being asked for here and stands beside: that one stays. Or newer, so that it
   * has the id that this page is not told yet: the same answer would stand there twice, and the one that has the focus would go.
   */
  private withAwaited(told: Message, known: Message): Message {
    const { id, sibling_ids } = told;
    const awaited = siblingsOf(known).filter(
      one => one !== id && this.running.has(one) && !sibling_ids.includes(one)
    );
    if (awaited.length === 0) {
      return told;
    }
    const isNameless = awaited.some(one => !this.nodes.get(one)?.message.run_id);
    const others = siblingsOf(told).filter(one => !isNameless || one === id || this.nodes.has(one));
    return { ...told, sibling_ids: [...others, ...awaited] };
  }

  private replaceIfChanged(known: Node, message: Message): boolean {
    if (sameMarks(known.message, message)) {
      return false;
    }
    this.keep(message.id, { ...known, message });
    return true;
  }
}

/** What can be different in a finished message: what stands beside it, and what people mark it with. */
function sameMarks(a: Message, b: Message): boolean {
  return (
    a.sibling_ids.join() === b.sibling_ids.join() &&
    a.status === b.status &&
    a.pinned === b.pinned &&
    a.starred === b.starred &&
    JSON.stringify(a.rating ?? null) === JSON.stringify(b.rating ?? null)
  );
}

/** The words of a finished message never change, unless another run has gone on with it. */
function sameAnswer(a: Message, b: Message): boolean {
  return (
    !isRunning(a) &&
    a.status === b.status &&
    a.run_id === b.run_id &&
    a.parts.length === b.parts.length &&
    a.role === b.role
  );
}
