import type { ChatModel } from '../../model/chat';
import type { Heights } from '../../model/heights';
import { Observable } from '../../model/observable';
import type { Spots } from '../../model/spots';
import { Leisure } from '../leisure';
import { yIn } from './anchor';
import { Bookmark } from './bookmark';
import { Excerpt } from './excerpt';
import { RowFocus } from './focus';
import { Guide } from './guide';
import type { Marks } from './marks';
import { AT_END, Outlook } from './outlook';
import { Pin } from './pin';
import { Rows } from './rows';
import { type Elements, Stage } from './stage';
import { setHeight, Stand } from './stand';

/** After so long without scrolling, nobody scrolls. Milliseconds. */
const IDLE_MS = 150;

/**
 * A thread as its page shows it. It keeps what somebody reads where it is, whatever grows, shrinks, comes or goes around it: each
 * part knows one thing about that, and this says what happens when.
 */
export class Viewport extends Observable {
  /** When what nobody needs while they scroll is drawn. */
  readonly leisure = new Leisure();

  private readonly stage: Stage;
  private readonly rows: Rows;
  private readonly stand: Stand;
  private readonly excerpt: Excerpt;
  private readonly outlook: Outlook;
  private readonly guide: Guide;
  private readonly pin: Pin;
  private readonly bookmark: Bookmark;
  private readonly focus: RowFocus;

  private wasHidden = false;
  private idleTimer = 0;

  constructor(
    private readonly chat: ChatModel,
    private readonly heights: Heights,
    spots: Spots
  ) {
    super();
    this.stage = new Stage({
      scrolled: () => {
        this.scrolled();
      },
      turnedUp: () => {
        this.letGo();
      },
      resized: () => {
        this.resized();
      },
      drawn: () => {
        this.settle();
      },
      leaving: () => {
        this.remember();
        this.heights.save();
      }
    });
    const { stage } = this;
    const rows = (this.rows = new Rows(chat, heights));
    const pin = (this.pin = new Pin(chat, rows));
    const bookmark = (this.bookmark = new Bookmark(chat, spots));
    const focus = (this.focus = new RowFocus(rows));
    const stand = (this.stand = new Stand(rows, stage, bookmark.isAtEnd));
    const parts = { chat, rows, stage, stand, pin, bookmark, focus };
    this.outlook = new Outlook(chat, rows, stage, stand);
    this.excerpt = new Excerpt({
      ...parts,
      changed: () => {
        this.changed();
      }
    });
    this.guide = new Guide({
      ...parts,
      isStale: () => this.excerpt.isStale,
      moved: () => {
        this.arrive();
      },
      focused: () => {
        this.settle();
      }
    });
    this.take();
  }

  /** All rows, by message. */
  get path(): readonly string[] {
    return this.rows.path;
  }

  /** The rows in the page: from `first` to before `end`. */
  get first(): number {
    return this.excerpt.first;
  }

  get end(): number {
    return this.excerpt.end;
  }

  /** What stands around the thread: the question being answered in view, the way to the end. */
  get marks(): Marks {
    return this.outlook.marks;
  }

  /** Whether the place where somebody was is not known yet: nothing is shown before it is. */
  get isFinding(): boolean {
    return this.bookmark.spot !== undefined && this.path.length > 0;
  }

  heightOf(index: number): number {
    return this.rows.layout.height(index);
  }

  // ---- its life

  attach(elements: Elements): () => void {
    const close = this.stage.open(elements);
    this.measureSurroundings();
    const leave = [
      this.chat.subscribe(() => {
        this.take();
      }),
      this.chat.onGo(where => {
        this.guide.go(where);
      })
    ];
    this.take();
    return () => {
      this.remember();
      window.clearTimeout(this.idleTimer);
      leave.forEach(one => {
        one();
      });
      this.excerpt.leave();
      this.outlook.leave();
      close();
    };
  }

  /** A row or what stands below the rows is in the page. */
  watch(element: HTMLElement): () => void {
    return this.stage.watch(element);
  }

  // ---- what changes

  /** The chat says something new: other messages, or more of them. */
  private take(): void {
    if (this.rows.isOld) {
      this.renew();
    }
    if (this.pin.notice(this.marks.isEndBelow)) {
      this.stand.follows = false;
      this.bookmark.spot = undefined;
    }
    this.findSpot();
    this.excerpt.choose();
    this.excerpt.isStale = true;
    this.changed();
    this.look();
  }

  private renew(): void {
    const { rows, excerpt, stand } = this;
    const before = rows.keys;
    const kept = stand.keptAnchor();
    const key = kept?.key ?? before[excerpt.first];
    rows.renew();
    const [was, is] = [key === undefined ? -1 : before.indexOf(key), rows.indexOf(key)];
    excerpt.move(was >= 0 && is >= 0 ? is - was : 0);
    stand.holdTo(kept);
    if (this.stage.elements) {
      this.outlook.listen(excerpt);
    }
  }

  /** Go where somebody was when they left, as soon as it is known where that is. */
  private findSpot(): void {
    const { bookmark, pin, rows, stand } = this;
    const { spot } = bookmark;
    if (!spot || rows.path.length === 0) {
      return;
    }
    const pinned = spot.pinned === null ? -1 : rows.path.indexOf(spot.pinned);
    if (pinned >= 0 && pinned === rows.lastQuestion) {
      pin.key = rows.keys[pinned] ?? null;
    }
    const index = spot.id === null ? -1 : rows.path.indexOf(spot.id);
    if (index < 0) {
      if (spot.id !== null && !this.chat.tree.isWhole) {
        return;
      }
      stand.follows = true;
    } else if (this.stage.elements) {
      stand.aim(index, spot.offset);
    } else {
      return;
    }
    bookmark.spot = undefined;
  }

  /** The view is to stand elsewhere. */
  private arrive(): void {
    if (this.excerpt.choose()) {
      this.changed();
    } else {
      this.settle();
    }
    this.restSoon();
  }

  // ---- settling

  /** React has drawn the rows that were chosen. */
  drawn(): void {
    this.excerpt.isStale = false;
    this.settle();
    this.excerpt.chooseSoon();
  }

  private resized(): void {
    this.wasHidden ||= this.stage.isHidden;
    this.measureSurroundings();
    this.settle();
    // Rows that come now would be painted before they are observed.
    this.excerpt.chooseSoon();
  }

  private measureSurroundings(): void {
    const { stage } = this;
    const style = stage.measure();
    const before = this.stand.anchor;
    if (style && stage.elements && this.rows.fit(stage.elements.above.clientWidth, style)) {
      this.stand.holdTo(before);
    }
  }

  /** Bring what is in the page into order: heights, space for what is not, the view. Before anything of it is painted. */
  private settle(): void {
    const { stage, stand, excerpt } = this;
    const { elements } = stage;
    if (!elements || excerpt.isStale || stage.isHidden) {
      return;
    }
    if (stage.isOutdated) {
      this.measureSurroundings();
    }
    stage.forgetDrawn();
    // What is hidden forgets how far it was scrolled.
    stand.isMoved ||= this.wasHidden;
    this.wasHidden = false;
    stand.resist(elements);
    this.rows.measure(elements.rows, excerpt.first);
    stand.space(elements, excerpt);
    this.reserve(elements);
    if (this.pin.isDue) {
      this.standPinned(elements);
    } else if (stand.anchorOffset !== null && stand.anchor) {
      stand.reach(elements, excerpt, stand.anchorOffset);
    } else if (stand.follows) {
      stand.scrollTo(elements.view, elements.view.scrollHeight);
    } else {
      stand.hold(elements, excerpt);
    }
    this.focus.give(elements, excerpt.first);
    this.look();
    if (stand.isAdrift) {
      this.restSoon();
    }
  }

  private reserve({ view, reserve }: Elements): void {
    if (this.pin.index < 0) {
      setHeight(reserve, 0);
      return;
    }
    const end = yIn(view, reserve) + this.stage.paddingBelow;
    setHeight(reserve, Math.max(0, this.stage.viewHeight - (end - this.pinnedTop)));
  }

  private get pinnedTop(): number {
    const { index } = this.pin;
    return this.pin.topFor(this.stand.y(index), this.heightOf(index), this.stage.viewHeight);
  }

  private standPinned({ view }: Elements): void {
    const { index } = this.pin;
    if (index < this.first || index >= this.end) {
      return;
    }
    this.pin.isDue = false;
    this.stand.anchor = this.stand.anchorAt(index);
    this.stand.scrollTo(view, this.pinnedTop);
  }

  // ---- scrolling

  private scrolled(): void {
    const { stand } = this;
    const { elements } = this.stage;
    if (!elements) {
      return;
    }
    const { view } = elements;
    const before = stand.top;
    const { scrollTop } = view;
    if (Math.abs(scrollTop - before) < 0.5) {
      return;
    }
    const left = view.scrollHeight - view.clientHeight - scrollTop;
    if (scrollTop < before && left <= 1) {
      // A browser scrolls up by itself when there is less than before, or more room; then it stands at the end.
      stand.isMoved = true;
      this.settle();
      this.excerpt.chooseSoon();
      return;
    }
    stand.top = scrollTop;
    if (scrollTop < before) {
      stand.follows = false;
    } else if (left < AT_END && elements.reserve.clientHeight === 0) {
      stand.follows = true;
    }
    stand.anchorOffset = null;
    this.moved();
  }

  /** The view stands elsewhere. */
  private moved(): void {
    this.leisure.interrupt();
    if (!this.stand.follows) {
      this.pick();
    }
    if (this.excerpt.choose()) {
      this.changed();
    }
    this.look();
    this.restSoon();
  }

  private letGo(): void {
    if (this.stand.follows) {
      this.stand.follows = false;
      this.pick();
      this.look();
    }
  }

  private pick(): void {
    const { elements } = this.stage;
    if (elements) {
      this.stand.pick(elements, this.excerpt, this.excerpt.isStale);
    }
  }

  private restSoon(): void {
    window.clearTimeout(this.idleTimer);
    this.idleTimer = window.setTimeout(() => {
      this.rest();
    }, IDLE_MS);
  }

  private rest(): void {
    const { elements } = this.stage;
    if (this.stage.isHeld || this.excerpt.isStale) {
      this.restSoon();
      return;
    }
    if (elements && this.stand.isAdrift) {
      this.stand.straighten(elements, this.excerpt);
    }
    this.remember();
  }

  // ---- what is told, and kept

  private look(): void {
    this.outlook.look(this.excerpt);
  }

  private remember(): void {
    const { stand } = this;
    if (this.path.length === 0 || this.isFinding || stand.anchorOffset !== null) {
      return;
    }
    const pinned = this.path[this.pin.index] ?? null;
    const { index } = stand;
    this.bookmark.keep(
      stand.follows
        ? { id: null, offset: 0, pinned }
        : { id: this.path[index] ?? null, offset: stand.y(index) - stand.top, pinned }
    );
  }
}
