import { Observable } from './observable';

export interface Values {
  /** Enter sends and Shift+Enter breaks the line; otherwise Enter breaks it and Ctrl/Cmd+Enter sends. */
  readonly sendOnEnter: boolean;
  /** Show what a model thought without being asked. */
  readonly unfoldReasoning: boolean;
}

/** The few things a person can set, as JupyterLab's settings have them. */
export class Preferences extends Observable {
  values: Values = { sendOnEnter: true, unfoldReasoning: false };

  set(values: Partial<Values>): void {
    this.values = { ...this.values, ...values };
    this.changed();
  }
}
