import { Notification } from '@jupyterlab/apputils';

import { compose, type Intent, type Place } from '../../model/asking';
import type { Session } from '../../model/session';
import { type Around, pointed, selected } from './pointed';
import { questionAbout } from './words';

export interface Wish {
  readonly intent: Intent;
  /** Null: what is selected, else the active cell. */
  readonly place: Place | null;
  readonly cell: string | null;
  /** Words instead of those that belong to the intent. */
  readonly question: string | null;
  /** Ask at once; otherwise it is left in the message field. */
  readonly send: boolean;
}

/** Ask about what a person points at. `show` shows the panel, when there is something to ask about. */
export async function ask(wish: Wish, show: () => Session, around: Around): Promise<void> {
  const { trans } = around;
  const subject = pointed(around, wish);
  if (!subject || isEmpty(subject)) {
    Notification.warning(
      wish.place === 'output'
        ? trans.__('The cell shows nothing yet: run it first')
        : trans.__('There is nothing to ask about: select some text, or a cell of a notebook')
    );
    return;
  }
  const words = wish.question ?? questionAbout(wish.intent, subject, trans);
  const { text, files } = compose(words, subject);
  const session = show();
  session.screen.show('thread');
  await session.ready();
  if (wish.send && words !== '') {
    await session.writing.ask(text, files);
  } else {
    await session.writing.add(text, files);
  }
}

/** Attach what is selected to the message that is being written. */
export async function attachSelection(show: () => Session, around: Around): Promise<void> {
  const { trans } = around;
  const subject = selected(around);
  if (!subject) {
    Notification.warning(trans.__('Nothing is selected in the document that is open'));
    return;
  }
  const session = show();
  session.screen.show('thread');
  await session.ready();
  const { text, files } = compose('', subject);
  await session.writing.add(text, files);
}

function isEmpty({
  place,
  code,
  output,
  traceback,
  images
}: NonNullable<ReturnType<typeof pointed>>): boolean {
  return place === 'output'
    ? !output && traceback === null && images.length === 0
    : !code.trim() && traceback === null;
}
