import type { TreeNode } from '../../src/api/schema';

/** A number from 0 to before 1, the same ones for the same seed. */
export function chance(seed: number): () => number {
  let state = seed * 2654435761 + 1;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 0x9e3779b9) | 0;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32;
  };
}

export function node(id: string, parent_id: string | null, changes: Partial<TreeNode> = {}): TreeNode {
  const role = changes.role ?? 'assistant';
  const base = { role, status: 'complete', model: role === 'assistant' ? 'lab/echo' : null } as const;
  return {
    id,
    parent_id,
    created_at: '2026-11-20T12:00:00Z',
    pinned: false,
    starred: false,
    ...base,
    ...changes
  };
}

/** Nodes from words: "a", "b<a" (below a), "c<b", ... */
export function nodes(...words: string[]): TreeNode[] {
  return words.map(word => {
    const [id = '', parent] = word.split('<');
    return node(id, parent ?? null);
  });
}

/** A tree as conversations grow: mostly on below the last message, now and then from an earlier one, seldom from the top. */
export function grown(size: number, seed: number, wildness = 0.2): TreeNode[] {
  const random = chance(seed);
  const all: TreeNode[] = [];
  for (let at = 0; at < size; at++) {
    const last = all.at(-1);
    const earlier = all[Math.floor(random() * all.length)];
    const isOn = random() >= wildness;
    const parent = isOn ? last : random() < 0.03 ? undefined : earlier;
    const role = parent?.role === 'user' ? 'assistant' : 'user';
    all.push(node(`n${at}`, parent?.id ?? null, { role }));
  }
  return all;
}
