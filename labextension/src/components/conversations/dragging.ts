import type { DragEvent } from 'react';

/** What is dragged into a folder, by the kind of its data. */
const CONVERSATIONS = 'application/x-llmhub-conversations';
const FOLDER = 'application/x-llmhub-folder';

export type Cargo = { readonly ids: readonly string[] } | { readonly folder: string };

export function beginDrag(event: DragEvent, cargo: Cargo, words: string): void {
  const { dataTransfer } = event;
  dataTransfer.effectAllowed = 'move';
  if ('folder' in cargo) {
    dataTransfer.setData(FOLDER, cargo.folder);
  } else {
    dataTransfer.setData(CONVERSATIONS, JSON.stringify(cargo.ids));
  }
  dataTransfer.setData('text/plain', words);
}

/** Whether something is dragged that a folder takes. */
export function isOurs({ dataTransfer }: DragEvent): boolean {
  return dataTransfer.types.includes(CONVERSATIONS) || dataTransfer.types.includes(FOLDER);
}

export function cargoOf({ dataTransfer }: DragEvent): Cargo | null {
  const folder = dataTransfer.getData(FOLDER);
  if (folder) {
    return { folder };
  }
  const ids: unknown = JSON.parse(dataTransfer.getData(CONVERSATIONS) || 'null');
  return Array.isArray(ids) ? { ids: ids.filter(id => typeof id === 'string') } : null;
}
