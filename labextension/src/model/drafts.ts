import type { Params } from '../api/schema';
import type { DraftPart } from './attachments';
import { newId as makeId } from './ids';
import { Observable } from './observable';
import { DRAFTS, type Storage } from './storage';

export type { Storage } from './storage';

/** What is being written, and the id under which it was last sent without an answer. */
export interface Draft {
  readonly text: string;
  readonly files: readonly DraftPart[];
  readonly requestId: string | null;
  /** The model that answers this one message, if not the conversation's. */
  readonly model: string | null;
  /** Parameters for a conversation that does not exist yet; null: it begins as all do. */
  readonly params: Params | null;
}

const EMPTY: Draft = { text: '', files: [], requestId: null, model: null, params: null };

/**
 * The draft of each conversation, kept in the browser so that it survives a reload. Other tabs of the browser write there too:
 * the last writer wins, except over what is being typed here. A draft that is being sent stays until the server has it: after a
 * crash it is still there, and sending it again starts nothing twice.
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

  /** Put this below what is written there already. */
  append(id: string | null, more: Pick<Draft, 'text' | 'files'> & Partial<Draft>): void {
    const { text, files } = this.get(id);
    this.set(id, {
      ...more,
      text: [text, more.text].filter(piece => piece.trim()).join('\n\n'),
      files: [...files, ...more.files],
      ...(text || files.length ? { requestId: null } : {})
    });
  }

  /** What is written under `from` belongs to `to` now. */
  move(from: string | null, to: string | null): void {
    const draft = this.get(from);
    if (draft !== EMPTY && !this.sending.has(key(from))) {
      this.write(key(from), EMPTY, false);
      this.append(to, draft);
    }
  }

  /** Another tab has written under this key of the storage. `isTyping`: a person writes here right now. */
  hear(storageKey: string, isTyping: boolean): void {
    if (storageKey.startsWith(DRAFTS) && !isTyping && !this.sending.has(storageKey)) {
      this.known.delete(storageKey);
      this.changed();
    }
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

  forget(id: string | null): void {
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
    const isEmpty = !draft.text && !draft.files.length && draft.model === null && !draft.params;
    this.known.set(key, isEmpty ? EMPTY : draft);
    if (isEmpty) {
      this.storage.removeItem(key);
    } else {
      this.storage.setItem(key, JSON.stringify(draft));
    }
    if (tell) {
      this.changed();
    }
  }
}

function key(id: string | null): string {
  return DRAFTS + (id ?? 'new');
}

function parse(stored: string | null): Draft {
  if (stored === null) {
    return EMPTY;
  }
  try {
    const { text, files, requestId, model, params } = JSON.parse(stored) as Partial<Draft>;
    return {
      text: text ?? '',
      files: files ?? [],
      requestId: requestId ?? null,
      model: model ?? null,
      params: params ?? null
    };
  } catch {
    return EMPTY;
  }
}
