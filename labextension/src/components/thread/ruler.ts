import type { ChatModel } from '../../model/chat';
import type { Heights } from '../../model/heights';
import { estimate, type Metrics } from './estimate';

/** How high the rows of a thread are: measured in the page, remembered from earlier, or else estimated. */
export class Ruler {
  private readonly measured = new Map<string, number>();
  private metrics: Metrics = { width: 480, letter: 6.6, line: 21.7, codeLine: 17 };

  constructor(
    private readonly chat: ChatModel,
    private readonly heights: Heights
  ) {}

  /** The thread is so wide and its text looks so. True if rows have other heights now. */
  fit(width: number, style: CSSStyleDeclaration): boolean {
    if (Math.abs(width - this.metrics.width) < 0.5) {
      return false;
    }
    const text = parseFloat(style.getPropertyValue('--jp-content-font-size1')) || 14;
    const code = parseFloat(style.getPropertyValue('--jp-code-font-size')) || 13;
    const codeLine = parseFloat(style.getPropertyValue('--jp-code-line-height')) || 1.3077;
    this.metrics = { width, letter: text * 0.475, line: text * 1.55, codeLine: code * codeLine };
    // Those in the page say themselves how high they are now.
    this.measured.clear();
    return true;
  }

  /** A row was measured. True if that is news. */
  note(id: string, key: string, height: number): boolean {
    if (this.measured.get(key) === height) {
      return false;
    }
    this.measured.set(key, height);
    this.heights.set(id, this.metrics.width, height);
    return true;
  }

  /** Of all rows. */
  measure(path: readonly string[], keys: readonly string[]): number[] {
    const known = { user: { sum: 0, count: 0 }, other: { sum: 0, count: 0 } };
    const kind = (id: string) => (this.chat.tree.roleOf(id) === 'user' ? 'user' : 'other');
    const heights: number[] = [];
    const unknown: number[] = [];
    path.forEach((id, index) => {
      const message = this.chat.node(id)?.message;
      const height =
        this.measured.get(keys[index] ?? id) ??
        this.remembered(id) ??
        (message && estimate(message, this.metrics));
      if (height === undefined) {
        unknown.push(index);
      } else {
        const all = known[kind(id)];
        all.sum += height;
        all.count += 1;
      }
      heights.push(height ?? 0);
    });
    for (const index of unknown) {
      // What is not here yet is probably like the rest.
      const which = kind(path[index] ?? '');
      const { sum, count } = known[which];
      heights[index] = count > 0 ? sum / count : which === 'user' ? 80 : 300;
    }
    return heights;
  }

  /** As high as it was; at another width, as much higher or lower as the estimates differ. */
  private remembered(id: string): number | undefined {
    const kept = this.heights.get(id);
    if (!kept || Math.abs(kept.width - this.metrics.width) < 1) {
      return kept?.height;
    }
    const message = this.chat.node(id)?.message;
    if (!message) {
      return kept.height;
    }
    const then = estimate(message, { ...this.metrics, width: kept.width });
    return (kept.height * estimate(message, this.metrics)) / then;
  }
}
