import type { Variables } from './live/variables';

export const KINDS = ['selection', 'cells', 'cell', 'output', 'error', 'notebook', 'notebook-code'] as const;

/** What can go along with a message, beside files: of the notebook and the document that are open. */
export type Kind = (typeof KINDS)[number];

export interface Offer {
  readonly kind: Kind;
  /** "Selected cells (3)" */
  readonly label: string;
  /** Where it is. */
  readonly detail: string;
  /** Why there is none now. */
  readonly whyNot: string | null;
}

/** What lies around the panel, as it is now, saved or not. */
export interface Nearby {
  /** What can be attached now, and what could be, in the order of `KINDS`. */
  offers(): readonly Offer[];
  /** As files: text and pictures. None: it is not there any more. */
  take(kind: Kind): Promise<readonly File[]>;
  /** What cells are called that are dragged here, as JupyterLab has them on the screen; null: they are in no notebook that is open. */
  dragged(cells: readonly unknown[]): string | null;
  readonly variables: Variables;
}
