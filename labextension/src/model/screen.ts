import { Cue } from './cue';
import { SideList } from './sidelist';
import type { Storage } from './storage';

export type View = 'thread' | 'conversations' | 'providers' | 'map' | 'branches' | 'stars';

/** What of a panel is seen: its thread, the list of conversations beside it or instead of it, the map, two branches, starred messages, the providers, the list of models. */
export class Screen {
  view: View = 'thread';
  /** The provider that the provider view should begin with, because its key was refused. */
  providerWanted: string | null = null;
  /** The messages whose branches are compared. */
  compared: readonly [string, string] | null = null;
  /** The list of models is open. */
  isChoosingModel = false;
  /** The bar that finds words in the open conversation is there. */
  isFindingHere = false;

  private readonly sideList: SideList;
  private readonly finding = new Cue<null>();
  private readonly findingHere = new Cue<null>();

  /** `changed` is called when anything of it is another. */
  constructor(
    storage: Storage,
    private readonly changed: () => void
  ) {
    this.sideList = new SideList(storage);
  }

  show(view: View, provider: string | null = null): void {
    if (view === 'conversations') {
      if (this.sideList.isPossible) {
        this.sideList.set(true);
      }
      this.finding.give(null);
    }
    this.view = view === 'conversations' && this.sideList.isPossible ? 'thread' : view;
    this.providerWanted = provider;
    this.changed();
  }

  /** Show the branches of two messages side by side. */
  compare(compared: readonly [string, string]): void {
    this.compared = compared;
    this.show('branches');
  }

  /** The list of conversations is seen, beside the thread or instead of it. */
  get hasList(): boolean {
    return this.view === 'conversations' || this.sideList.isShown;
  }

  toggleList(): void {
    if (!this.sideList.isPossible) {
      this.show(this.view === 'conversations' ? 'thread' : 'conversations');
    } else {
      this.sideList.set(!this.sideList.isShown);
      this.changed();
    }
  }

  /** There is room for the list beside the thread, or no longer. */
  setWide(isWide: boolean): void {
    if (this.sideList.setRoom(isWide)) {
      if (isWide && this.view === 'conversations') {
        this.show('conversations');
      } else {
        this.changed();
      }
    }
  }

  /** Called when the search field of the list should have the cursor, now or when it is there. */
  onFind(listener: () => void): () => void {
    return this.finding.on(listener);
  }

  /** Open the bar that finds words in the open conversation, with the cursor in it, or close it. */
  findHere(isOpen = true): void {
    this.isFindingHere = isOpen;
    if (isOpen) {
      this.findingHere.give(null);
    }
    if (isOpen && this.view !== 'thread') {
      this.show('thread');
    } else {
      this.changed();
    }
  }

  /** Called when the field of that bar should have the cursor, now or when it is there. */
  onFindHere(listener: () => void): () => void {
    return this.findingHere.on(listener);
  }

  /** Open or close the list of models. */
  chooseModel(isOpen = true): void {
    this.isChoosingModel = isOpen;
    if (isOpen && this.view !== 'thread') {
      this.show('thread');
    } else {
      this.changed();
    }
  }
}
