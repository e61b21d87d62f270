import { Observable } from './observable';

export interface Values {
  /** Enter sends and Shift+Enter breaks the line; otherwise Enter breaks it and Ctrl/Cmd+Enter sends. */
  readonly sendOnEnter: boolean;
  /** Show what a model thought without being asked. */
  readonly unfoldReasoning: boolean;
  /** Show running answers and today's cost in the status bar. */
  readonly statusBar: boolean;
}

/** As in schema/settings.json. */
export const DEFAULTS: Values = { sendOnEnter: true, unfoldReasoning: false, statusBar: true };

/** The few things a person can set, as JupyterLab's settings have them. */
export class Preferences extends Observable {
  values: Values = DEFAULTS;

  set(values: Partial<Values>): void {
    this.values = { ...this.values, ...values };
    this.changed();
  }
}
