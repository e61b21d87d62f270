import { type Edit, edited, type ProposalCell } from './edits';
import { type Hunk, hunksBetween } from './hunks';
import { aboveIn, applied, type Change, changesOf, rebase, type Refusal } from './proposal';

/** The least that can be accepted or refused: a hunk of a cell, or what happens to a cell as a whole. */
export interface Unit {
  readonly key: string;
  /** Of a changed cell, with this hunk alone. */
  readonly change: Change;
  /** `done`: the notebook is like that already; `edited-since`, `gone-since`: it was, and the lines or the cell are not as it made them. */
  readonly state: 'open' | 'done' | Past | Refusal;
}

/** What became of a piece that was made. */
type Past = 'edited-since' | 'gone-since';

/** What a model proposes for a notebook, piece by piece. */
export class Proposal {
  readonly changes: readonly Change[];
  private readonly proposed: readonly ProposalCell[];

  constructor(
    readonly cells: readonly ProposalCell[],
    edits: readonly Edit[]
  ) {
    this.changes = changesOf(cells, edits);
    this.proposed = edited(cells, edits);
  }

  /** Its pieces, and how each of them stands to the notebook as it is now. `made`: the keys of those that were made before. */
  units(
    now: readonly ProposalCell[],
    isLocked: (cell: string) => boolean = () => false,
    made: ReadonlySet<string> = new Set()
  ): Unit[] {
    return this.changes.flatMap(change =>
      piecesOf(change).map((piece, at) => {
        const key = `${piece.kind} ${piece.cell.id} ${at}`;
        const refusal = rebase([piece], now, isLocked)[0]?.refusal ?? 'open';
        const state = isDone(piece, now) ? 'done' : made.has(key) ? sinceMade(refusal) : refusal;
        return { key, change: piece, state };
      })
    );
  }

  /** The notebook with those of its pieces made that are accepted and still fit. */
  applied(
    now: readonly ProposalCell[],
    accepted: ReadonlySet<string>,
    isLocked: (cell: string) => boolean = () => false
  ): ProposalCell[] {
    const units = this.units(now, isLocked);
    const wanted = units.filter(({ key, state }) => state === 'open' && accepted.has(key));
    const left = units.filter(({ key, state }) => state !== 'done' && !accepted.has(key));
    const changes = this.changes.flatMap((change): Change[] => {
      const mine = wanted.flatMap(unit =>
        unit.change.kind === change.kind && unit.change.cell.id === change.cell.id ? [unit.change] : []
      );
      if (mine.length === 0) {
        return [];
      }
      const hunks = mine.flatMap(one => (one.kind === 'changed' ? one.hunks : []));
      return [change.kind === 'changed' ? { ...change, hunks } : change];
    });
    const fitting = rebase(changes, now, isLocked).flatMap(({ change, refusal }) =>
      refusal === null ? [change] : []
    );
    return applied(
      now,
      fitting,
      this.proposed,
      left.map(({ change }) => change)
    );
  }
}

function piecesOf(change: Change): Change[] {
  return change.kind === 'changed' ? change.hunks.map(hunk => ({ ...change, hunks: [hunk] })) : [change];
}

function sinceMade(state: 'open' | Refusal): Unit['state'] {
  switch (state) {
    case 'lines-changed':
      return 'edited-since';
    case 'cell-gone':
      return 'gone-since';
    default:
      return state;
  }
}

/** Whether nothing is left to be decided about a piece: it was made, whatever became of it then. */
export function isMade({ state }: Unit): boolean {
  return state === 'done' || state === 'edited-since' || state === 'gone-since';
}

function isDone(change: Change, now: readonly ProposalCell[]): boolean {
  const current = now.find(cell => cell.id === change.cell.id);
  switch (change.kind) {
    case 'added':
      return current !== undefined;
    case 'removed':
      return current === undefined;
    case 'moved':
      return current !== undefined && aboveIn(now, current.id) === change.after;
    case 'changed': {
      const made = current ? hunksBetween(change.cell.source, current.source) : [];
      return change.hunks.every(hunk => made.some(one => isSame(one, hunk)));
    }
  }
}

function isSame(one: Hunk, other: Hunk): boolean {
  return (
    one.at === other.at &&
    one.gone.join('\n') === other.gone.join('\n') &&
    one.fresh.length === other.fresh.length &&
    one.fresh.join('\n') === other.fresh.join('\n')
  );
}
