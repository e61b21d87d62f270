import type { Client } from '../api/client';
import { Attachments, type DraftPart } from './attachments';
import type { Catalogue } from './catalogue';
import type { ChatModel } from './chat';
import type { Choice } from './choice';
import type { Desk } from './desk';
import type { Drafts } from './drafts';
import { newId } from './ids';
import type { Outbox } from './outbox';

export interface WritingOptions {
  client: Client;
  catalogue: Catalogue;
  drafts: Drafts;
  /** The chat that is shown. */
  chat: () => ChatModel;
  /** Where the draft of a chat is kept. */
  keyOf: (chat: ChatModel) => string | null;
  choice: Choice;
  desk: Desk;
  outbox: Outbox;
  /** Give the composer the cursor. */
  focus: () => void;
  changed: () => void;
}

/** What is being written in a panel, and its sending: words, files, quotes, and what the models are told before anything is said. */
export class Writing {
  /** Files on their way to the server. */
  readonly attachments: Attachments;

  constructor(private readonly options: WritingOptions) {
    const { client, catalogue } = options;
    this.attachments = new Attachments(client, () => catalogue.config?.limits['file_bytes']);
  }

  /** Where the draft of what is shown is kept. */
  get key(): string | null {
    return this.options.keyOf(this.chat);
  }

  /** Write for the person, who may still change it. */
  suggest(text: string): void {
    const { drafts, focus } = this.options;
    drafts.set(this.key, { text });
    focus();
  }

  /** Attach files. True when all could be. */
  attach(files: readonly File[], facts: { isPaste?: boolean } = {}): Promise<boolean> {
    const { chat } = this;
    const { drafts, keyOf, catalogue } = this.options;
    if (!catalogue.has('attachments')) {
      if (!facts.isPaste) {
        files.forEach(file => {
          this.attachments.refuse(file.name, { kind: 'switched-off' });
        });
      }
      return Promise.resolve(false);
    }
    return this.attachments.add(
      files,
      part => {
        const key = keyOf(chat);
        drafts.set(key, { files: [...drafts.get(key).files, part] });
      },
      facts
    );
  }

  /** Attach a part that the server has already. */
  attachPart(part: DraftPart): void {
    const { drafts, focus } = this.options;
    drafts.set(this.key, { files: [...drafts.get(this.key).files, part] });
    focus();
  }

  // ---- sending

  /** Whether there is something to send, and somebody to send it to. */
  get canSend(): boolean {
    const { choice, drafts } = this.options;
    const { text, files, model } = drafts.get(this.key);
    const isWritten = text.trim() !== '' || files.length > 0;
    return isWritten && !this.attachments.isBusy && (model ?? choice.model) !== null;
  }

  /** Send the draft, to several models if so many are named. While an answer is being written, it waits for its end. */
  send(models: readonly string[] = []): void {
    if (!this.canSend) {
      return;
    }
    const { choice, desk, drafts, outbox } = this.options;
    choice.follow(this.chat.compared);
    const { key } = this;
    const { text, files, requestId, model, system } = drafts.get(key);
    const id = requestId ?? newId();
    drafts.forget(key);
    this.attachments.forgetProblems();
    desk.say(null);
    const answering = models.length > 0 ? models : model !== null ? [model] : [];
    outbox.add({ id, text, files, models: answering, system });
  }

  /** Ask which models should answer what is written. */
  openSeveral(): void {
    if (this.canSend && this.options.catalogue.has('compare')) {
      this.options.desk.open('several');
    }
  }

  /** Take a message that waits back into the composer. */
  takeBack(id: string): void {
    if (this.options.outbox.takeBack(id)) {
      this.options.focus();
    }
  }

  // ---- instructions

  /** What the models are told in this conversation before anything is said. */
  get instructions(): string {
    const { conversation } = this.chat;
    const { system } = (conversation?.params ?? {}) as { system?: string | null };
    return conversation ? (system ?? '') : (this.options.drafts.get(this.key).system ?? '');
  }

  /** Tell the models this in this conversation; nothing: no longer. */
  async instruct(text: string): Promise<void> {
    const { chat } = this;
    const { client, drafts, changed } = this.options;
    const system = text.trim() || null;
    if (chat.conversation && chat.id) {
      const params = { ...chat.conversation.params, system };
      chat.setConversation(await client.updateConversation(chat.id, { params }));
    } else {
      drafts.set(this.key, { system });
    }
    changed();
  }

  private get chat(): ChatModel {
    return this.options.chat();
  }
}
