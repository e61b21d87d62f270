import { isUnseen } from '../../markdown/tex';
import { keepPresses } from './presses';

/** The elements of a thread. */
export interface Elements {
  /** What is scrolled. */
  readonly view: HTMLElement;
  readonly content: HTMLElement;
  /** Stands for the rows above those in the page. */
  readonly above: HTMLElement;
  readonly rows: HTMLElement;
  readonly below: HTMLElement;
  /** Stands below everything; as high as the answer to a pinned question still has room. */
  readonly reserve: HTMLElement;
}

export interface StageEvents {
  /** The view stands elsewhere. */
  scrolled: () => void;
  /** The wheel was turned upwards. */
  turnedUp: () => void;
  /** The view, a row or what stands below the rows has another size. */
  resized: () => void;
  /** Something was drawn into rows. */
  drawn: () => void;
  /** The page is about to go. */
  leaving: () => void;
}

/** The page around a thread: its elements, their sizes, and word of what happens to them. It decides nothing. */
export class Stage {
  elements: Elements | null = null;
  viewHeight = 0;
  /** Above the first row, inside of the content. */
  padding = 0;
  paddingBelow = 0;
  /** Somebody has the pointer down in the view: on the scroll bar, say. */
  isHeld = false;

  private readonly sizes: ResizeObserver;
  /** By the time sizes are observed, a browser has noted that things moved: what is drawn into rows is told at once. */
  private readonly drawing: MutationObserver;

  constructor(private readonly events: StageEvents) {
    this.sizes = new ResizeObserver(events.resized);
    this.drawing = new MutationObserver(records => {
      if (!records.every(isUnseen)) {
        events.drawn();
      }
    });
  }

  /** Nobody can see it. Then it has no sizes, and forgets how far it was scrolled. */
  get isHidden(): boolean {
    return !this.elements?.view.clientHeight;
  }

  /** The view was resized, and that was not told yet. */
  get isOutdated(): boolean {
    return this.elements !== null && this.elements.view.clientHeight !== this.viewHeight;
  }

  open(elements: Elements): () => void {
    const { view, rows } = elements;
    const { events } = this;
    this.elements = elements;
    const leave = [
      listen(view, 'scroll', events.scrolled),
      listen(view, 'wheel', event => {
        if ((event as WheelEvent).deltaY < 0 && view.scrollHeight > view.clientHeight) {
          events.turnedUp();
        }
      }),
      // Also on the scroll bar, which tells of its release by the next move only.
      listen(view, 'pointerdown', () => {
        this.isHeld = true;
      }),
      ...['pointermove', 'pointerup'].map(type =>
        listen(document, type, event => {
          this.isHeld = this.isHeld && (event as PointerEvent).buttons !== 0;
        })
      ),
      listen(window, 'pagehide', events.leaving),
      keepPresses(view)
    ];
    this.sizes.observe(view);
    this.drawing.observe(rows, { childList: true, characterData: true, subtree: true });
    return () => {
      leave.forEach(one => {
        one();
      });
      this.sizes.disconnect();
      this.drawing.disconnect();
      this.elements = null;
    };
  }

  /** A row or what stands below the rows is in the page: it is told when its size changes. */
  watch(element: HTMLElement): () => void {
    this.sizes.observe(element);
    return () => {
      this.sizes.unobserve(element);
    };
  }

  /** What was drawn into rows so far is known. */
  forgetDrawn(): void {
    this.drawing.takeRecords();
  }

  /** Find out how large everything is. Gives how its text looks; null while it is hidden. */
  measure(): CSSStyleDeclaration | null {
    if (!this.elements || this.isHidden) {
      return null;
    }
    const { view, content } = this.elements;
    this.viewHeight = view.clientHeight;
    view.parentElement?.style.setProperty('--jp-llmhub-gutter', `${view.offsetWidth - view.clientWidth}px`);
    const style = getComputedStyle(content);
    this.padding = parseFloat(style.paddingTop) || 0;
    this.paddingBelow = parseFloat(style.paddingBottom) || 0;
    return style;
  }
}

function listen(target: EventTarget, type: string, listener: (event: Event) => void): () => void {
  const options = { passive: true, capture: target === document };
  target.addEventListener(type, listener, options);
  return () => {
    target.removeEventListener(type, listener, options);
  };
}
