import { type RefObject, useEffect, useState } from 'react';
import { createPortal } from 'react-dom';

import { quoteIcon } from '../../icons';
import { Button } from '../controls';
import { useServices } from '../context';
import { type Selected, selectedWithin } from './selection';

const HEIGHT = 32;

/** Where something is selected in a message, a button that puts it into the draft as a quote. */
export function QuoteButton({ root }: { root: RefObject<HTMLElement> }) {
  const { session, trans } = useServices();
  const [selected, setSelected] = useState<Selected | null>(null);

  useEffect(() => {
    let isDragging = false;
    const find = (): Selected | null => (isDragging || !root.current ? null : selectedWithin(root.current));
    const look = (): void => {
      setSelected(find());
    };
    const onScroll = (): void => {
      // Scrolling selects nothing.
      setSelected(before => before && find());
    };
    const onDown = (event: Event): void => {
      isDragging = event.target instanceof Node && root.current?.contains(event.target) === true;
    };
    const onUp = (): void => {
      isDragging = false;
      // The browser changes the selection after the pointer's event.
      setTimeout(look);
    };
    document.addEventListener('selectionchange', look);
    document.addEventListener('pointerdown', onDown, true);
    document.addEventListener('pointerup', onUp, true);
    document.addEventListener('pointercancel', onUp, true);
    document.addEventListener('scroll', onScroll, true);
    return () => {
      document.removeEventListener('selectionchange', look);
      document.removeEventListener('pointerdown', onDown, true);
      document.removeEventListener('pointerup', onUp, true);
      document.removeEventListener('pointercancel', onUp, true);
      document.removeEventListener('scroll', onScroll, true);
    };
  }, [root]);

  const place = selected && root.current ? placeFor(selected.range, root.current) : null;
  if (!selected || !place) {
    return null;
  }
  return createPortal(
    <div className="jp-llmhub-quote-button jp-ThemedContainer" style={place}>
      <Button
        icon={quoteIcon}
        testId="llmhub-quote-selection"
        onPointerDown={event => {
          // What is selected stays so.
          event.preventDefault();
        }}
        onMouseDown={event => {
          event.preventDefault();
        }}
        onClick={() => {
          session.quote(selected.messageId, selected.text);
          document.getSelection()?.removeAllRanges();
          setSelected(null);
        }}
      >
        {trans.__('Quote')}
      </Button>
    </div>,
    document.body
  );
}

/** Above the beginning of what is selected, below its end where there is no room; nowhere if that is out of view. */
function placeFor(range: Range, root: HTMLElement): { left: number; top: number } | null {
  const lines = range.getClientRects();
  const [first, last] = [lines[0], lines[lines.length - 1]];
  const view = root.getBoundingClientRect();
  if (!first || !last || first.bottom < view.top - HEIGHT || first.top > view.bottom) {
    return null;
  }
  const above = first.top - HEIGHT - 4;
  return {
    left: Math.min(Math.max(first.left, view.left + 4), Math.max(view.left + 4, view.right - 96)),
    top: above >= view.top ? above : Math.min(last.bottom + 4, view.bottom - HEIGHT)
  };
}
