import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { MarkdownRenderer } from '../markdown/render';
import { createSanitizer } from '../markdown/sanitizer';
import { ILLMHub, IPageServices, IPartRegistry } from '../tokens';

/** Gathers what every panel of the page is made with. */
export const servicesPlugin: JupyterFrontEndPlugin<IPageServices> = {
  id: '@llmhub/lab:services',
  description: 'What chat panels need from JupyterLab.',
  autoStart: true,
  provides: IPageServices,
  requires: [ILLMHub, IPartRegistry, IRenderMimeRegistry],
  optional: [IEditorLanguageRegistry, ITranslator],
  activate: (
    _app: JupyterFrontEnd,
    hub: ILLMHub,
    parts: IPartRegistry,
    rendermime: IRenderMimeRegistry,
    languages: IEditorLanguageRegistry | null,
    translator: ITranslator | null
  ): IPageServices => {
    const trans = (translator ?? nullTranslator).load('llmhub');
    const markdown = new MarkdownRenderer(rendermime, createSanitizer(trans.__('remote image')));
    return { hub, parts, markdown, languages, trans };
  }
};
