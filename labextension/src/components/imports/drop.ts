import { type DragEvent, useState } from 'react';

import type { Hub } from '../../model/hub';

/** Properties of an element on which a file of conversations can be dropped. Lines that are dragged are none of its business. */
export function useImportDrop(hub: Hub) {
  const [isOver, setOver] = useState(false);
  const hasFile = ({ dataTransfer }: DragEvent): boolean => dataTransfer.types.includes('Files');
  return {
    'data-drop': isOver || undefined,
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
      const [file] = hasFile(event) ? event.dataTransfer.files : [];
      setOver(false);
      if (file) {
        event.preventDefault();
        event.stopPropagation();
        hub.importFile(file);
      }
    }
  };
}
