import type { UserPart } from '../api/types';
import { newId as makeId } from './ids';
import { Observable } from './observable';

/** What is being written, and the id under which it was last sent without an answer. */
export interface Draft {
  readonly text: string;
  readonly files: readonly UserPart[];
  readonly requestId: string | null;
}

export interface Storage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

const EMPTY: Draft = { text: '', files: [], requestId: null };
const PREFIX = 'llmhub:draft:';

/**
 * The draft of each conversation, kept in the browser so that it survives a reload. A draft that is being sent stays until the
 * server has it: after a crash it is still there, and sending it again starts nothing twice.
 */
export class Drafts extends Observable {
  private readonly known = new Map<string, Draft>();
  private readonly sending = new Set<string>();

  constructor(
    private readonly storage: Storage,
    private readonly newId: () => string = makeId
  ) {
    super();
  }

  /** As the composer shows it: nothing while it is being sent. `id` null is the new chat. */
  get(id: string | null): Draft {
    return this.sending.has(key(id)) ? EMPTY : this.read(key(id));
  }

  set(id: string | null, changes: Partial<Draft>): void {
    const before = this.get(id);
    this.sending.delete(key(id));
    // What is changed is another message: the id of an earlier attempt does not stand for it.
    this.write(key(id), { ...before, requestId: null, ...changes });
  }

  /** The draft goes to the server; gives the id to send it under. */
  beginSending(id: string | null): string {
    const draft = this.read(key(id));
    const requestId = draft.requestId ?? this.newId();
    this.write(key(id), { ...draft, requestId }, false);
    this.sending.add(key(id));
    this.changed();
    return requestId;
  }

  /** The server has it. */
  sent(id: string | null): void {
    if (this.sending.delete(key(id))) {
      this.write(key(id), EMPTY);
    }
  }

  /** The server has it not: back into the composer, which may by now be that of the conversation `to`. */
  unsent(id: string | null, to: string | null = id): void {
    if (this.sending.delete(key(id))) {
      const draft = this.read(key(id));
      this.write(key(id), EMPTY, false);
      this.write(key(to), draft);
    }
  }

  forget(id: string): void {
    this.write(key(id), EMPTY);
  }

  private read(key: string): Draft {
    let draft = this.known.get(key);
    if (!draft) {
      draft = parse(this.storage.getItem(key));
      this.known.set(key, draft);
    }
    return draft;
  }

  private write(key: string, draft: Draft, tell = true): void {
    this.known.set(key, draft);
    try {
      if (draft.text || draft.files.length) {
        this.storage.setItem(key, JSON.stringify(draft));
      } else {
        this.storage.removeItem(key);
      }
    } catch {
      // The browser's storage is full or forbidden: the draft lives as long as the page.
    }
    if (tell) {
      this.changed();
    }
  }
}

function key(id: string | null): string {
  return PREFIX + (id ?? 'new');
}

function parse(stored: string | null): Draft {
  try {
    const { text, files, requestId } = JSON.parse(stored ?? '{}') as Partial<Draft>;
    return { text: text ?? '', files: files ?? [], requestId: requestId ?? null };
  } catch {
    return EMPTY;
  }
}
