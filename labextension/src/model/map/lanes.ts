import type { TreeNode } from '../../api/schema';

/** What the map draws as one thing: a message, or a long stretch without branches as a line with a count. */
export interface Item {
  /** Id of the (first) message. */
  readonly id: string;
  /** The messages, from the top; more than one: a fold. */
  readonly ids: readonly string[];
  readonly above: Item | null;
  /** From left to right. */
  readonly below: readonly Item[];
  /** From the top, from 0. */
  readonly row: number;
  /** From the left, from 0. */
  readonly lane: number;
}

export interface Layout {
  /** Those above come before those below. */
  readonly items: readonly Item[];
  /** By row, in it from left to right. */
  readonly rows: readonly (readonly Item[])[];
  /** How many lanes there are. */
  readonly lanes: number;
  /** The item in which a message is. */
  readonly of: ReadonlyMap<string, Item>;
}

/** What a message's place depends on. */
export type Place = Pick<TreeNode, 'id' | 'parent_id'>;

export interface LayoutOptions {
  /** Never part of a fold: the head, what is marked. */
  readonly isKept?: (id: string) => boolean;
  /** Messages whose fold was opened. */
  readonly open?: ReadonlySet<string>;
  /** How it was before: what went straight down goes straight down, so that nothing changes sides while one looks. */
  readonly before?: Layout | null;
}

/** So few messages are not folded at all. */
export const FEW = 40;
/** So many in a row are worth a fold. */
export const STRETCH = 4;

export const EMPTY: Layout = { items: [], rows: [], lanes: 0, of: new Map() };

/**
 * Where each message of a tree stands: under its parent, or to the right of that. The longest branch goes straight down; the
 * others stand beside it, as near as what is beside them allows, so that short ones far from each other share a lane and a narrow
 * panel shows the trunk. `nodes` in the order in which they were made. Takes time in proportion to their number.
 */
export function layoutOf(nodes: readonly Place[], options: LayoutOptions = {}): Layout {
  const children = childrenOf(nodes);
  const items = itemsOf(children, nodes.length > FEW, options);
  const roots = items.filter(item => item.above === null);
  straighten(items, roots, options.before ?? null);
  return placed(items, roots);
}

interface Draft {
  id: string;
  ids: readonly string[];
  above: Draft | null;
  below: Draft[];
  row: number;
  /** First relative to the item above, then counted from the left. */
  lane: number;
  /** How many rows it and what is below it take. */
  height: number;
}

function childrenOf(nodes: readonly Place[]): Map<string | null, string[]> {
  const known = new Set(nodes.map(node => node.id));
  const children = new Map<string | null, string[]>();
  for (const { id, parent_id } of nodes) {
    // What lost its parent still has a place.
    const parent = parent_id !== null && known.has(parent_id) ? parent_id : null;
    const beside = children.get(parent);
    if (beside) {
      beside.push(id);
    } else {
      children.set(parent, [id]);
    }
  }
  return children;
}

/** Messages and folds, those above before those below. */
function itemsOf(
  children: ReadonlyMap<string | null, readonly string[]>,
  isFolded: boolean,
  { isKept, open }: LayoutOptions
): Draft[] {
  const items: Draft[] = [];
  const only = (id: string): string | undefined => {
    const below = children.get(id);
    return below?.length === 1 ? below[0] : undefined;
  };
  const waiting: { id: string; above: Draft | null; isAlone: boolean }[] = (children.get(null) ?? [])
    .toReversed()
    .map(id => ({ id, above: null, isAlone: false }));
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { id, above, isAlone } = next;
    const stretch: string[] = [];
    let at: string | undefined = isFolded && isAlone ? id : undefined;
    while (at !== undefined && only(at) !== undefined && !isKept?.(at) && !open?.has(at)) {
      stretch.push(at);
      at = only(at);
    }
    const isFold = stretch.length >= STRETCH;
    const ids = isFold ? stretch : [id];
    const item: Draft = { id, ids, above, below: [], row: 0, lane: 0, height: 1 };
    items.push(item);
    above?.below.push(item);
    const below = children.get(ids.at(-1) ?? id) ?? [];
    for (let index = below.length - 1; index >= 0; index--) {
      waiting.push({ id: below[index] ?? '', above: item, isAlone: below.length === 1 });
    }
  }
  return items;
}

/** Put what goes straight down first, and set how high everything is. */
function straighten(items: readonly Draft[], roots: Draft[], before: Layout | null): void {
  const chosen = (beside: Draft[]): void => {
    if (beside.length < 2) {
      return;
    }
    const was = before && beside.find(item => isStraight(before.of.get(item.id)));
    const first = was ?? beside.reduce((best, item) => (item.height > best.height ? item : best));
    beside.splice(beside.indexOf(first), 1);
    beside.unshift(first);
  };
  for (let index = items.length - 1; index >= 0; index--) {
    const item = items[index];
    if (item) {
      chosen(item.below);
      item.height = 1 + item.below.reduce((most, { height }) => Math.max(most, height), 0);
    }
  }
  chosen(roots);
}

/** Of several, it was the one that goes straight down. */
function isStraight(item: Item | undefined): boolean {
  return item !== undefined && (item.above === null ? item.lane === 0 : item.above.below[0] === item);
}

function placed(items: readonly Draft[], roots: readonly Draft[]): Layout {
  const edges = new Map<Draft, number[]>();
  for (let index = items.length - 1; index >= 0; index--) {
    const item = items[index];
    if (item) {
      const edge = pack(item.below, edges);
      edge.push(0);
      edges.set(item, edge);
    }
  }
  pack(roots, edges);
  const rows: Draft[][] = [];
  const of = new Map<string, Item>();
  let lanes = 0;
  for (const item of inOrder(roots)) {
    item.row = item.above ? item.above.row + 1 : 0;
    item.lane += item.above?.lane ?? 0;
    lanes = Math.max(lanes, item.lane + 1);
    (rows[item.row] ??= []).push(item);
    item.ids.forEach(id => of.set(id, item));
  }
  return { items, rows, lanes, of };
}

/**
 * Stand side by side, each as far left as those before it allow. Gives how far to the right they reach together, row by row, the
 * lowest first. The first is the highest, unless it once was: its list is taken over, so that a row is looked at once for each
 * branch that ends below it.
 */
function pack(beside: readonly Draft[], edges: Map<Draft, number[]>): number[] {
  const [first, ...others] = beside;
  let reach = first ? (edges.get(first) ?? []) : [];
  for (const item of others) {
    const edge = edges.get(item) ?? [];
    let lane = 1;
    for (let depth = 1; depth <= Math.min(edge.length, reach.length); depth++) {
      lane = Math.max(lane, 1 + (reach[reach.length - depth] ?? 0));
    }
    item.lane = lane;
    if (edge.length > reach.length) {
      reach = [...edge.slice(0, edge.length - reach.length).map(one => one + lane), ...reach];
    }
    for (let depth = 1; depth <= edge.length; depth++) {
      reach[reach.length - depth] = Math.max(
        reach[reach.length - depth] ?? 0,
        lane + (edge[edge.length - depth] ?? 0)
      );
    }
  }
  beside.forEach(item => edges.delete(item));
  return reach;
}

/** From the top, and from left to right. */
function* inOrder(roots: readonly Draft[]): Iterable<Draft> {
  const waiting = roots.toReversed();
  for (let item = waiting.pop(); item; item = waiting.pop()) {
    yield item;
    for (let index = item.below.length - 1; index >= 0; index--) {
      const below = item.below[index];
      if (below) {
        waiting.push(below);
      }
    }
  }
}
