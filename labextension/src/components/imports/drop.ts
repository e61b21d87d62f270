import { type DragEvent, useState } from 'react';

import { useServices } from '../context';

/** The attribute of an element that takes dropped files as conversations, and the panel round it does not. */
const TAKES_EXPORTS = 'data-takes-exports';

/** Properties of an element on which files of conversations can be dropped. Lines that are dragged are none of its business. */
export function useImportDrop() {
  const { hub, trans } = useServices();
  const [isOver, setOver] = useState(false);
  const hasFile = ({ dataTransfer }: DragEvent): boolean => dataTransfer.types.includes('Files');
  return {
    [TAKES_EXPORTS]: '',
    // Drawn by the style, over all that is in it.
    'data-drop': isOver ? trans.__('Import conversations') : undefined,
    onDragOver: (event: DragEvent): void => {
      if (hasFile(event)) {
        event.preventDefault();
        event.dataTransfer.dropEffect = 'copy';
        setOver(true);
      }
    },
    onDragLeave: (event: DragEvent): void => {
      if (!(event.relatedTarget instanceof Node && event.currentTarget.contains(event.relatedTarget))) {
        setOver(false);
      }
    },
    onDrop: (event: DragEvent): void => {
      setOver(false);
      const files = hasFile(event) ? [...event.dataTransfer.files] : [];
      if (files.length > 0) {
        event.preventDefault();
        event.stopPropagation();
        hub.importFiles(files);
      }
    }
  };
}

/** Whether files that are dragged there are taken as conversations. */
export function takesExports(event: Event): boolean {
  return (
    event instanceof globalThis.DragEvent &&
    event.target instanceof Element &&
    event.target.closest(`[${TAKES_EXPORTS}]`) !== null
  );
}
