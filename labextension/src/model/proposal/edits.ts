/** A cell as far as a proposal is about it. */
export interface ProposalCell {
  readonly id: string;
  readonly type: 'code' | 'markdown' | 'raw';
  readonly source: string;
  /** So many of its lines did not go along, and `source` is its beginning; not there: it is whole. */
  readonly left_out?: number;
}

/** What a model proposes to do with a notebook, cell by cell. `after`: the cell above; null: none, it comes first. */
export type Edit =
  | { readonly op: 'replace'; readonly cell: string; readonly source: string }
  | { readonly op: 'delete'; readonly cell: string }
  | { readonly op: 'move'; readonly cell: string; readonly after: string | null }
  | {
      readonly op: 'insert';
      /** By which later edits can name it. */
      readonly id: string;
      readonly after: string | null;
      readonly type: ProposalCell['type'];
      readonly source: string;
    };

/** Why an answer is no proposal; `at` counts edits from 1. */
export type Fault =
  | { readonly kind: 'none' }
  | { readonly kind: 'not-json'; readonly message: string }
  | { readonly kind: 'bad-edit' | 'no-place' | 'many-places'; readonly at: number }
  | { readonly kind: 'unknown-cell' | 'unseen-cell'; readonly at: number; readonly cell: string };

export type Read = { readonly edits: readonly Edit[] } | { readonly fault: Fault };

const BLOCK = /^(`{3,}|~{3,})notebook-edits[ \t]*\n([\s\S]*?)\n?\1[ \t]*$/m;

/** What stands in an answer between the fences of the language `notebook-edits`: a JSON list; null: there is no such block. */
export function blockIn(answer: string): string | null {
  return BLOCK.exec(answer)?.[2] ?? null;
}

/** A name for what a message proposes (FNV-1a): the same one every time, and no two in one conversation. */
export function nameOfBlock(message: string, block: string): string {
  const text = `${message}\n${block.trim()}`;
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  }
  return `llm-${(value >>> 0).toString(36)}`;
}

/**
 * The edits in the inside of such a block: all of them are sound, or none is taken. `prefix`: what the ids of new cells begin with,
 * instead of those the model thought of.
 */
export function readBlock(block: string, cells: readonly ProposalCell[], prefix = ''): Read {
  let said: unknown;
  try {
    said = JSON.parse(block);
  } catch (thrown) {
    return { fault: { kind: 'not-json', message: thrown instanceof Error ? thrown.message : '' } };
  }
  if (!Array.isArray(said) || said.length === 0) {
    return { fault: { kind: 'none' } };
  }
  const known = new Set(cells.map(cell => cell.id));
  const unseen = new Set(cells.flatMap(({ id, left_out }) => (left_out === undefined ? [] : [id])));
  const edits: Edit[] = [];
  for (const [index, one] of (said as unknown[]).entries()) {
    const edit = editFrom(one, `new-${index + 1}`);
    if (!edit) {
      return { fault: { kind: 'bad-edit', at: index + 1 } };
    }
    const named = [edit.op === 'insert' ? null : edit.cell, 'after' in edit ? edit.after : null];
    const unknown = named.find(id => id !== null && !known.has(id));
    if (typeof unknown === 'string') {
      return { fault: { kind: 'unknown-cell', at: index + 1, cell: unknown } };
    }
    if ((edit.op === 'replace' || edit.op === 'delete') && unseen.has(edit.cell)) {
      return { fault: { kind: 'unseen-cell', at: index + 1, cell: edit.cell } };
    }
    if (edit.op === 'insert') {
      if (known.has(edit.id)) {
        return { fault: { kind: 'bad-edit', at: index + 1 } };
      }
      known.add(edit.id);
    } else if (edit.op === 'delete') {
      known.delete(edit.cell);
    }
    edits.push(edit);
  }
  return { edits: prefix === '' ? edits : named(edits, prefix) };
}

/** The edits with ids for the new cells that no notebook has yet, the same ones every time. */
function named(edits: readonly Edit[], prefix: string): Edit[] {
  const names = new Map<string, string>();
  for (const edit of edits) {
    if (edit.op === 'insert') {
      names.set(edit.id, `${prefix}-${names.size + 1}`);
    }
  }
  const name = (id: string): string => names.get(id) ?? id;
  return edits.map(edit => {
    const after = 'after' in edit && edit.after !== null ? { after: name(edit.after) } : {};
    return edit.op === 'insert'
      ? { ...edit, id: name(edit.id), ...after }
      : { ...edit, cell: name(edit.cell), ...after };
  });
}

function editFrom(value: unknown, usualId: string): Edit | null {
  if (value === null || typeof value !== 'object') {
    return null;
  }
  const { op, cell, source, after = null, type = 'code', id = usualId } = value as Record<string, unknown>;
  const isPlace = after === null || typeof after === 'string';
  switch (op) {
    case 'replace':
      return typeof cell === 'string' && typeof source === 'string' ? { op, cell, source } : null;
    case 'delete':
      return typeof cell === 'string' ? { op, cell } : null;
    case 'move':
      return typeof cell === 'string' && isPlace && after !== cell ? { op, cell, after } : null;
    case 'insert':
      return isPlace &&
        typeof id === 'string' &&
        typeof source === 'string' &&
        (type === 'code' || type === 'markdown' || type === 'raw')
        ? { op, id, after, type, source }
        : null;
    default:
      return null;
  }
}

/** The cells as they are when all edits are made, in order. An edit of a cell that is not there changes nothing. */
export function edited(cells: readonly ProposalCell[], edits: readonly Edit[]): ProposalCell[] {
  const made = [...cells];
  const indexOf = (id: string): number => made.findIndex(cell => cell.id === id);
  const put = (cell: ProposalCell, after: string | null): void => {
    const above = after === null ? -1 : indexOf(after);
    made.splice(after !== null && above < 0 ? made.length : above + 1, 0, cell);
  };
  for (const edit of edits) {
    if (edit.op === 'insert') {
      put({ id: edit.id, type: edit.type, source: edit.source }, edit.after);
      continue;
    }
    const at = indexOf(edit.cell);
    const cell = made[at];
    if (!cell) {
      continue;
    }
    made.splice(at, 1);
    if (edit.op === 'replace') {
      made.splice(at, 0, { ...cell, source: edit.source });
    } else if (edit.op === 'move') {
      put(cell, edit.after);
    }
  }
  return made;
}
