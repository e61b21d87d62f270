import type { Item, Layout } from './lanes';

export type Step = 'up' | 'down' | 'left' | 'right';

/**
 * Where an arrow key leads: to the parent, to a child (on the path that is shown, else straight down), to the sibling beside it;
 * where there is none, to what stands there.
 */
export function stepFrom(
  item: Item,
  step: Step,
  layout: Layout,
  isOnPath: (id: string) => boolean
): Item | null {
  switch (step) {
    case 'up':
      return item.above;
    case 'down':
      return item.below.find(({ id }) => isOnPath(id)) ?? item.below[0] ?? null;
    case 'left':
    case 'right': {
      // Siblings stand in the order in which they are walked, and others of the row around them.
      const row = layout.rows[item.row] ?? [];
      return row[row.indexOf(item) + (step === 'left' ? -1 : 1)] ?? null;
    }
  }
}
