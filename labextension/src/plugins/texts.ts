import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { IDocumentManager } from '@jupyterlab/docmanager';
import type { Contents } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Widget } from '@lumino/widgets';

import { errorInfo } from '../api/errors';
import type { ProposalCell } from '../model/proposal/edits';
import type { OpenNotebook } from '../model/proposal/notebook';
import { splices } from '../model/proposal/steps';
import { cellsOfText, textOfCells } from '../model/proposal/text';
import { type Context, isText, storedText, textOpen } from './hands/texts';
import { asOneStep, lastStep } from './undoing';

/** JupyterLab's name for what shows any text. */
const EDITOR = 'Editor';

/** Text files, changed by what is shared with everybody who has them open, else where they are stored. */
export class LabTexts {
  private readonly followed = new WeakSet<Context>();
  private readonly stored = new Map<string, StoredText>();

  constructor(
    private readonly app: JupyterFrontEnd,
    private readonly documents: IDocumentManager | null,
    private readonly trans: TranslationBundle,
    private readonly tell: () => void
  ) {}

  /** As it is open, else as it is stored: what that is may be told a moment later. Null: it cannot be read. */
  find(path: string): OpenNotebook | null {
    const open = this.open(path);
    if (open) {
      this.stored.delete(path);
      return open;
    }
    const { contents } = this.app.serviceManager;
    const share = (): Promise<OpenText | null> => this.share(path);
    const stored = this.stored.get(path) ?? new StoredText(path, contents, share, this.trans, this.tell);
    this.stored.set(path, stored);
    return stored.isThere ? stored : null;
  }

  /**
   * Where real-time collaboration is installed, what others have typed is stored a moment later; what is stored meanwhile by whoever
   * has not opened the file takes its place, and theirs is lost. So it is opened, and changed with them.
   */
  private async share(path: string): Promise<OpenText | null> {
    const { contents } = this.app.serviceManager;
    const { contentProviderId } = this.documents?.registry.getWidgetFactory(EDITOR) ?? {};
    if (!contents.getSharedModelFactory(path, { contentProviderId })?.collaborative) {
      return null;
    }
    const options = { activate: false };
    await this.documents?.openOrReveal(path, EDITOR, undefined, options)?.context.ready;
    return this.open(path);
  }

  private open(path: string): OpenText | null {
    const found = textOpen(path, this.app) ?? this.elsewhere(path);
    if (!found) {
      return null;
    }
    const { widget, context } = found;
    if (!this.followed.has(context)) {
      this.followed.add(context);
      context.model.contentChanged.connect(this.tell);
      context.disposed.connect(this.tell);
    }
    return new OpenText(this.app, widget, context);
  }

  /** Open, but not in the main area. */
  private elsewhere(path: string): { widget: Widget; context: Context } | null {
    const widget = this.documents?.findWidget(path);
    const context = widget && this.documents?.contextForWidget(widget);
    return widget && context && isText(context) ? { widget, context: context as Context } : null;
  }
}

/** A text file that is open. */
class OpenText implements OpenNotebook {
  readonly runner = null;

  constructor(
    private readonly app: JupyterFrontEnd,
    private readonly widget: Widget,
    private readonly context: Context
  ) {}

  get path(): string {
    return this.context.path;
  }

  get isReadOnly(): boolean {
    return this.context.model.readOnly || this.context.contentsModel?.writable === false;
  }

  cells(): readonly ProposalCell[] {
    return this.context.isDisposed ? [] : cellsOfText(this.context.model.sharedModel.getSource());
  }

  isLocked(): boolean {
    return false;
  }

  make(wanted: readonly ProposalCell[]): void {
    const shared = this.context.model.sharedModel;
    asOneStep(shared, () => {
      for (const { start, end, text } of splices(shared.getSource(), textOfCells(wanted))) {
        shared.updateSource(start, end, text);
      }
    });
  }

  get last(): object | null {
    return lastStep(this.context.model.sharedModel);
  }

  undo(): void {
    this.context.model.sharedModel.undo();
  }

  reveal(): void {
    if (!this.widget.isVisible) {
      this.app.shell.activateById(this.widget.id);
    }
  }
}

/** A text file that is not open. */
class StoredText implements OpenNotebook {
  readonly runner = null;
  /** What is stored has no steps: it is made as it was. */
  readonly last = null;
  isReadOnly = false;
  private text: string | null = null;
  /** How its lines end. */
  private ending = '\n';

  constructor(
    readonly path: string,
    private readonly contents: Contents.IManager,
    /** Have it open where others may have it open as well; null: what is stored is all there is of it. */
    private readonly share: () => Promise<OpenNotebook | null>,
    private readonly trans: TranslationBundle,
    private readonly tell: () => void
  ) {
    this.read().then(tell, (reason: unknown) => {
      console.warn(`llmhub: ${path} cannot be read.`, reason);
    });
  }

  get isThere(): boolean {
    return this.text !== null;
  }

  cells(): readonly ProposalCell[] {
    return cellsOfText(this.text ?? '');
  }

  isLocked(): boolean {
    return false;
  }

  async make(wanted: readonly ProposalCell[]): Promise<void> {
    const before = this.text ?? '';
    const after = textOfCells(wanted);
    const shared = await this.share();
    if (shared) {
      this.isStill(before, textOfCells(shared.cells()));
      await shared.make(wanted);
    } else {
      this.isStill(before, await this.read());
      const content = after.replaceAll('\n', this.ending);
      await this.contents.save(this.path, { type: 'file', format: 'text', content });
    }
    this.text = after;
    this.tell();
  }

  undo(): void {
    // There is nothing that it would take back.
  }

  reveal(): void {
    // It is not open.
  }

  /** Throws where it is not any more as it was known here; as it is, it is known from now on. */
  private isStill(before: string, now: string): void {
    if (now !== before) {
      this.tell();
      throw new Error(
        this.trans.__('The file was changed meanwhile. Look at what still fits, and apply that.')
      );
    }
  }

  private async read(): Promise<string> {
    const { text, ending, isWritable } = await storedText(this.path, this.contents).catch(
      (thrown: unknown) => {
        throw new Error(this.trans.__('“%1” cannot be read: %2', this.path, errorInfo(thrown).message));
      }
    );
    this.text = text;
    this.ending = ending;
    this.isReadOnly = !isWritable;
    return text;
  }
}
