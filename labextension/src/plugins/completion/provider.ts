import type { CodeEditor } from '@jupyterlab/codeeditor';
import {
  type CompletionHandler,
  type ICompletionContext,
  type IInlineCompletionContext,
  type IInlineCompletionItem,
  type IInlineCompletionList,
  type IInlineCompletionProvider,
  InlineCompletionTriggerKind
} from '@jupyterlab/completer';
import { Text } from '@jupyterlab/coreutils';

import type { Completions } from '../../model/completion';
import { chatIcon } from '../../icons';
import { languageIn } from '../../languages';
import type { Around } from './around';

export const PROVIDER = 'llmhub';

/** Files that hold keys and passwords. What is written there goes to nobody, unless a person asks for that. */
const SECRET =
  /(^|\/)(\.env|[^/]*\.env|\.env\.[^/]*|[^/]*\.(pem|key|p12|pfx|kdbx)|id_(rsa|dsa|ecdsa|ed25519)|\.netrc|\.pgpass|\.pypirc|\.npmrc|\.git-credentials|(credentials|secrets?)(\.\w+)?)$/i;

interface Reply {
  readonly response: IInlineCompletionItem;
}

/** What is fetched when the first code is to be completed. */
export interface Making {
  readonly completions: Completions;
  /** What stands around the code that an editor holds. */
  readonly around: (context: ICompletionContext) => Promise<Around>;
}

/** Completes code through JupyterLab's own completer, which waits, draws, and accepts; whose settings switch it on. */
export class LabCompleter implements IInlineCompletionProvider {
  readonly identifier = PROVIDER;
  readonly icon = chatIcon;
  readonly schema = {
    type: 'object' as const,
    properties: {},
    default: { enabled: false, debouncerDelay: 300, timeout: 20_000, autoFillInMiddle: true }
  };
  private patience = this.schema.default.timeout;
  private readonly streams = new Map<string, AsyncGenerator<Reply>>();
  private count = 0;
  private stop = new AbortController();

  constructor(
    readonly name: string,
    private readonly load: () => Promise<Making>
  ) {}

  configure({ timeout }: { readonly timeout?: unknown }): void {
    this.patience = typeof timeout === 'number' ? timeout : this.schema.default.timeout;
  }

  async fetch(
    { text, offset, mimeType }: CompletionHandler.IRequest,
    context: IInlineCompletionContext
  ): Promise<IInlineCompletionList> {
    this.stop.abort();
    const stop = (this.stop = new AbortController());
    const at = Text.charIndexToJsIndex(offset, text);
    // JupyterLab gives its whole context, whatever the type of this one says.
    const { editor, widget } = context as ICompletionContext;
    const isAsked = context.triggerKind === InlineCompletionTriggerKind.Invoke;
    if (!isAsked && SECRET.test(pathOf(widget))) {
      return { items: [] };
    }
    const release = editor ? abortOnTyping(editor, at, stop) : () => undefined;
    const timer = setTimeout(() => {
      stop.abort();
    }, this.patience);
    const { completions, around } = await this.load();
    const code = { before: text.slice(0, at), after: text.slice(at), ...(await around(context)) };
    const texts = completions.suggest(
      { ...code, language: code.language || languageIn(mimeType) },
      { signal: stop.signal, isAsked }
    );
    const first = stop.signal.aborted ? null : await texts.next();
    clearTimeout(timer);
    if (!first || first.done || stop.signal.aborted) {
      release();
      return { items: [] };
    }
    const token = `${PROVIDER}-${++this.count}`;
    this.streams.set(token, this.follow(first.value, texts, token, stop.signal, release));
    return { items: [{ insertText: first.value, isIncomplete: true, token }] };
  }

  stream(token: string): AsyncGenerator<Reply> {
    const stream = this.streams.get(token);
    this.streams.delete(token);
    return stream ?? nothing();
  }

  private async *follow(
    first: string,
    texts: AsyncGenerator<string>,
    token: string,
    signal: AbortSignal,
    release: () => void
  ): AsyncGenerator<Reply> {
    let insertText = first;
    try {
      for await (const text of texts) {
        if (signal.aborted) {
          return;
        }
        insertText = text;
        yield { response: { insertText, isIncomplete: true, token } };
      }
      if (!signal.aborted) {
        yield { response: { insertText, isIncomplete: false, token } };
      }
    } finally {
      release();
    }
  }
}

/** Stop as soon as the text or the cursor is another one. What is given back ends the watch. */
function abortOnTyping(editor: CodeEditor.IEditor, at: number, stop: AbortController): () => void {
  const { sharedModel, selections } = editor.model;
  const onText = (_: unknown, change: { readonly sourceChange?: unknown }): void => {
    if (change.sourceChange) {
      stop.abort();
    }
  };
  const onCursor = (): void => {
    if (editor.getOffsetAt(editor.getCursorPosition()) !== at) {
      stop.abort();
    }
  };
  sharedModel.changed.connect(onText);
  selections.changed.connect(onCursor);
  const release = (): void => {
    sharedModel.changed.disconnect(onText);
    selections.changed.disconnect(onCursor);
  };
  stop.signal.addEventListener('abort', release, { once: true });
  return release;
}

/** Of the document that an editor belongs to; "" where it belongs to none. */
function pathOf(widget: unknown): string {
  const { context } = (widget ?? {}) as { context?: { path?: string } };
  return context?.path ?? '';
}

async function* nothing(): AsyncGenerator<Reply> {
  // JupyterLab follows each token once.
}
