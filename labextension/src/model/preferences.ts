import { Observable } from './observable';

export interface Values {
  /** Enter sends and Shift+Enter breaks the line; otherwise Enter breaks it and Ctrl/Cmd+Enter sends. */
  readonly sendOnEnter: boolean;
  /** Show what a model thought without being asked. */
  readonly unfoldReasoning: boolean;
  /** Show running answers and today's cost in the status bar. */
  readonly statusBar: boolean;
  /** Explain, Fix and Improve ask at once; otherwise they write the question into the message field. */
  readonly askAtOnce: boolean;
  /** Show what can be asked about cells and outputs where they stand. */
  readonly notebookTools: boolean;
  /** Whether cells that a proposal has changed can be run from it: when a person says so, or not at all. */
  readonly runChanges: 'ask' | 'never';
  /** What of a notebook or file goes along with a request to change it. Bytes. */
  readonly changeBudget: number;
  /** How often the error of such a cell goes back to the model. */
  readonly mendRounds: number;
  /** Ids of models that stand first in lists. */
  readonly favouriteModels: readonly string[];
}

/** As in schema/settings.json. */
export const DEFAULTS: Values = {
  sendOnEnter: true,
  unfoldReasoning: false,
  statusBar: true,
  askAtOnce: true,
  notebookTools: true,
  runChanges: 'ask',
  changeBudget: 60_000,
  mendRounds: 3,
  favouriteModels: []
};

/** The few things a person can set, as JupyterLab's settings have them. */
export class Preferences extends Observable {
  values: Values = DEFAULTS;
  /** Writes a setting where JupyterLab keeps it; null where nobody keeps settings. */
  keep: ((name: keyof Values, value: boolean | string[]) => Promise<void>) | null = null;

  set(values: Partial<Values>): void {
    this.values = { ...this.values, ...values };
    this.changed();
  }

  /** Put a model among those that stand first, or take it out. */
  toggleFavourite(id: string): void {
    const before = this.values.favouriteModels;
    const favouriteModels = before.includes(id) ? before.filter(one => one !== id) : [...before, id];
    this.set({ favouriteModels });
    this.keep?.('favouriteModels', favouriteModels).catch(() => {
      // It stays as long as the page.
    });
  }
}
