import { type RefObject, useEffect, useState } from 'react';

import { attachIcon } from '../../icons';
import { useServices } from '../context';
import { takesExports } from '../imports/drop';
import { type Cargo, cargoOf, take } from './cargo';
import { Icon } from '../Icon';

/** Anything can be dropped anywhere on the panel; while it is above, what will happen is said. */
export function DropZone({ anchor }: { anchor: RefObject<HTMLElement> }) {
  const services = useServices();
  const { hub, trans } = services;
  const [cargo, setCargo] = useState<Cargo | null>(null);

  useEffect(() => {
    const panel = anchor.current?.closest<HTMLElement>('.jp-llmhub-panel') ?? anchor.current;
    if (!panel) {
      return;
    }
    const ours = (event: Event): Cargo | null => (takesExports(event) ? null : cargoOf(event));
    const isWanted = ({ kind }: Cargo): boolean => kind === 'exports' || hub.catalogue.has('attachments');
    const over = (event: Event): void => {
      const offered = ours(event);
      if (!offered) {
        setCargo(null);
      } else if (!isWanted(offered)) {
        refuse(event);
      } else {
        event.preventDefault();
        event.stopPropagation();
        accept(event);
        setCargo(before =>
          before?.kind === offered.kind && before.count === offered.count ? before : offered
        );
      }
    };
    const leave = (event: Event): void => {
      const to = event instanceof MouseEvent ? event.relatedTarget : null;
      if (!(to instanceof Node && panel.contains(to))) {
        setCargo(null);
      }
    };
    const drop = (event: Event): void => {
      const offered = ours(event);
      setCargo(null);
      if (offered && !isWanted(offered)) {
        refuse(event);
      } else if (offered) {
        event.preventDefault();
        event.stopPropagation();
        accept(event);
        void take(event, services);
      }
    };
    const ways: [string, (event: Event) => void][] = [
      ['dragenter', over],
      ['dragover', over],
      ['dragleave', leave],
      ['drop', drop],
      ['lm-dragenter', over],
      ['lm-dragover', over],
      ['lm-dragleave', leave],
      ['lm-drop', drop]
    ];
    ways.forEach(([name, listener]) => {
      panel.addEventListener(name, listener);
    });
    return () => {
      ways.forEach(([name, listener]) => {
        panel.removeEventListener(name, listener);
      });
    };
  }, [anchor, hub, services]);

  if (!cargo) {
    return null;
  }
  return (
    <div className="jp-llmhub-drop" data-testid="llmhub-drop">
      <div className="jp-llmhub-drop-words">
        <Icon of={attachIcon} tag="span" />
        {words()}
      </div>
    </div>
  );

  function words(): string {
    switch (cargo?.kind) {
      case 'files':
        return cargo.count === 0
          ? trans.__('Attach files')
          : trans._n('Attach %1 file', 'Attach %1 files', cargo.count);
      case 'exports':
        return trans.__('Import conversations');
      case 'cells':
        return trans._n('Attach %1 cell as text', 'Attach %1 cells as text', cargo.count);
      default:
        return trans.__('Attach the image');
    }
  }
}

/** Nothing can be dropped here; without this the browser would leave JupyterLab and show the file. */
function refuse(event: Event): void {
  if (event instanceof DragEvent) {
    event.preventDefault();
    if (event.dataTransfer) {
      event.dataTransfer.dropEffect = 'none';
    }
  }
}

/** Tell Lumino that the drop is taken: only an action that the source supports counts. */
function accept(event: Event): void {
  if ('supportedActions' in event && 'dropAction' in event) {
    // One action, of those that the source offers: a notebook offers 'copy-move' for its cells.
    const offered = String(event.supportedActions);
    event.dropAction = /all|copy/.test(offered) ? 'copy' : offered.split('-')[0];
  }
}
