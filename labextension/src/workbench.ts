/** What can be done with code outside of the chat. */
export const CODE_ACTIONS = ['insert-cell', 'replace-cell', 'new-notebook', 'open-file'] as const;

/** Marks a drag that carries code out of the chat: the chat itself takes none of it. */
export const DRAGGED_CODE = 'application/vnd.llmhub.code';

export type CodeAction = (typeof CODE_ACTIONS)[number];

/** Code as a message has it; the language is the word behind the fence, which may be anything. */
export interface Code {
  readonly code: string;
  readonly language: string;
}

/** The notebooks and files around the chat, as far as this application has them. It tells when what can be done has changed. */
export interface Workbench {
  readonly subscribe: (listener: () => void) => () => void;
  readonly version: () => number;
  /** Why this cannot be done now, in words; null if it can. */
  obstacle: (action: CodeAction) => string | null;
  perform: (action: CodeAction, code: Code) => Promise<void>;
  /** Let a person drag code from a point of the page: to a notebook, where it becomes a cell, or into an editor. */
  drag: (code: Code, at: { readonly clientX: number; readonly clientY: number }) => void;
  /** Open a file of the workspace, if it is there. */
  openPath: (path: string) => Promise<void>;
}
