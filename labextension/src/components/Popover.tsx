import { type KeyboardEvent, type ReactNode, useEffect, useLayoutEffect, useRef } from 'react';
import { createPortal } from 'react-dom';

const GAP = 6;
const MARGIN = 8;

interface Props {
  /** What it belongs to: it stands below or above it, and gives the focus back to it. */
  anchor: HTMLElement;
  label: string;
  onClose: () => void;
  /** Take the focus when it opens; one that shows what the pointer is at does not. */
  takesFocus?: boolean;
  className?: string;
  testId?: string;
  onPointerEnter?: () => void;
  onPointerLeave?: () => void;
  children: ReactNode;
}

/** A small window over the page, not bound to the panel's width. Escape, and a click elsewhere, close it. */
export function Popover(props: Props) {
  const { anchor, label, onClose, takesFocus = true, className = '', testId, children } = props;
  const box = useRef<HTMLDivElement>(null);
  const close = useRef(onClose);
  useLayoutEffect(() => {
    close.current = onClose;
  });

  useLayoutEffect(() => {
    if (box.current) {
      place(box.current, anchor);
    }
  });

  useEffect(() => {
    const element = box.current;
    if (!element) {
      return;
    }
    // What takes the focus itself has it.
    if (takesFocus && !element.contains(document.activeElement)) {
      (element.querySelector<HTMLElement>('[autofocus], input') ?? element).focus({ preventScroll: true });
    }
    const again = (): void => {
      if (anchor.isConnected) {
        place(element, anchor);
      } else {
        close.current();
      }
    };
    const onPointerDown = (event: Event): void => {
      const { target } = event;
      if (target instanceof Node && !element.contains(target) && !anchor.contains(target)) {
        close.current();
      }
    };
    const onKey = (event: globalThis.KeyboardEvent): void => {
      if (event.key === 'Escape') {
        close.current();
      }
    };
    const observer = new ResizeObserver(again);
    observer.observe(element);
    document.addEventListener('pointerdown', onPointerDown, true);
    document.addEventListener('keydown', onKey);
    document.addEventListener('scroll', again, true);
    window.addEventListener('resize', again);
    return () => {
      observer.disconnect();
      document.removeEventListener('pointerdown', onPointerDown, true);
      document.removeEventListener('keydown', onKey);
      document.removeEventListener('scroll', again, true);
      window.removeEventListener('resize', again);
      if (
        takesFocus &&
        (element.contains(document.activeElement) || document.activeElement === document.body)
      ) {
        anchor.focus({ preventScroll: true });
      }
    };
  }, [anchor, takesFocus]);

  const onKeyDown = (event: KeyboardEvent): void => {
    // What is written here is not for the message or the thread around it.
    event.stopPropagation();
    if (event.key === 'Escape') {
      event.preventDefault();
      onClose();
    } else if (event.key === 'Tab' && box.current) {
      keepInside(event, box.current);
    }
  };
  return createPortal(
    <div
      ref={box}
      className={`jp-llmhub-popover jp-ThemedContainer ${className}`}
      role="dialog"
      aria-label={label}
      tabIndex={-1}
      data-testid={testId}
      data-lm-suppress-shortcuts="true"
      onKeyDown={onKeyDown}
      onPointerEnter={props.onPointerEnter}
      onPointerLeave={props.onPointerLeave}
    >
      {children}
    </div>,
    document.body
  );
}

/** Below the anchor, above it where there is more room, always inside the window. */
function place(element: HTMLElement, anchor: HTMLElement): void {
  const at = anchor.getBoundingClientRect();
  const below = window.innerHeight - at.bottom - GAP - MARGIN;
  const above = at.top - GAP - MARGIN;
  element.style.maxHeight = `${Math.max(120, above, below)}px`;
  const { offsetWidth: width, offsetHeight: height } = element;
  const isBelow = height <= below || below >= above;
  const left = Math.min(at.left, window.innerWidth - width - MARGIN);
  element.style.left = `${Math.max(MARGIN, left)}px`;
  element.style.top = `${Math.max(MARGIN, isBelow ? at.bottom + GAP : at.top - GAP - height)}px`;
}

function keepInside(event: KeyboardEvent, box: HTMLElement): void {
  const stops = [...box.querySelectorAll<HTMLElement>('button, input, a[href], [tabindex="0"]')].filter(
    stop => !stop.hasAttribute('disabled')
  );
  const edge = event.shiftKey ? stops[0] : stops.at(-1);
  const other = event.shiftKey ? stops.at(-1) : stops[0];
  if (document.activeElement === edge || document.activeElement === box || !edge) {
    event.preventDefault();
    (other ?? box).focus();
  }
}
