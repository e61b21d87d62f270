import { useCallback, useSyncExternalStore } from 'react';

import type { Code, CodeAction } from '../workbench';
import { useServices } from './context';

export interface WorkbenchView {
  readonly exists: boolean;
  readonly obstacle: (action: CodeAction) => string | null;
  readonly perform: (action: CodeAction, code: Code) => void;
}

/** What can be done with code now; draws again when that changes. */
export function useWorkbench(): WorkbenchView {
  const { workbench, trans } = useServices();
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
