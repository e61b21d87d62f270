import { type RefObject, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { flushSync } from 'react-dom';

import { Layout } from './layout';

/** No list is higher than this; before one knows better, so much of it is drawn. Pixels. */
const ROOM = 420;
/** Drawn before it comes into view by so much, once somebody scrolls. Pixels. */
const AHEAD = 300;

interface Options<Row> {
  /** What is scrolled. Each row in it that is drawn says which one it is: `data-row`. */
  readonly view: RefObject<HTMLElement>;
  /** Another array is another list. */
  readonly rows: readonly Row[];
  /** How high a row is that was never drawn. Pixels, rather too few than too many. */
  readonly estimate: (row: Row) => number;
  /** What a row is about: as high as it was when it was drawn. */
  readonly subject: (row: Row) => unknown;
  /** The row that is kept in view and in the page. −1: none. */
  readonly active: number;
}

export interface Place {
  readonly index: number;
  /** Empty room above it, where rows are that are not drawn. Pixels. */
  readonly gap: number;
}

export interface Window {
  readonly places: readonly Place[];
  /** Empty room below the last one. Pixels. */
  readonly below: number;
  readonly onScroll: () => void;
}

interface Seen {
  top: number;
  height: number;
}

/** Which rows of a long list are drawn: those in view and the active one. */
export function useWindow<Row>({ view, rows, estimate, subject, active }: Options<Row>): Window {
  const [measured] = useState(() => new Map<unknown, number>());
  const seen = useRef<Seen>({ top: 0, height: ROOM });
  const ahead = useRef(0);
  const [, setTurn] = useState(0);
  const shown = useRef({ first: 0, last: 0 });
  const brought = useRef<unknown>(null);

  const layout = useMemo(() => {
    const made = new Layout();
    made.set(rows.map(row => measured.get(subject(row)) ?? estimate(row)));
    return made;
    // eslint-disable-next-line react-hooks/exhaustive-deps -- the rows are what it depends on
  }, [rows, measured]);
  const row = rows[active];
  const mark = row === undefined ? null : subject(row);

  // Where the view will stand once the active row has been brought into it.
  const { height } = seen.current;
  const upper = layout.top(active);
  const lower = layout.top(active + 1);
  const isToBring = row !== undefined && brought.current !== mark;
  const nearest = upper < seen.current.top ? upper : Math.max(seen.current.top, lower - height);
  const top = Math.max(0, Math.min(isToBring ? nearest : seen.current.top, layout.total - height));
  const first = layout.at(top - ahead.current);
  const last = Math.min(rows.length - 1, layout.at(top + Math.max(height, ROOM) + ahead.current));
  shown.current = { first, last };

  useLayoutEffect(() => {
    const element = view.current;
    if (!element || !isToBring) {
      return;
    }
    brought.current = mark;
    // Most often it is in view already, at the top of it, and nothing has to be laid out to know.
    if (seen.current.top > 0 || lower > height / 2) {
      element.querySelector(`[data-row="${String(active)}"]`)?.scrollIntoView({ block: 'nearest' });
    }
  });

  const onScroll = (): void => {
    const element = view.current;
    if (!element) {
      return;
    }
    for (const drawn of element.querySelectorAll<HTMLElement>('[data-row]')) {
      const index = Number(drawn.dataset['row']);
      const about = rows[index];
      if (about !== undefined && drawn.offsetHeight > 0) {
        measured.set(subject(about), drawn.offsetHeight);
        layout.resize(index, drawn.offsetHeight);
      }
    }
    seen.current = { top: element.scrollTop, height: element.clientHeight || ROOM };
    ahead.current = AHEAD;
    const from = layout.at(element.scrollTop - AHEAD / 2);
    const to = layout.at(element.scrollTop + seen.current.height + AHEAD / 2);
    if (from < shown.current.first || to > shown.current.last) {
      // In this very frame: what scrolled by already stands there empty.
      flushSync(() => {
        setTurn(turn => turn + 1);
      });
    }
  };

  const wanted = Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => first + at);
  if (active >= 0 && active < first) {
    wanted.unshift(active);
  } else if (active > last && row !== undefined) {
    wanted.push(active);
  }
  const places = wanted.map((index, at) => {
    const before = wanted[at - 1];
    return { index, gap: layout.top(index) - (before === undefined ? 0 : layout.top(before + 1)) };
  });
  const end = wanted.at(-1);
  return { places, below: end === undefined ? 0 : layout.total - layout.top(end + 1), onScroll };
}
