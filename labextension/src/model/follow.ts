import type { RunEvent } from '../api/schema';
import type { EventStream } from '../api/stream';
import { isRunning, weightOf, type Node } from './node';
import { applyEvent, GAP } from './reduce';
import type { Tree } from './tree';

export interface FollowerOptions {
  tree: Tree;
  stream: Pick<EventStream, 'watch'>;
  now: () => number;
  /** A node changed; told once per event, drawn once per frame. */
  touched: (id: string) => void;
  /** It says its first words: they are drawn at once. */
  began: (id: string) => void;
  /** Its run has ended. */
  finished: (id: string) => void;
  /** Events cannot tell what the message is: fetch it. */
  lost: (id: string) => void;
  /** A run gave the conversation a title. */
  titled: (title: string) => void;
}

interface Followed {
  runId: string;
  /** The node as the events so far make it. While a replay catches up, it is behind what is shown. */
  node: Node;
  catchingUp: boolean;
  /** The replay has come to a part: from here on `node` holds only what events said. */
  hasPart: boolean;
  stop: () => void;
}

/** Keeps the running messages of a tree in step with their runs' events. */
export class Follower {
  private readonly followed = new Map<string, Followed>();

  constructor(private readonly options: FollowerOptions) {}

  /** Follow each running message of `ids`, and none else. */
  keepTo(ids: readonly string[]): void {
    const running = new Set(ids.filter(id => this.isRunning(id)));
    for (const id of this.followed.keys()) {
      if (!running.has(id)) {
        this.drop(id);
      }
    }
    for (const id of running) {
      this.follow(id);
    }
  }

  dispose(): void {
    for (const id of [...this.followed.keys()]) {
      this.drop(id);
    }
  }

  private isRunning(id: string): boolean {
    const node = this.options.tree.get(id);
    return node !== undefined && isRunning(node.message) && Boolean(node.message.run_id);
  }

  private follow(id: string): void {
    const node = this.options.tree.get(id);
    const runId = node?.message.run_id;
    if (!node || !runId || this.followed.get(id)?.runId === runId) {
      return;
    }
    this.drop(id);
    // Words for a wait stand only where this page started the run itself: then nothing has been said yet.
    const catchingUp = node.seq === 0 && node.wait === null && node.message.parts.length > 0;
    const followed: Followed = { runId, node, catchingUp, hasPart: false, stop: () => undefined };
    this.followed.set(id, followed);
    this.watch(id, followed);
  }

  private watch(id: string, followed: Followed): void {
    followed.stop();
    followed.stop = this.options.stream.watch(followed.runId, followed.node.seq, {
      event: event => {
        if (this.followed.get(id) === followed) {
          this.take(id, followed, event);
        }
      },
      refused: () => {
        this.drop(id);
        this.options.lost(id);
      }
    });
  }

  private take(id: string, followed: Followed, event: RunEvent): void {
    const next = applyEvent(followed.node, event, this.options.now());
    if (next === GAP) {
      this.watch(id, followed);
      return;
    }
    if (next === followed.node) {
      return;
    }
    followed.node = next;
    followed.hasPart ||= event.type === 'part.started';
    if (event.type === 'title.changed') {
      this.options.titled(event.title);
    }
    this.publish(id, followed);
    if (event.type === 'run.finished') {
      this.drop(id);
      this.options.finished(id);
    }
  }

  /** Show the node, unless a replay is still behind what the server had given with the message. */
  private publish(id: string, followed: Followed): void {
    const shown = this.options.tree.get(id);
    if (!shown) {
      return;
    }
    const { node } = followed;
    if (followed.catchingUp && isRunning(node.message)) {
      if (!followed.hasPart || weightOf(node.message.parts) < weightOf(shown.message.parts)) {
        return;
      }
      followed.catchingUp = false;
    }
    const { sibling_ids, parent_id } = shown.message;
    this.options.tree.put(id, {
      ...node,
      key: shown.key,
      message: { ...node.message, id, sibling_ids, parent_id }
    });
    const isFirst = !hasText(shown) && hasText(node);
    this.options[isFirst ? 'began' : 'touched'](id);
  }

  private drop(id: string): void {
    const followed = this.followed.get(id);
    this.followed.delete(id);
    followed?.stop();
  }
}

function hasText({ message }: Node): boolean {
  return message.parts.some(part => part.type === 'text' && part.text !== '');
}
