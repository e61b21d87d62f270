import type { Client } from '../api/client';
import type { Params, Preset } from '../api/schema';
import { Attachments, type DraftPart } from './attachments';
import type { Catalogue } from './catalogue';
import type { ChatModel } from './chat';
import type { Choice } from './choice';
import type { Desk } from './desk';
import type { Drafts } from './drafts';
import { newId } from './ids';
import type { Outbox } from './outbox';
import { given, type Parameters, within } from './parameters';
import type { Presets } from './presets';

export interface WritingOptions {
  client: Client;
  catalogue: Catalogue;
  drafts: Drafts;
  parameters: Parameters;
  presets: Presets;
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
      facts,
      { isTemporary: chat.isTemporary }
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
    return this.isReady && this.answerer !== null;
  }

  /** Whether all is there but somebody to send it to. */
  get lacksModel(): boolean {
    return this.isReady && this.answerer === null;
  }

  /** Send the draft, to several models if so many are named. While an answer is being written, it waits for its end. */
  send(models: readonly string[] = []): void {
    if (!this.canSend) {
      return;
    }
    const { choice, desk, drafts, outbox } = this.options;
    choice.follow(this.chat.compared);
    const { key } = this;
    const { text, files, requestId, model } = drafts.get(key);
    const params = this.chat.conversation ? null : this.params;
    const id = requestId ?? newId();
    drafts.forget(key);
    this.attachments.forgetProblems();
    desk.say(null);
    const answering = models.length > 0 ? models : model !== null ? [model] : [];
    outbox.add({ id, text, files, models: answering, params });
  }

  /**
   * Ask something at once, beside what is being written. Where nobody can answer it, or a file does not get to the server, it
   * stands in the message field instead, and nothing is lost. True when it was sent.
   */
  async ask(text: string, files: readonly File[] = []): Promise<boolean> {
    const { chat } = this;
    const { choice, desk, drafts, keyOf, outbox, focus } = this.options;
    const parts: DraftPart[] = [];
    const take = (part: DraftPart): void => {
      parts.push(part);
    };
    const isWhole = await this.attachments.add(files, take, {}, { isTemporary: chat.isTemporary });
    if (!isWhole || choice.model === null || chat !== this.chat) {
      drafts.append(keyOf(chat), { text, files: parts });
      focus();
      return false;
    }
    choice.follow(chat.compared);
    desk.say(null);
    const params = chat.conversation ? null : this.params;
    outbox.add({ id: newId(), text, files: parts, models: [], params });
    return true;
  }

  /** Put words and files into what is being written, below what is there, to be gone on with. */
  async add(text: string, files: readonly File[] = []): Promise<void> {
    const { drafts, focus } = this.options;
    if (text) {
      drafts.append(this.key, { text, files: [] });
    }
    await this.attach(files);
    focus();
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

  // ---- parameters and instructions

  /** The parameters of this conversation. One that does not exist yet begins with the default preset. */
  get params(): Params {
    const { conversation } = this.chat;
    const { drafts, presets } = this.options;
    return conversation
      ? conversation.params
      : (drafts.get(this.key).params ?? presets.default?.params ?? {});
  }

  /** Let these hold in this conversation. `model`: the one that they are for, if it is another from now on. */
  async setParams(params: Params, model: string | null = null): Promise<void> {
    const { chat } = this;
    const { client, drafts, changed } = this.options;
    if (chat.conversation && chat.id) {
      const changes = { params: given(params), ...(model === null ? {} : { model }) };
      chat.setConversation(await client.updateConversation(chat.id, changes));
    } else {
      drafts.set(this.key, { params: given(params) });
    }
    changed();
  }

  /** Go on with a preset. False: its model is not there, so the one that is chosen stays. */
  async apply(preset: Preset): Promise<boolean> {
    const { catalogue, choice, parameters } = this.options;
    const wanted = preset.model ?? null;
    const isThere = wanted === null || catalogue.get(wanted)?.available === true;
    if (wanted !== null && isThere) {
      await this.setParams(preset.params, wanted);
      choice.set(wanted);
    } else {
      await parameters.load(choice.model);
      await this.setParams(within(preset.params, parameters.get(choice.model) ?? []));
    }
    return isThere;
  }

  /** What the models are told in this conversation before anything is said. */
  get instructions(): string {
    return this.params.system ?? '';
  }

  /** Tell the models this in this conversation; nothing: no longer. */
  async instruct(text: string): Promise<void> {
    await this.setParams({ ...this.params, system: text.trim() || null });
  }

  private get isReady(): boolean {
    const { text, files } = this.options.drafts.get(this.key);
    return (text.trim() !== '' || files.length > 0) && !this.attachments.isBusy;
  }

  private get answerer(): string | null {
    return this.options.drafts.get(this.key).model ?? this.options.choice.model;
  }

  private get chat(): ChatModel {
    return this.options.chat();
  }
}
