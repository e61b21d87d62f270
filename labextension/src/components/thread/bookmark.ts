import type { ChatModel } from '../../model/chat';
import type { Spot, Spots } from '../../model/spots';

/** Where somebody was in a conversation when they left it, until it is known where that is; and where they are now, for later. */
export class Bookmark {
  /** Undefined: there is nothing to be found any more. */
  spot: Spot | undefined;

  constructor(
    private readonly chat: ChatModel,
    private readonly spots: Spots
  ) {
    this.spot = chat.id === null ? undefined : spots.get(chat.id);
  }

  get isAtEnd(): boolean {
    return (this.spot?.id ?? null) === null;
  }

  keep(spot: Spot): void {
    if (this.chat.id !== null) {
      this.spots.set(this.chat.id, spot);
    }
  }
}
