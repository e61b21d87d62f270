import { type Edit, edited, type ProposalCell } from './edits';
import { type Hunk, hunksBetween, moved, withHunks } from './hunks';

/** What a proposal does with one cell; a cell can be changed and moved. */
export type Change =
  | { readonly kind: 'added'; readonly cell: ProposalCell; readonly after: string | null }
  | { readonly kind: 'removed'; readonly cell: ProposalCell }
  | { readonly kind: 'moved'; readonly cell: ProposalCell; readonly after: string | null }
  | { readonly kind: 'changed'; readonly cell: ProposalCell; readonly hunks: readonly Hunk[] };

/** Why a change cannot be made in the notebook as it is now. */
export type Refusal = 'cell-gone' | 'cell-changed' | 'lines-changed' | 'read-only';

export interface Based {
  readonly change: Change;
  readonly refusal: Refusal | null;
}

/** What the edits change, cell by cell, in the order of the notebook as it would be; what is removed comes last. */
export function changesOf(cells: readonly ProposalCell[], edits: readonly Edit[]): Change[] {
  const after = edited(cells, edits);
  const before = new Map(cells.map(cell => [cell.id, cell]));
  const wandered = new Set(edits.flatMap(edit => (edit.op === 'move' ? [edit.cell] : [])));
  const changes = after.flatMap((cell, index): Change[] => {
    const above = after[index - 1]?.id ?? null;
    const old = before.get(cell.id);
    if (!old) {
      return [{ kind: 'added', cell, after: above }];
    }
    const found: Change[] = [];
    if (wandered.has(cell.id) && aboveIn(cells, cell.id) !== above) {
      found.push({ kind: 'moved', cell: old, after: above });
    }
    if (old.source !== cell.source) {
      found.push({ kind: 'changed', cell: old, hunks: hunksBetween(old.source, cell.source) });
    }
    return found;
  });
  const left = new Set(after.map(cell => cell.id));
  const removed = cells.filter(cell => !left.has(cell.id)).map((cell): Change => ({ kind: 'removed', cell }));
  return [...changes, ...removed];
}

/**
 * The changes for the notebook as it is now. What was changed elsewhere in a cell moves a hunk; what was changed in its own lines
 * refuses it, and so does a cell that is gone, or one that was edited since it was to be removed.
 */
export function rebase(
  changes: readonly Change[],
  now: readonly ProposalCell[],
  isLocked: (cell: string) => boolean = () => false
): Based[] {
  const cells = new Map(now.map(cell => [cell.id, cell]));
  return changes.flatMap((change): Based[] => {
    const { cell } = change;
    if (change.kind === 'added') {
      return [{ change, refusal: null }];
    }
    const current = cells.get(cell.id);
    if (!current) {
      // What is to be removed and is gone is as it should be.
      return change.kind === 'removed' ? [] : [{ change, refusal: 'cell-gone' }];
    }
    if (isLocked(cell.id)) {
      return [{ change, refusal: 'read-only' }];
    }
    switch (change.kind) {
      case 'removed':
        return [{ change, refusal: current.source === cell.source ? null : 'cell-changed' }];
      case 'moved':
        return [{ change: { ...change, cell: current }, refusal: null }];
      case 'changed': {
        const hunks = moved(change.hunks, cell.source, current.source);
        const fitting = hunks.filter(hunk => hunk !== null);
        const lost = change.hunks.filter((_hunk, index) => hunks[index] === null);
        return [
          ...(fitting.length > 0
            ? [{ change: { ...change, cell: current, hunks: fitting }, refusal: null }]
            : []),
          ...(lost.length > 0
            ? [{ change: { ...change, hunks: lost }, refusal: 'lines-changed' as const }]
            : [])
        ];
      }
    }
  });
}

/**
 * The notebook with these changes made, and not those that are `left`. A cell whose place is below one that is not there, or was
 * left where it was, comes below what stands above that one in the proposal, else first.
 */
export function applied(
  now: readonly ProposalCell[],
  accepted: readonly Change[],
  proposed: readonly ProposalCell[],
  left: readonly Change[] = []
): ProposalCell[] {
  const made = [...now];
  const elsewhere = new Set(left.flatMap(({ kind, cell }) => (kind === 'moved' ? [cell.id] : [])));
  const indexOf = (id: string): number => made.findIndex(cell => cell.id === id);
  const put = (cell: ProposalCell, after: string | null): void => {
    let above = after;
    while (above !== null && (indexOf(above) < 0 || elsewhere.has(above))) {
      above = aboveIn(proposed, above);
    }
    made.splice(above === null ? 0 : indexOf(above) + 1, 0, cell);
  };
  for (const change of accepted) {
    const at = indexOf(change.cell.id);
    const cell = made[at];
    switch (change.kind) {
      case 'added':
        put(change.cell, change.after);
        break;
      case 'removed':
        if (cell) {
          made.splice(at, 1);
        }
        break;
      case 'moved':
        if (cell) {
          made.splice(at, 1);
          put(cell, change.after);
        }
        break;
      case 'changed':
        if (cell) {
          made[at] = { ...cell, source: withHunks(cell.source, change.hunks) };
        }
        break;
    }
  }
  return made;
}

/** The id of the cell above; null: there is none. */
export function aboveIn(cells: readonly ProposalCell[], id: string): string | null {
  return cells[cells.findIndex(cell => cell.id === id) - 1]?.id ?? null;
}
