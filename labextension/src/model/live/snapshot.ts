/** A variable as its kernel described it, before anything of it leaves the machine. */
export interface Snapshot {
  readonly name: string;
  readonly type: string;
  /** "1,000 × 5", "hello", "12". */
  readonly size: string;
  readonly table: Table | null;
  /** What else is said of it. */
  readonly text: string;
  /** A PNG, as base64. */
  readonly image: string | null;
  /** Of a kernel that is not Python's: what it says by itself when it is asked for a name. */
  readonly language?: string;
}

export interface Table {
  readonly rows: number;
  readonly width: number;
  /** The first ones; a very wide table has more. */
  readonly columns: readonly Column[];
  /** So many rows the figures are of; null: all. */
  readonly sample: number | null;
  readonly head: readonly (readonly string[])[];
  /** Missing values and figures are known. */
  readonly isCounted: boolean;
}

export interface Column {
  readonly name: string;
  readonly type: string;
  readonly missing: number;
  /** min, mean, distinct…, as the kernel wrote them. */
  readonly stats: Readonly<Record<string, string>>;
}

/** A line of the list of variables. */
export interface Variable {
  readonly name: string;
  readonly type: string;
  readonly size: string;
}

/** What a kernel said of a variable; null where it has none of that name. Throws where that is nothing of ours. */
export function snapshotFrom(json: string): Snapshot | null {
  const said = record(JSON.parse(json));
  if (said['problem'] !== undefined) {
    return null;
  }
  const isTable = typeof said['rows'] === 'number';
  return {
    name: text(said['name']),
    type: text(said['type']),
    size: text(said['size']),
    table: isTable ? tableFrom(said) : null,
    text: text(said['text']),
    image: text(said['image']) || null
  };
}

export function variablesFrom(json: string): readonly Variable[] {
  return list(JSON.parse(json))
    .map(record)
    .map(one => ({
      name: text(one['name']),
      type: text(one['type']),
      size: text(one['size'])
    }));
}

/** What of a snapshot goes to a model, in at most so many bytes. */
export interface Told {
  readonly text: string;
  /** Bytes of the text. */
  readonly size: number;
  /** Something had to be left out to keep within the bytes. */
  readonly isCut: boolean;
}

/** A snapshot in words: what it is, then its columns, then as many of its first rows as there is room for. */
export function told(snapshot: Snapshot, budget: number, without: ReadonlySet<string> = new Set()): Told {
  const { name, type, size, table, text: more } = snapshot;
  const page = new Page(budget);
  page.add(`Variable \`${name}\` in the kernel: ${type}${size ? `, ${size}` : ''}`);
  if (table) {
    tell(table, page, without);
  } else if (more) {
    page.add('');
    page.fill(more);
  }
  return page.done();
}

function tell(table: Table, page: Page, without: ReadonlySet<string>): void {
  const { rows, width, columns, sample, head, isCounted } = table;
  const shown = columns.filter(column => !without.has(column.name));
  page.add(`${rows.toLocaleString('en')} rows, ${width} columns`);
  if (sample !== null) {
    page.add(`Missing values and statistics are of every n-th row, ${sample.toLocaleString('en')} in all.`);
  }
  if (!isCounted) {
    page.add('Missing values and statistics are not known.');
  }
  page.add('', 'Columns:');
  let told = 0;
  for (const column of shown) {
    if (!page.add(`- ${describe(column)}`)) {
      break;
    }
    told += 1;
  }
  const rest = width - (columns.length - shown.length) - told;
  if (rest > 0) {
    page.end(`(${rest} more columns)`);
  }
  const at = columns.flatMap((column, index) => (without.has(column.name) ? [] : [index])).slice(0, told);
  if (
    head.length > 0 &&
    at.length > 0 &&
    page.add('', 'First rows (CSV):', at.map(one => quoted(columns[one]?.name ?? '')).join(','))
  ) {
    for (const row of head) {
      if (!page.add(at.map(one => quoted(row[one] ?? '')).join(','))) {
        break;
      }
    }
  }
}

function describe({ name, type, missing, stats }: Column): string {
  const figures = Object.entries(stats).map(([what, value]) => `${what} ${value}`);
  const facts = [...(missing > 0 ? [`${missing.toLocaleString('en')} missing`] : []), ...figures];
  return `${name} (${type})${facts.length > 0 ? `: ${facts.join(', ')}` : ''}`;
}

function quoted(value: string): string {
  return /[",\n\r]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

/** Lines, as long as there is room. */
class Page {
  private readonly lines: string[] = [];
  private size = 0;
  private isCut = false;

  constructor(private readonly budget: number) {}

  /** False: they do not fit, and none of them is there. The first line always fits. */
  add(...lines: string[]): boolean {
    const more = lines.reduce((sum, line) => sum + bytesOf(line) + 1, 0);
    if (this.isCut || (this.lines.length > 0 && this.size + more > this.budget)) {
      this.isCut = true;
      return false;
    }
    this.lines.push(...lines);
    this.size += more;
    return true;
  }

  /** A line that says what is left out, whatever room there is. */
  end(line: string): void {
    this.lines.push(line);
    this.size += bytesOf(line) + 1;
  }

  /** As much of a text as fits. */
  fill(text: string): void {
    const room = this.budget - this.size - 4;
    if (bytesOf(text) <= room) {
      this.add(text);
      return;
    }
    this.isCut = true;
    const bytes = new TextEncoder().encode(text).slice(0, Math.max(0, room));
    // A character that is cut at the end is left out.
    this.end(`${new TextDecoder().decode(bytes, { stream: true })}…`);
  }

  done(): Told {
    const text = `${this.lines.join('\n')}\n`;
    return { text, size: bytesOf(text), isCut: this.isCut };
  }
}

function bytesOf(value: string): number {
  return new TextEncoder().encode(value).length;
}

function tableFrom(said: Readonly<Record<string, unknown>>): Table {
  const { rows, width, sample } = said;
  return {
    rows: Number(rows),
    width: Number(width),
    columns: list(said['columns'])
      .map(record)
      .map(column => ({
        name: text(column['name']),
        type: text(column['type']),
        missing: Number(column['missing'] ?? 0),
        stats: Object.fromEntries(
          Object.entries(record(column['stats'])).map(([what, value]) => [
            what,
            Array.isArray(value) ? value.map(text).join(' | ') : text(value)
          ])
        )
      })),
    sample: typeof sample === 'number' ? sample : null,
    head: list(said['head']).map(row => list(row).map(text)),
    isCounted: true
  };
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}
