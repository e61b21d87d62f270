import { mark } from './marks';
import { rangesOf } from './texts';

const ALL = 'jp-llmhub-mentions';
const ONE = 'jp-llmhub-mention';

/** Marks a text in the messages that are in the page, as they come and go, and brings one of them into view. Changes no page. */
export class Highlights {
  private text = '';
  private spot: { readonly id: string; readonly nth: number } | null = null;
  private isDue = false;
  private frame = 0;
  private readonly observer: MutationObserver;

  constructor(private readonly root: Element) {
    this.observer = new MutationObserver(() => {
      this.soon();
    });
    this.observer.observe(root, { childList: true, subtree: true, characterData: true });
  }

  /** Mark `text` everywhere and the spot otherwise; `isDue`: the spot is to come into view as soon as its message is drawn. */
  show(text: string, spot: Highlights['spot'], isDue: boolean): void {
    this.text = text.trim().replace(/\s+/g, ' ');
    this.spot = spot;
    this.isDue = isDue;
    this.soon();
  }

  dispose(): void {
    this.observer.disconnect();
    cancelAnimationFrame(this.frame);
    mark(ALL, this, []);
    mark(ONE, this, []);
  }

  private soon(): void {
    cancelAnimationFrame(this.frame);
    // Behind the thread, which brings the message into view first.
    this.frame = requestAnimationFrame(() => {
      this.frame = requestAnimationFrame(() => {
        this.mark();
      });
    });
  }

  private mark(): void {
    const all: Range[] = [];
    let one: Range | null = null;
    for (const message of this.root.querySelectorAll<HTMLElement>('[data-message-id]')) {
      const body = message.querySelector('.jp-llmhub-body');
      const ranges = body && this.text ? rangesOf(body, [this.text]) : [];
      all.push(...ranges);
      if (message.dataset['messageId'] === this.spot?.id) {
        one = ranges[Math.min(this.spot?.nth ?? 0, ranges.length - 1)] ?? null;
        if (this.isDue) {
          this.isDue = false;
          (one?.startContainer.parentElement ?? message).scrollIntoView({ block: 'center' });
        }
      }
    }
    mark(ALL, this, all);
    mark(ONE, this, one ? [one] : []);
  }
}
