import type { Message } from '../api/schema';
import type { ChatModel } from './chat';
import { isCut, isRunning, type Node, siblingsOf } from './node';

export interface LatestOptions {
  /** The chat that is shown. */
  chat: () => ChatModel;
  /** The model that answers next. */
  model: () => string | null;
}

/** The messages shown last, and what can be done with them without pointing at them: by keys, commands, the palette. */
export class Latest {
  constructor(private readonly options: LatestOptions) {}

  get answer(): Node | null {
    return this.find(({ role }) => role === 'assistant');
  }

  /** What the person said last. */
  get question(): Node | null {
    return this.find(({ role }) => role === 'user');
  }

  /** The one that has branches beside it. */
  get branching(): Node | null {
    return this.find(message => siblingsOf(message).length > 1);
  }

  /** Whether the last answer did not come to its end. */
  get canContinue(): boolean {
    const { head } = this.chat.tree;
    return head !== undefined && isCut(head.message) && !this.chat.isPosting;
  }

  /** Say what was said last in other words. False: nothing was said yet. */
  edit(): boolean {
    const { chat, question } = this;
    if (!question || chat.isPosting) {
      return false;
    }
    chat.edits.begin(question.message.id);
    void chat.reveal(question.message.id);
    return true;
  }

  /** Another answer to what was said last; by another model, or as `instruction` says. */
  regenerate(
    instruction: string | null = null,
    model: string | null = this.options.model()
  ): Promise<boolean> {
    const { chat, answer } = this;
    const canAsk = answer && !isRunning(answer.message) && !chat.isPosting;
    return canAsk ? chat.regenerate(answer.message.id, model, instruction) : Promise.resolve(false);
  }

  continue(): Promise<boolean> {
    const { head } = this.chat.tree;
    return head && this.canContinue
      ? this.chat.continueAnswer(head.message.id, this.options.model())
      : Promise.resolve(false);
  }

  /** Show the branch before (-1) or after (1) the one that is shown, of the last message that has any or of `id`. */
  async stepBranch(step: -1 | 1, id: string | undefined = this.branching?.message.id): Promise<boolean> {
    const { chat } = this;
    const message = id === undefined ? undefined : chat.node(id)?.message;
    const siblings = message ? siblingsOf(message) : [];
    const to = message ? siblings[siblings.indexOf(message.id) + step] : undefined;
    if (to === undefined || chat.isPosting) {
      return false;
    }
    await chat.switchTo(to);
    return true;
  }

  /** Delete the last message; it can be undone for a while. */
  async delete(): Promise<void> {
    const { head } = this.chat.tree;
    if (head && !isRunning(head.message)) {
      await this.chat.remove(head.message.id);
    }
  }

  private get chat(): ChatModel {
    return this.options.chat();
  }

  private find(isWanted: (message: Message) => boolean): Node | null {
    const { path } = this.chat.tree;
    for (let at = path.length - 1; at >= 0; at--) {
      const node = this.chat.node(path[at] ?? '');
      if (node && isWanted(node.message)) {
        return node;
      }
    }
    return null;
  }
}
