import type { ChatModel, Where } from '../../model/chat';
import type { Bookmark } from './bookmark';
import type { RowFocus } from './focus';
import { type Pin, TOP_GAP } from './pin';
import type { Rows } from './rows';
import type { Stage } from './stage';
import type { Stand } from './stand';

export interface GuideOptions {
  chat: ChatModel;
  rows: Rows;
  stage: Stage;
  stand: Stand;
  pin: Pin;
  bookmark: Bookmark;
  focus: RowFocus;
  /** React has not drawn the rows that were chosen. */
  isStale: () => boolean;
  /** The view is to stand elsewhere. */
  moved: () => void;
  /** A row is to have the keyboard. */
  focused: () => void;
}

/** Takes somebody to where they ask to be taken: an end of the thread, a message, the next question. */
export class Guide {
  constructor(private readonly options: GuideOptions) {}

  go(where: Where): void {
    const { chat, rows, stage, stand, bookmark } = this.options;
    switch (where) {
      case 'end':
        stand.follows = true;
        this.options.moved();
        break;
      case 'start':
        this.show(0, stage.padding);
        break;
      case 'previous':
      case 'next':
        this.goToQuestion(where === 'previous' ? -1 : 1);
        break;
      default: {
        const index = rows.path.indexOf(where.id);
        if (index >= 0) {
          this.reveal(index, where.quiet ?? false);
        } else if (!chat.tree.isWhole) {
          bookmark.spot = { id: where.id, offset: TOP_GAP, pinned: null };
        }
      }
    }
  }

  /** What is in view already stays where it is. */
  private reveal(index: number, isQuiet: boolean): void {
    const { stage, stand, isStale } = this.options;
    const y = stand.y(index) - stand.top;
    const isSeen = y >= 0 && y < stage.viewHeight / 2;
    if (!isSeen || isStale()) {
      this.show(index, TOP_GAP);
    }
    if (!isQuiet) {
      this.giveFocus(index);
    }
  }

  private goToQuestion(step: 1 | -1): void {
    const { rows, stand } = this.options;
    // What stands at the top of the view is where one is.
    const here = rows.layout.at(stand.top - stand.base + TOP_GAP + 1);
    const isAtTop = Math.abs(stand.y(here) - TOP_GAP - stand.top) < 4;
    let index = step < 0 && !isAtTop ? here : here + step;
    while (index >= 0 && index < rows.path.length && !rows.isQuestion(index)) {
      index += step;
    }
    if (index >= rows.path.length) {
      this.go('end');
    } else {
      this.show(Math.max(0, index), TOP_GAP);
      this.giveFocus(Math.max(0, index));
    }
  }

  /** Put a row so many pixels below the top of the view. */
  private show(index: number, offset: number): void {
    const { pin, stand, moved } = this.options;
    stand.follows = false;
    pin.isDue = false;
    stand.forgetDrift();
    stand.aim(index, offset);
    moved();
  }

  private giveFocus(index: number): void {
    this.options.focus.want(index);
    this.options.focused();
  }
}
