import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { Cell } from '@jupyterlab/cells';
import type { CodeEditor } from '@jupyterlab/codeeditor';
import type { IConsoleTracker } from '@jupyterlab/console';
import { PathExt } from '@jupyterlab/coreutils';
import type { INotebookTracker } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Widget } from '@lumino/widgets';

import { type Place, type Subject, subjectOf } from '../../model/asking';
import { type CellLike, fileOf, imageIn } from '../../model/notebook';
import { languageIn } from '../../languages';
import { nameOf } from '../../model/workspace';
import { languageOf } from '../workbench';

export interface Around {
  readonly app: JupyterFrontEnd;
  readonly notebooks: INotebookTracker | null;
  readonly consoles: IConsoleTracker | null;
  readonly trans: TranslationBundle;
}

/** What a person points at: the selection if there is one, else the active cell; or what was said. Null: nothing is there. */
export function pointed(
  around: Around,
  { place, cell }: { place: Place | null; cell: string | null }
): Subject | null {
  const found = cellIn(around, cell);
  if (place === 'output' || place === 'cell' || cell !== null) {
    return found && ofCell(found, place === 'output' ? 'output' : 'cell', around.trans);
  }
  const selection = selected(around);
  return selection ?? (place === 'selection' || !found ? null : ofCell(found, 'cell', around.trans));
}

/** The words that are selected in the document that is shown: in an editor, or in what it displays. */
export function selected({ app, notebooks, trans }: Around): Subject | null {
  const widget = app.shell.currentWidget;
  if (!widget) {
    return null;
  }
  const panel = notebooks?.find(one => one === widget);
  const cell = panel?.content.activeCell;
  const editor = panel ? cell?.editor : editorIn(widget);
  const marked = editor ? markedIn(editor) : null;
  const name = nameIn(widget);
  const language = panel ? languageOf(panel) : PathExt.extname(name).slice(1);
  if (marked) {
    const { first, last } = marked;
    const where = panel
      ? trans.__('%1, cell %2', name, panel.content.activeCellIndex + 1)
      : first === last
        ? trans.__('%1, line %2', name, first)
        : trans.__('%1, lines %2 to %3', name, first, last);
    const isProse = cell?.model.type === 'markdown';
    return subject(marked.text, where, isProse ? 'markdown' : language);
  }
  const shown = document.getSelection();
  const text = shown && widget.node.contains(shown.anchorNode) ? shown.toString() : '';
  return text.trim() ? subject(text, name, '') : null;
}

function subject(code: string, name: string, language: string): Subject {
  return { place: 'selection', name, code, language, output: '', traceback: null, images: [] };
}

interface Found {
  readonly cell: Cell;
  /** The notebook or console that it is in, for people. */
  readonly name: string;
  /** Which one of its cells it is, from 1. */
  readonly number: number;
  readonly language: string;
}

/** A cell of an open notebook or console by its id; without one the active cell of the notebook that was used last. */
function cellIn({ notebooks, consoles }: Around, id: string | null): Found | null {
  const isMeant = ({ model }: Cell): boolean => model.id === id;
  const panel =
    id === null ? notebooks?.currentWidget : notebooks?.find(one => one.content.widgets.some(isMeant));
  const cell = id === null ? panel?.content.activeCell : panel?.content.widgets.find(isMeant);
  if (panel && cell) {
    const number = panel.content.widgets.indexOf(cell) + 1;
    return { cell, name: nameOf(panel.context.path), number, language: languageOf(panel) };
  }
  const entered = consoles?.find(one => [...one.console.cells].some(isMeant));
  const cells = entered ? [...entered.console.cells] : [];
  const at = cells.findIndex(isMeant);
  const there = cells[at];
  return entered && there
    ? {
        cell: there,
        name: entered.title.label,
        number: at + 1,
        language: languageIn(entered.console.promptCell?.model.mimeType)
      }
    : null;
}

function ofCell(
  { cell, name: within, number, language }: Found,
  place: 'cell' | 'output',
  trans: TranslationBundle
): Subject {
  const json = cell.model.toJSON() as CellLike;
  const name =
    place === 'output'
      ? trans.__('%1, output of cell %2', within, number)
      : trans.__('%1, cell %2', within, number);
  const image = place === 'output' ? imageIn(json.outputs) : null;
  const images = image
    ? [fileOf(image.base64, `${name}.${image.type.slice('image/'.length)}`, image.type)]
    : [];
  return { ...subjectOf(json, place, { name, language }), images };
}

/** The main selection of an editor, with its lines counted from 1. */
function markedIn(editor: CodeEditor.IEditor): { text: string; first: number; last: number } | null {
  const { start, end } = editor.getSelection();
  const [from, to] = [editor.getOffsetAt(start), editor.getOffsetAt(end)].sort((a, b) => a - b);
  const text = editor.model.sharedModel.getSource().slice(from, to);
  const lines = [start.line + 1, end.line + 1].sort((a, b) => a - b);
  return text.trim() ? { text, first: lines[0] ?? 1, last: lines[1] ?? 1 } : null;
}

/** The editor of a document that is one: JupyterLab's text editor, and whatever is made like it. */
function editorIn(widget: Widget): CodeEditor.IEditor | null {
  const { content } = widget as { content?: { editor?: CodeEditor.IEditor } };
  const editor = content?.editor;
  return editor && typeof editor.getSelection === 'function' ? editor : null;
}

function nameIn(widget: Widget): string {
  const { context } = widget as { context?: { path?: unknown } };
  return typeof context?.path === 'string' ? nameOf(context.path) : widget.title.label;
}
