import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { CodeEditor } from '@jupyterlab/codeeditor';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import type { Contents } from '@jupyterlab/services';
import type { Widget } from '@lumino/widgets';

import type { Session } from '../../model/session';

export type Context = DocumentRegistry.IContext<DocumentRegistry.ICodeModel>;

/** The path of the text file that is shown; null: something else is. */
export function textShown(app: JupyterFrontEnd): string | null {
  return contextOf(app.shell.currentWidget)?.path ?? null;
}

/** The path of a text file that is attached to what is being written. */
export function attachedPath({ hub, writing }: Session): string | null {
  const { files } = hub.drafts.get(writing.key);
  const paths = files.flatMap(({ type, about }) => (type === 'file' ? (about?.path ?? []) : []));
  return paths.find(path => !path.endsWith('.ipynb')) ?? null;
}

/** A text file as it is now, saved or not. Throws where it cannot be read. */
export async function textAt(path: string, app: JupyterFrontEnd): Promise<string> {
  const open = textOpen(path, app);
  if (open) {
    return open.context.model.sharedModel.getSource();
  }
  return (await storedText(path, app.serviceManager.contents)).text;
}

/** A text file as it is stored, with lines that end as JupyterLab's editors have them. */
export interface StoredLines {
  readonly text: string;
  /** How its lines end where it is stored. */
  readonly ending: string;
  readonly isWritable: boolean;
}

/** Rejects where it cannot be read. */
export async function storedText(path: string, contents: Contents.IManager): Promise<StoredLines> {
  const model = await contents.get(path, { type: 'file', format: 'text', content: true });
  const content = String(model.content);
  const ending = /\r\n?/.exec(content)?.[0] ?? '\n';
  return { text: content.replaceAll(ending, '\n'), ending, isWritable: model.writable };
}

/** The lines that are selected in it, from 1; null: none, or it is not shown. */
export function linesMarked(path: string, app: JupyterFrontEnd): { first: number; last: number } | null {
  const widget = app.shell.currentWidget;
  const { content } = (widget ?? {}) as { content?: { editor?: CodeEditor.IEditor } };
  if (contextOf(widget)?.path !== path || typeof content?.editor?.getSelection !== 'function') {
    return null;
  }
  const { start, end } = content.editor.getSelection();
  const isEmpty = start.line === end.line && start.column === end.column;
  const [first = 0, last = 0] = [start.line, end.line].sort((a, b) => a - b);
  return isEmpty ? null : { first: first + 1, last: last + 1 };
}

/** A text file that is open in the main area, by whatever shows it. */
export function textOpen(path: string, app: JupyterFrontEnd): { widget: Widget; context: Context } | null {
  for (const widget of app.shell.widgets('main')) {
    const context = contextOf(widget);
    if (context?.path === path) {
      return { widget, context };
    }
  }
  return null;
}

/** What a document that is a text has behind it. */
function contextOf(widget: Widget | null): Context | null {
  const { context } = (widget ?? {}) as { context?: Context };
  return context && isText(context) ? context : null;
}

/** Whether a document is a text that is there. */
export function isText(context: DocumentRegistry.Context): boolean {
  const { model } = context as Partial<Context>;
  const shared = model?.sharedModel as { getSource?: unknown; cells?: unknown } | undefined;
  return context.isReady && typeof shared?.getSource === 'function' && shared.cells === undefined;
}
