import { type JupyterFrontEnd, type JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import { PathExt } from '@jupyterlab/coreutils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator, type TranslationBundle } from '@jupyterlab/translation';

import { endingOf, findLanguage } from '../languages';
import { IWorkbench } from '../tokens';
import { dragCell } from './dragging';
import { type Code, CODE_ACTIONS, type CodeAction, type Workbench } from '../workbench';

/** The commands that do what the buttons of a code block do. */
export const CODE_COMMANDS: Readonly<Record<CodeAction, string>> = {
  'insert-cell': 'llmhub:insert-code-as-cell',
  'replace-cell': 'llmhub:replace-cell-with-code',
  'new-notebook': 'llmhub:new-notebook-with-code',
  'open-file': 'llmhub:open-code-as-file'
};

const CODE_ARGUMENTS = {
  args: {
    type: 'object',
    properties: {
      code: { type: 'string', description: 'The code.' },
      language: { type: 'string', description: 'Its language, as the word behind a Markdown fence.' }
    },
    required: ['code']
  }
} as const;

/** JupyterLab's notebooks and files, as places for code. */
export const workbenchPlugin: JupyterFrontEndPlugin<IWorkbench> = {
  id: '@llmhub/lab:workbench',
  description: 'Puts code from a chat into notebooks and files.',
  autoStart: true,
  provides: IWorkbench,
  optional: [INotebookTracker, IDocumentManager, IDefaultFileBrowser, IEditorLanguageRegistry, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    notebooks: INotebookTracker | null,
    documents: IDocumentManager | null,
    browser: IDefaultFileBrowser | null,
    languages: IEditorLanguageRegistry | null,
    translator: ITranslator | null
  ): IWorkbench => {
    const trans = (translator ?? nullTranslator).load('llmhub');
    const bench = new LabWorkbench({ app, notebooks, documents, browser, languages, trans });
    const labels: Record<CodeAction, string> = {
      'insert-cell': trans.__('Insert code as cell'),
      'replace-cell': trans.__('Replace the active cell with code'),
      'new-notebook': trans.__('New notebook with code'),
      'open-file': trans.__('Open code as file')
    };
    for (const action of CODE_ACTIONS) {
      app.commands.addCommand(CODE_COMMANDS[action], {
        label: labels[action],
        describedBy: CODE_ARGUMENTS,
        isEnabled: () => bench.obstacle(action) === null,
        execute: args =>
          bench.perform(action, {
            code: textOf(args['code']),
            language: textOf(args['language'])
          })
      });
    }
    bench.subscribe(() => {
      for (const action of CODE_ACTIONS) {
        app.commands.notifyCommandChanged(CODE_COMMANDS[action]);
      }
    });
    return bench;
  }
};

interface Parts {
  readonly app: JupyterFrontEnd;
  readonly notebooks: INotebookTracker | null;
  readonly documents: IDocumentManager | null;
  readonly browser: IDefaultFileBrowser | null;
  readonly languages: IEditorLanguageRegistry | null;
  readonly trans: TranslationBundle;
}

/** Languages that IPython runs in a cell of their own, by the magic word for it. */
const MAGIC: Readonly<Record<string, string>> = {
  shell: '%%bash',
  html: '%%html',
  javascript: '%%javascript',
  latex: '%%latex',
  perl: '%%perl',
  ruby: '%%ruby',
  svg: '%%svg'
};

class LabWorkbench implements Workbench {
  private readonly listeners = new Set<() => void>();
  private count = 0;

  constructor(private readonly parts: Parts) {
    const changed = (): void => {
      this.count += 1;
      this.listeners.forEach(listener => {
        listener();
      });
    };
    parts.notebooks?.currentChanged.connect(changed);
    parts.notebooks?.activeCellChanged.connect(changed);
  }

  readonly version = (): number => this.count;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  };

  obstacle(action: CodeAction): string | null {
    const { notebooks, documents, trans } = this.parts;
    if (action === 'new-notebook' || action === 'open-file') {
      return documents ? null : trans.__('Not available here');
    }
    const model = notebooks?.currentWidget?.content.model;
    if (!model) {
      return trans.__('Open a notebook first');
    }
    if (model.readOnly) {
      return trans.__('The notebook can only be read');
    }
    if (action === 'replace-cell') {
      const cell = notebooks.currentWidget.content.activeCell;
      if (!cell) {
        return trans.__('The notebook has no active cell');
      }
      if (cell.model.getMetadata('editable') === false) {
        return trans.__('The active cell can only be read');
      }
    }
    return null;
  }

  async perform(action: CodeAction, code: Code): Promise<void> {
    const { trans } = this.parts;
    const obstacle = this.obstacle(action);
    if (obstacle !== null) {
      Notification.warning(obstacle);
      return;
    }
    try {
      await this.act(action, code);
    } catch (thrown) {
      const reason = thrown instanceof Error ? thrown.message : String(thrown);
      Notification.error(trans.__('The code could not be put there: %1', reason));
    }
  }

  drag(code: Code, { clientX, clientY }: { readonly clientX: number; readonly clientY: number }): void {
    const panel = this.parts.notebooks?.currentWidget;
    void dragCell(this.cellOf(code, panel ? languageOf(panel) : 'python'), code.code).start(clientX, clientY);
  }

  async openPath(path: string): Promise<void> {
    const { documents, trans, browser } = this.parts;
    const places = [path, PathExt.join(browser?.model.path ?? '', path)];
    for (const place of new Set(places)) {
      try {
        await documents?.services.contents.get(place, { content: false });
        documents?.openOrReveal(place);
        return;
      } catch {
        // Not there: the next place.
      }
    }
    Notification.warning(trans.__('There is no file %1 in the workspace', path));
  }

  private async act(action: CodeAction, code: Code): Promise<void> {
    const panel = this.parts.notebooks?.currentWidget ?? null;
    switch (action) {
      case 'insert-cell':
        this.insert(panel, code);
        break;
      case 'replace-cell':
        this.replace(panel, code);
        break;
      case 'new-notebook':
        await this.createNotebook(code);
        break;
      case 'open-file':
        await this.createFile(code);
        break;
    }
  }

  /** A new cell below the active one, through the shared model: one undo takes it back. */
  private insert(panel: NotebookPanel | null, code: Code): void {
    const model = panel?.content.model;
    if (!panel || !model) {
      return;
    }
    const cells = model.sharedModel;
    const at = Math.min(panel.content.activeCellIndex + 1, cells.cells.length);
    cells.transact(() => {
      cells.insertCell(at, this.cellOf(code, languageOf(panel)));
    });
    panel.content.activeCellIndex = at;
    panel.content.deselectAll();
    this.reveal(panel);
  }

  private replace(panel: NotebookPanel | null, code: Code): void {
    const cell = panel?.content.activeCell;
    if (!panel || !cell) {
      return;
    }
    const { source } = this.cellOf(code, languageOf(panel));
    const shared = cell.model.sharedModel;
    shared.transact(() => {
      shared.setSource(source);
    });
    this.reveal(panel);
  }

  private reveal(panel: NotebookPanel): void {
    this.parts.app.shell.activateById(panel.id);
    const { activeCell, activeCellIndex } = panel.content;
    void panel.content.scrollToItem(activeCellIndex, 'smart').catch(() => undefined);
    activeCell?.node.focus();
  }

  private async createNotebook(code: Code): Promise<void> {
    const { documents } = this.parts;
    if (!documents) {
      return;
    }
    await documents.services.kernelspecs.ready;
    const specs = documents.services.kernelspecs.specs;
    const wanted = this.name(code.language);
    const found = Object.values(specs?.kernelspecs ?? {}).find(
      spec => spec && this.name(spec.language) === wanted
    );
    const spec = found ?? specs?.kernelspecs[specs.default];
    const created = await documents.services.contents.newUntitled({ path: this.folder, type: 'notebook' });
    await documents.services.contents.save(created.path, {
      type: 'notebook',
      format: 'json',
      content: {
        cells: [
          {
            ...this.cellOf(code, spec?.language ?? 'python'),
            id: 'first',
            metadata: {},
            ...(wanted === 'markdown' ? {} : { execution_count: null, outputs: [] })
          }
        ],
        metadata: spec
          ? { kernelspec: { name: spec.name, display_name: spec.display_name, language: spec.language } }
          : {},
        nbformat: 4,
        nbformat_minor: 5
      }
    });
    documents.openOrReveal(created.path, 'default', spec ? { name: spec.name } : undefined);
  }

  private async createFile({ code, language }: Code): Promise<void> {
    const { documents, languages } = this.parts;
    const ending = endingOf(findLanguage(languages, language), language);
    const created = await documents?.services.contents.newUntitled({
      path: this.folder,
      type: 'file',
      ext: `.${ending}`
    });
    if (created) {
      await documents?.services.contents.save(created.path, { type: 'file', format: 'text', content: code });
      documents?.openOrReveal(created.path);
    }
  }

  /** The folder that the file browser shows. */
  private get folder(): string {
    return this.parts.browser?.model.path ?? '';
  }

  private cellOf(
    { code, language }: Code,
    kernel: string
  ): { cell_type: 'code' | 'markdown'; source: string } {
    const name = this.name(language);
    if (name === 'markdown') {
      return { cell_type: 'markdown', source: code };
    }
    const magic = this.name(kernel) === 'python' ? MAGIC[name] : undefined;
    return { cell_type: 'code', source: magic && !code.startsWith('%%') ? `${magic}\n${code}` : code };
  }

  /** One name for a language, however it was written. */
  private name(language: string): string {
    const name = (findLanguage(this.parts.languages, language)?.name ?? language).toLowerCase();
    return name === 'ipython' ? 'python' : name;
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

export function languageOf(panel: NotebookPanel): string {
  const metadata = panel.content.model?.sharedModel.metadata;
  const named = metadata?.language_info?.name ?? '';
  return named || textOf(metadata?.kernelspec?.['language']) || 'python';
}
