import type { LiveKernel } from '../live/variables';
import type { CellLike } from '../notebook';
import type { ProposalCell } from './edits';
import type { Base } from './request';

/** A document, as far as changes to it go: a notebook that is open, or a text file as the one cell of a notebook. */
export interface OpenNotebook {
  readonly path: string;
  readonly isReadOnly: boolean;
  /** As it is now, saved or not; none: it was closed. */
  cells(): readonly ProposalCell[];
  /** Whether its author does not want the cell to be edited. */
  isLocked(cell: string): boolean;
  /** Make it like this, as one step that one undo takes back. Throws, in words, where it is not as `cells` had it any more. */
  make(cells: readonly ProposalCell[]): Promise<void> | void;
  /** The step that `undo` takes back, to know whether it is one's own; null: there is none. */
  readonly last: object | null;
  /** Take the last step of this person back, and nothing of others'. */
  undo(): void;
  /** Have this cell in view; the keys stay where they are, if the notebook can be seen. */
  reveal(cell: string | null): void;
  /** Null: nothing in it can be run. */
  readonly runner: CellRunner | null;
}

/** Whether a kernel can run something. `busy`: it runs something else. */
export type KernelState = 'ready' | 'busy' | 'none' | 'dead';

/** How running one cell ended. `cut`: by the end of its kernel, or a restart. */
export type RunEnd = 'ok' | 'failed' | 'cut' | 'gone';

/** Runs cells of a notebook as if a person had done it: what they give stands below them. */
export interface CellRunner {
  /** As a model knows it. */
  readonly language: string;
  readonly state: KernelState;
  /** What the kernel has in memory; null: there is no kernel. */
  readonly live: LiveKernel | null;
  /** When the kernel has nothing else to do, or will never have: then as it is. Ends with the signal, too. */
  settled(signal: AbortSignal): Promise<KernelState>;
  run(cell: string): Promise<RunEnd>;
  /** End what is run now. */
  interrupt(): Promise<void>;
  /** The cell with what it gave; null: it is gone. */
  shown(cell: string): CellLike | null;
}

/** The notebooks that are open, and text files, open or not. */
export interface OpenNotebooks {
  /** The notebook at this path, else the one that has these cells under another name; the file at this path, if it can be read. */
  find(base: Pick<Base, 'path' | 'cells' | 'isText'>): OpenNotebook | null;
  open(path: string): Promise<void>;
  /** Tells a moment after notebooks were opened, closed or changed. */
  readonly subscribe: (listener: () => void) => () => void;
  readonly version: () => number;
}
