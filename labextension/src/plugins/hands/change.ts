import { PathExt } from '@jupyterlab/coreutils';

import { errorInfo } from '../../api/errors';
import { counted } from '../../counts';
import { fitted, leftOut } from '../../model/proposal/budget';
import { requestFile } from '../../model/proposal/request';
import { cellsOfText, textRequestFile } from '../../model/proposal/text';
import type { Session } from '../../model/session';
import { nameOf } from '../../model/workspace';
import { cellsOf } from '../notebooks';
import { languageOf } from '../workbench';
import type { Around } from './pointed';
import { linesMarked, textAt, textShown } from './texts';

export interface ChangeWish {
  /** What is to be changed; null: it is left to be written. */
  readonly request: string | null;
  /** Of an open notebook, which "this cell" is; null: those that are selected in the notebook that was used last. */
  readonly cell: string | null;
  /** The text file that is meant; null: the one that is shown, if it is no notebook. */
  readonly path: string | null;
}

interface Request {
  readonly file: File;
  /** What a person should know of what goes along. */
  readonly note: string | null;
}

/**
 * Have a model propose changes to a notebook or text file. Nothing in it changes before somebody accepts that. Why that cannot be asked
 * for, in words; null: it was.
 */
export async function change(wish: ChangeWish, show: () => Session, around: Around): Promise<string | null> {
  const session = show();
  session.screen.show('thread');
  await session.ready();
  const path = wish.path ?? (wish.cell === null ? textShown(around.app) : null);
  const made = path === null ? ofNotebook(wish.cell, session, around) : await ofText(path, session, around);
  if ('problem' in made) {
    return made.problem;
  }
  if (path !== null) {
    // Where it is attached already: it goes along as what is to be changed.
    const { drafts } = session.hub;
    const { files } = drafts.get(session.writing.key);
    drafts.set(session.writing.key, { files: files.filter(file => file.about?.path !== path) });
  }
  const { file, note } = made;
  if (wish.request === null) {
    await session.writing.add('', [file]);
  } else {
    await session.writing.ask(wish.request, [file]);
  }
  if (note !== null) {
    session.desk.say(note);
  }
  return null;
}

function ofNotebook(
  cell: string | null,
  session: Session,
  { notebooks, trans }: Around
): Request | { problem: string } {
  const panel =
    cell === null
      ? notebooks?.currentWidget
      : notebooks?.find(one => one.content.widgets.some(({ model }) => model.id === cell));
  if (!panel?.content.model) {
    return { problem: trans.__('There is nothing to change: open a notebook or a text file') };
  }
  const about = cell === null ? panel.content.selectedCells.map(({ model }) => model.id) : [cell];
  const whole = { path: panel.context.path, cells: cellsOf(panel) };
  const base = fitted(whole, about, session.hub.preferences.values.changeBudget);
  const { short, unlisted } = leftOut(base);
  return {
    file: requestFile(base, { language: languageOf(panel), about }),
    note:
      short + unlisted === 0
        ? null
        : trans.__(
            'The notebook is large: of %1 cells only the first line goes along, %2 do not go along. The settings say how much may.',
            counted(short),
            counted(unlisted)
          )
  };
}

async function ofText(
  path: string,
  session: Session,
  { app, trans }: Around
): Promise<Request | { problem: string }> {
  let source: string;
  try {
    source = await textAt(path, app);
  } catch (thrown) {
    return { problem: trans.__('“%1” cannot be read: %2', path, errorInfo(thrown).message) };
  }
  const limit = session.hub.preferences.values.changeBudget;
  const size = new TextEncoder().encode(source).length;
  if (size > limit) {
    return {
      problem: trans.__(
        '“%1” is too large to be changed here: it has %2 bytes, and the settings let %3 go along',
        nameOf(path),
        counted(size),
        counted(limit)
      )
    };
  }
  const base = { path, cells: cellsOfText(source), isText: true };
  const language = PathExt.extname(path).slice(1);
  return { file: textRequestFile(base, { language, about: linesMarked(path, app) }), note: null };
}
