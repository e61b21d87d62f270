import type { Links } from 'marked';
import { memo, type MouseEvent, useLayoutEffect, useRef, useState, useSyncExternalStore } from 'react';
import { createPortal } from 'react-dom';

import { patch } from '../../markdown/patch';
import { FILE_CLASS, LOAD_CLASS } from '../../markdown/sanitizer';
import { useDrawing } from '../context';
import { Fence } from './Fence';
import { TableTools } from './TableTools';

interface Props {
  source: string;
  links: Links | null;
  closed: boolean;
  /** The source is HTML. */
  isHtml?: boolean;
}

/** A place in the drawn text that has a component of its own. */
type Place =
  | { kind: 'code'; host: HTMLElement; code: string; language: string }
  | { kind: 'table'; host: HTMLElement; table: HTMLTableElement };

/**
 * One block of Markdown that is not code. While it grows it is drawn again and again, and only what differs is touched; when it is
 * closed, the code and the tables in it get their tools.
 */
export const Prose = memo(function Prose({ source, links, closed, isHtml = false }: Props) {
  const { markdown, images, workbench, session } = useDrawing();
  const host = useRef<HTMLDivElement>(null);
  const hasTools = useRef(false);
  const [places, setPlaces] = useState<readonly Place[]>([]);
  useSyncExternalStore(images.subscribe, images.version);
  const conversation = session.chat.id ?? session.chat.key;
  const seen = images.seenBy(conversation);

  useLayoutEffect(() => {
    const element = host.current;
    if (!element) {
      return;
    }
    const drawn = isHtml ? markdown.sanitizer.clean(source, seen) : markdown.draw(source, links, seen);
    if (hasTools.current) {
      element.replaceChildren(drawn);
    } else {
      patch(element, drawn);
    }
    if (closed) {
      const found = placesIn(element);
      hasTools.current = found.length > 0;
      setPlaces(before => (before.length || found.length ? found : before));
    }
    let isCurrent = true;
    void markdown.settle(element).then(isNew => {
      if (isNew && isCurrent) {
        element.dataset['settled'] = '';
      }
    });
    return () => {
      isCurrent = false;
    };
  }, [markdown, source, links, closed, seen, isHtml]);

  const onClick = (event: MouseEvent): void => {
    const target = event.target as Element;
    const load = target.closest<HTMLElement>(`.${LOAD_CLASS}`)?.dataset['host'];
    const path = target.closest<HTMLElement>(`.${FILE_CLASS}`)?.dataset['path'];
    if (load !== undefined) {
      images.load(conversation, load);
    } else if (path !== undefined) {
      void workbench?.openPath(path);
    }
  };

  return (
    <>
      <div className="jp-llmhub-prose" ref={host} onClick={onClick} />
      {places.map((place, index) =>
        place.kind === 'code'
          ? createPortal(<Fence code={place.code} language={place.language} done />, place.host, index)
          : createPortal(<TableTools table={place.table} />, place.host, index)
      )}
    </>
  );
});

/** Code inside of lists and quotes, and tables: each gets an element in which its component stands. */
function placesIn(element: HTMLElement): Place[] {
  const places: Place[] = [];
  for (const pre of element.querySelectorAll('pre')) {
    const inner = pre.querySelector('code');
    const host = document.createElement('div');
    pre.replaceWith(host);
    places.push({
      kind: 'code',
      host,
      code: pre.textContent.replace(/\n$/, ''),
      language: /(?:^|\s)language-(\S+)/.exec(inner?.className ?? '')?.[1] ?? ''
    });
  }
  for (const table of element.querySelectorAll('table')) {
    if (table.parentElement?.closest('table')) {
      continue;
    }
    const box = document.createElement('div');
    box.className = 'jp-llmhub-table';
    const scroll = document.createElement('div');
    scroll.className = 'jp-llmhub-table-scroll';
    scroll.tabIndex = 0;
    const host = document.createElement('div');
    table.replaceWith(box);
    scroll.append(table);
    box.append(scroll, host);
    places.push({ kind: 'table', host, table });
  }
  return places;
}
