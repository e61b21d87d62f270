import { ILabShell, type JupyterFrontEnd, type JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IThemeManager } from '@jupyterlab/apputils';
import { IEditorServices } from '@jupyterlab/codeeditor';
import { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import { IDocumentManager, IRecentsManager } from '@jupyterlab/docmanager';
import { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import { IMermaidManager } from '@jupyterlab/mermaid';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { FileFinder } from '../model/finder';
import type { PageServices } from '../components/context';
import { CommandIDs, ILLMHub, IPageServices, IPartRegistry, ISlashCommands, IWorkbench } from '../tokens';
import { surroundingsOf } from './surroundings';
import { workspaceOf } from './workspace';

/** Gathers what every panel of the page is made with. What only a panel needs is fetched with the first one that is shown. */
export const servicesPlugin: JupyterFrontEndPlugin<IPageServices> = {
  id: '@llmhub/lab:services',
  description: 'What chat panels need from JupyterLab.',
  autoStart: true,
  provides: IPageServices,
  requires: [ILLMHub, IPartRegistry, ISlashCommands, IRenderMimeRegistry],
  optional: [
    IEditorLanguageRegistry,
    ITranslator,
    IDefaultFileBrowser,
    IRecentsManager,
    IDocumentManager,
    ILabShell,
    IWorkbench,
    INotebookTracker,
    IMermaidManager,
    IThemeManager,
    IEditorServices
  ],
  activate: (
    app: JupyterFrontEnd,
    hub: ILLMHub,
    parts: IPartRegistry,
    slash: ISlashCommands,
    rendermime: IRenderMimeRegistry,
    languages: IEditorLanguageRegistry | null,
    translator: ITranslator | null,
    browser: IDefaultFileBrowser | null,
    recents: IRecentsManager | null,
    documents: IDocumentManager | null,
    labShell: ILabShell | null,
    workbench: IWorkbench | null,
    notebooks: INotebookTracker | null,
    mermaid: IMermaidManager | null,
    themes: IThemeManager | null,
    editors: IEditorServices | null
  ): IPageServices => {
    const current = (): string | null => {
      const widget = labShell?.currentWidget;
      return (widget && documents?.contextForWidget(widget)?.path) ?? null;
    };
    const workspace = workspaceOf(app.serviceManager.contents, browser, recents, current);
    const surroundings = surroundingsOf(labShell, notebooks, documents, browser);
    const trans = (translator ?? nullTranslator).load('llmhub');
    return {
      hub,
      trans,
      load: once(async () => {
        const [
          { MarkdownRenderer },
          { Sanitizer },
          { RemoteImages },
          { Diagrams },
          { nearbyOf },
          { LabNotebooks },
          { Trials }
        ] = await Promise.all([
          import('../markdown/render'),
          import('../markdown/sanitizer'),
          import('../markdown/images'),
          import('../markdown/diagrams'),
          import('./nearby'),
          import('./notebooks'),
          import('../model/proposal/trials'),
          parts.load()
        ]);
        const sanitizer = new Sanitizer({
          image: alt => (alt ? trans.__('Image: %1', alt) : trans.__('Image')),
          load: host => trans.__('Load images from %1', host),
          why: address =>
            trans.__('%1 is not fetched before you say so: its server would learn of it.', address)
        });
        const markdown = new MarkdownRenderer(rendermime, sanitizer);
        const openTab = (conversation: string): void => {
          void app.commands.execute(CommandIDs.openTab, { conversation });
        };
        const openUsage = (): void => {
          void app.commands.execute(CommandIDs.openUsage);
        };
        const files = new FileFinder(workspace);
        const images = new RemoteImages();
        const diagrams = mermaid && new Diagrams(mermaid);
        if (diagrams) {
          // Mermaid's manager learns of it first.
          themes?.themeChanged.connect(diagrams.renew);
        }
        const drawing = { parts, markdown, images, diagrams, languages, editors };
        const nearby = nearbyOf(app, notebooks, trans);
        const open = notebooks && new LabNotebooks(app, notebooks, documents, trans);
        const around = {
          hub,
          slash,
          workbench,
          workspace,
          surroundings,
          nearby,
          notebooks: open,
          trials: open && new Trials(open, hub.storage, hub.preferences),
          files,
          trans
        };
        const openSettings = (): void => {
          void app.commands.execute(CommandIDs.openSettings);
        };
        const tabs = labShell ? { openTab, openSettings } : { openTab: null, openSettings: null };
        return { ...drawing, ...around, ...tabs, openUsage };
      })
    };
  }
};

/** All callers share one result; after a failure the next one tries again. */
function once(make: () => Promise<PageServices>): () => Promise<PageServices> {
  let made: Promise<PageServices> | null = null;
  return () => {
    made ??= make().catch((thrown: unknown) => {
      made = null;
      throw thrown;
    });
    return made;
  };
}
