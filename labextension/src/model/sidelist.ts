import type { Storage } from './storage';

const KEPT = 'llmhub:list';

/** The list of conversations beside the thread: whether a person wants it there, and whether there is room for it. */
export class SideList {
  private isWanted: boolean;
  private hasRoom = false;

  constructor(private readonly storage: Storage) {
    this.isWanted = storage.getItem(KEPT) === 'beside';
  }

  /** There is room for it. Where there is none, the list takes the place of the thread. */
  get isPossible(): boolean {
    return this.hasRoom;
  }

  get isShown(): boolean {
    return this.hasRoom && this.isWanted;
  }

  /** A person opens or closes it: so it is in what they open next, too. */
  set(isWanted: boolean): void {
    this.isWanted = isWanted;
    if (isWanted) {
      this.storage.setItem(KEPT, 'beside');
    } else {
      this.storage.removeItem(KEPT);
    }
  }

  /** The panel is wide now, or no longer. True when that is news. */
  setRoom(hasRoom: boolean): boolean {
    const isNews = this.hasRoom !== hasRoom;
    this.hasRoom = hasRoom;
    return isNews;
  }
}
