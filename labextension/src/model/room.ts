import type { Client } from '../api/client';
import { ApiError } from '../api/errors';
import type { Conversation, Params, RunRequest } from '../api/schema';

/** Where a conversation is made: in a folder, or kept nowhere. */
export interface Beginning {
  readonly folder: string | null;
  readonly temporary: boolean;
}

export const ANYWHERE: Beginning = { folder: null, temporary: false };

export interface RoomOptions {
  client: Pick<Client, 'createConversation' | 'updateConversation' | 'deleteConversation'>;
  changed: () => void;
  beginning?: Beginning;
  onConversation?: (conversation: Conversation) => void;
  /** A conversation was made for nothing. */
  onUnmade?: (id: string) => void;
  /** The server does not have it any more: somebody deleted it. */
  onGone?: (id: string) => void;
}

/** The conversation of a chat, as far as it is known. A new chat has none until something is sent. */
export class Room {
  constructor(
    private readonly options: RoomOptions,
    public conversation: Conversation | null
  ) {}

  get id(): string | null {
    return this.conversation?.id ?? null;
  }

  /** What is known of it changed, here or elsewhere. */
  change(changes: Partial<Conversation>): void {
    if (this.conversation) {
      this.conversation = { ...this.conversation, ...changes };
      this.options.onConversation?.(this.conversation);
      this.options.changed();
    }
  }

  /** The list knows it better. */
  adopt(conversation: Conversation): void {
    if (conversation.id === this.id && conversation !== this.conversation) {
      this.conversation = conversation;
      this.options.changed();
    }
  }

  /** Make one for what is asked in it first. */
  async make({ client_request_id, model }: RunRequest, params: Params | null): Promise<Conversation> {
    const { folder, temporary } = this.options.beginning ?? ANYWHERE;
    const conversation = await this.options.client.createConversation({
      client_request_id,
      ...(model ? { model } : {}),
      ...(folder !== null ? { folder_id: folder } : {}),
      ...(temporary ? { temporary } : {}),
      ...(params && Object.keys(params).length > 0 ? { params } : {})
    });
    this.conversation = conversation;
    this.options.onConversation?.(conversation);
    return conversation;
  }

  /** Nothing was said in the one that was made: none remains. */
  unmake({ id }: Conversation): void {
    this.conversation = null;
    this.options.onUnmade?.(id);
    void this.options.client.deleteConversation(id).catch(() => {
      // An empty conversation in the list harms nobody.
    });
  }

  /** Whether this says that it was deleted; then it is told. What else may be missing (a model, a file) says so in its details. */
  isLost(thrown: unknown): boolean {
    const { id } = this;
    const isGone = thrown instanceof ApiError && thrown.status === 404 && 'conversation_id' in thrown.details;
    if (!isGone || id === null) {
      return false;
    }
    this.options.onGone?.(id);
    return true;
  }
}
