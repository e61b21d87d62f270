import { useCallback, useSyncExternalStore } from 'react';

import type { Code, CodeAction, Workbench } from '../workbench';
import { useDrawing } from './context';

export interface WorkbenchView {
  readonly exists: boolean;
  readonly obstacle: (action: CodeAction) => string | null;
  readonly perform: (action: CodeAction, code: Code) => void;
}

/** Pixels that a pointer moves before that is a drag. */
const FAR = 5;

/** What can be done with code now; draws again when that changes. */
export function useWorkbench(): WorkbenchView {
  const { workbench, trans } = useDrawing();
  const subscribe = useCallback(
    (listener: () => void) => workbench?.subscribe(listener) ?? (() => undefined),
    [workbench]
  );
  useSyncExternalStore(subscribe, () => workbench?.version() ?? 0);
  return {
    exists: workbench !== null,
    obstacle: action => (workbench ? workbench.obstacle(action) : trans.__('Not available here')),
    perform: (action, code) => {
      void workbench?.perform(action, code);
    }
  };
}

/** The pointer went down on what code is dragged by: it is, as soon as the pointer moves. */
export function grab(workbench: Workbench, event: PointerEvent, code: Code): void {
  const isOnButton = event.target instanceof Element && event.target.closest('button') !== null;
  if (event.button === 0 && event.pointerType !== 'touch' && !isOnButton) {
    whenMoved(event, at => {
      workbench.drag(code, at);
    });
  }
}

function whenMoved({ clientX, clientY }: PointerEvent, begin: (at: PointerEvent) => void): void {
  const watch = new AbortController();
  const { signal } = watch;
  const end = (): void => {
    watch.abort();
  };
  const move = (at: PointerEvent): void => {
    if (Math.hypot(at.clientX - clientX, at.clientY - clientY) > FAR) {
      end();
      begin(at);
    }
  };
  document.addEventListener('pointermove', move, { signal, capture: true });
  document.addEventListener('pointerup', end, { signal, capture: true });
  document.addEventListener('pointercancel', end, { signal, capture: true });
}
