import type { ModelInfo, Preset } from '../../api/schema';

/** Models that stand together, under a heading. */
export interface Group {
  readonly name: string;
  readonly label: string;
  readonly models: readonly ModelInfo[];
}

interface InGroup {
  /** Its name, its heading, and which of all it is. */
  readonly group: string;
  readonly label: string;
  readonly order: number;
}

interface Heading extends InGroup {
  readonly kind: 'heading';
}

interface ModelRow extends InGroup {
  readonly kind: 'model';
  readonly model: ModelInfo;
  /** From 1, among all that can be chosen or not. */
  readonly position: number;
}

interface PresetRow extends InGroup {
  readonly kind: 'preset';
  readonly preset: Preset;
  readonly position: number;
}

/** A line in the list of models. */
export type Row = Heading | ModelRow | PresetRow;

/** Which line somebody has come to. A model may stand in several groups. */
export interface Mark {
  readonly group: string;
  readonly id: string;
}

/** All lines of the list, and how many of them are no headings. */
export function rowsOf(
  presets: { readonly label: string; readonly items: readonly Preset[] },
  groups: readonly Group[]
): { rows: readonly Row[]; count: number } {
  const rows: Row[] = [];
  let count = 0;
  if (presets.items.length > 0) {
    const of = { group: 'presets', label: presets.label, order: -1 };
    rows.push({ kind: 'heading', ...of });
    for (const preset of presets.items) {
      rows.push({ kind: 'preset', ...of, preset, position: ++count });
    }
  }
  for (const [order, { name: group, label, models }] of groups.entries()) {
    rows.push({ kind: 'heading', group, label, order });
    for (const model of models) {
      rows.push({ kind: 'model', group, label, order, model, position: ++count });
    }
  }
  return { rows, count };
}

export function isChoice(row: Row | undefined): boolean {
  return row !== undefined && row.kind !== 'heading' && (row.kind === 'preset' || row.model.available);
}

export function idOf(row: Row): string {
  return row.kind === 'model' ? row.model.id : row.kind === 'preset' ? row.preset.id : '';
}

/** Where `mark` stands; else the first line that can be chosen; −1: there is none. */
export function indexOf(rows: readonly Row[], mark: Mark | null): number {
  const marked =
    mark === null
      ? -1
      : rows.findIndex(row => row.kind !== 'heading' && row.group === mark.group && idOf(row) === mark.id);
  return marked >= 0 ? marked : rows.findIndex(isChoice);
}

/** The next line that can be chosen, before the first one the last. */
export function nextOf(rows: readonly Row[], from: number, step: number): number {
  let at = from;
  do {
    at = (at + step + rows.length) % rows.length;
  } while (at !== from && !isChoice(rows[at]));
  return at;
}
