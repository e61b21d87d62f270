import type { Client } from '../api/client';
import type { ConversationChanges } from '../api/schema';
import type { Catalogue } from './catalogue';
import type { ChatModel } from './chat';
import type { Presets } from './presets';

export interface ChoiceOptions {
  client: Pick<Client, 'updateSettings'>;
  /** Changes a conversation on the server. */
  update: (id: string, changes: ConversationChanges) => Promise<unknown>;
  catalogue: Catalogue;
  presets: Presets;
  /** The chat that is shown. */
  chat: () => ChatModel;
  /** The model of the folder that a new chat will be in. */
  folderModel: () => string | null;
  /** Another model answers next. */
  changed: () => void;
}

/** Which model answers next in a chat. */
export class Choice {
  /** For the conversation that does not exist yet. */
  private chosen: string | null = null;

  constructor(private readonly options: ChoiceOptions) {}

  get model(): string | null {
    const { chat, catalogue } = this.options;
    return chat().conversation?.model ?? this.chosen ?? this.folders ?? this.preset ?? catalogue.preferred;
  }

  private get folders(): string | null {
    const wanted = this.options.folderModel();
    return this.options.catalogue.get(wanted)?.available ? wanted : null;
  }

  /** The model of the preset that new conversations begin with, if it can answer. */
  private get preset(): string | null {
    const { catalogue, presets } = this.options;
    const wanted = presets.default?.model ?? null;
    return catalogue.get(wanted)?.available ? wanted : null;
  }

  set(id: string): void {
    const { catalogue, client, update } = this.options;
    const chat = this.options.chat();
    catalogue.prefer(id);
    this.chosen = id;
    if (chat.id) {
      chat.setConversation({ model: id });
      void update(chat.id, { model: id }).catch(() => {
        // The next run says it again.
      });
    }
    const isDemo = id === catalogue.demo?.id;
    if (!isDemo && !catalogue.get(catalogue.config?.default_model)?.available) {
      void client.updateSettings({ default_model: id }).catch(() => {
        // Locked by an administrator: this browser remembers it.
      });
    }
    this.options.changed();
  }

  /** Whose answer is gone on with answers next, if it can. */
  follow(answer: string | null): void {
    const { chat, catalogue } = this.options;
    const model = answer === null ? null : chat().node(answer)?.message.model;
    if (model && model !== this.model && catalogue.get(model)?.available) {
      this.set(model);
    }
  }

  /** A new chat begins with the model that is preferred. */
  forget(): void {
    this.chosen = null;
  }
}
