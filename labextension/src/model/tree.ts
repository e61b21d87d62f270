import type { Message } from '../api/schema';
import { isRunning, nodeOf, siblingsOf, type Node } from './node';

/**
 * What this page knows of a conversation's tree: the path that is shown, as far up as it was loaded, and its nodes.
 * Methods say which nodes changed, so that only these are drawn again. It fetches nothing.
 */
export class Tree {
  private readonly nodes = new Map<string, Node>();
  private readonly chosen = new Map<string | null, string>();
  private shown: readonly string[] = [];
  /** Where the messages above the first shown one are fetched from; null: there are none. */
  older: string | null = null;

  /** Ids from the topmost loaded message to the head. A new array for every change. */
  get path(): readonly string[] {
    return this.shown;
  }

  get head(): Node | undefined {
    const id = this.shown.at(-1);
    return id === undefined ? undefined : this.nodes.get(id);
  }

  get(id: string): Node | undefined {
    return this.nodes.get(id);
  }

  /** The path as the server tells it: the last page of it, and the cursor to what is above. What is above and already here stays. */
  show(messages: readonly Message[], older: string | null): string[] {
    const first = messages[0]?.id;
    const joint = first === undefined ? -1 : this.shown.indexOf(first);
    const kept = joint > 0 ? this.shown.slice(0, joint) : [];
    if (joint <= 0) {
      this.older = older;
    }
    const touched = messages.filter(message => this.learn(message)).map(message => message.id);
    this.setPath([...kept, ...messages.map(message => message.id)]);
    return touched;
  }

  /** A page of messages above the first shown one. */
  prepend(messages: readonly Message[], older: string | null): void {
    messages.forEach(message => this.learn(message));
    this.older = older;
    this.setPath([
      ...messages.map(message => message.id).filter(id => !this.shown.includes(id)),
      ...this.shown
    ]);
  }

  /** Put a message under its parent and show it; what was shown below the parent is another branch now. */
  grow(message: Message): void {
    const at = message.parent_id === null ? 0 : this.shown.indexOf(message.parent_id) + 1;
    const displaced = this.shown[at];
    const group = displaced === undefined ? [] : this.siblings(displaced);
    const sibling_ids = [...group.filter(id => id !== message.id), message.id];
    this.nodes.set(message.id, nodeOf({ ...message, sibling_ids }));
    group.forEach(id => {
      this.patch(id, { sibling_ids });
    });
    this.setPath([...this.shown.slice(0, at), message.id]);
  }

  /** Take back what `grow` did, when it came to nothing. The rest of the path is to be fetched again. */
  prune(id: string): void {
    const group = this.siblings(id).filter(sibling => sibling !== id);
    this.nodes.delete(id);
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
    this.nodes.delete(from);
    this.nodes.set(to, { ...node, message: { ...node.message, id: to } });
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
    this.nodes.set(id, node);
  }

  patch(id: string, changes: Partial<Message>): void {
    const node = this.nodes.get(id);
    if (node) {
      this.nodes.set(id, { ...node, message: { ...node.message, ...changes } });
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

  private setPath(path: readonly string[]): void {
    this.shown = path;
    let parent: string | null | undefined =
      path[0] === undefined ? undefined : this.nodes.get(path[0])?.message.parent_id;
    for (const id of path) {
      if (parent !== undefined) {
        this.chosen.set(parent, id);
      }
      parent = id;
    }
  }

  /** Take over what the server says of a message; true when there is something new in it. */
  private learn(message: Message): boolean {
    const known = this.nodes.get(message.id);
    if (!known) {
      this.nodes.set(message.id, nodeOf(message));
      return true;
    }
    if (isRunning(message) && known.message.run_id === message.run_id) {
      // The events know better what it says by now, also that it has ended.
      const { sibling_ids } = message;
      return this.replaceIfChanged(known, { ...known.message, sibling_ids });
    }
    const { key, thoughts, calls } = known;
    if (sameAnswer(known.message, message)) {
      return this.replaceIfChanged(known, { ...message, parts: known.message.parts });
    }
    this.nodes.set(message.id, {
      ...nodeOf(message, key),
      ...(isRunning(message) ? {} : { thoughts, calls })
    });
    return true;
  }

  private replaceIfChanged(known: Node, message: Message): boolean {
    if (
      known.message.sibling_ids.join() === message.sibling_ids.join() &&
      known.message.status === message.status
    ) {
      return false;
    }
    this.nodes.set(message.id, { ...known, message });
    return true;
  }
}

/** A finished message never changes, unless another run has gone on with it. */
function sameAnswer(a: Message, b: Message): boolean {
  return (
    !isRunning(a) &&
    a.status === b.status &&
    a.run_id === b.run_id &&
    a.parts.length === b.parts.length &&
    a.role === b.role
  );
}
