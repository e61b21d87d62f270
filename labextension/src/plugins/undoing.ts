/** A shared document of JupyterLab, with what it has though it is in no interface: Yjs' own list of what this person did. */
interface Shared {
  transact(change: () => void): void;
  readonly undoManager?: { stopCapturing(): void; readonly undoStack: readonly object[] };
}

/** Change a document so that one undo takes back this, and nothing that was typed a moment before or after. */
export function asOneStep(shared: Shared, change: () => void): void {
  const { undoManager } = shared;
  undoManager?.stopCapturing();
  shared.transact(change);
  undoManager?.stopCapturing();
}

/** What an undo would take back: of what this person did, as others' steps are their own; null: nothing. */
export function lastStep(shared: Shared | undefined): object | null {
  return shared?.undoManager?.undoStack.at(-1) ?? null;
}
