/** Reading, sorting and copying the tables that Markdown has drawn. Pure where it can be: rows are lists of texts. */

/** The texts of a table, its head first. Mathematics is given as the TeX it was. */
export function readTable(table: HTMLTableElement): string[][] {
  return [...table.rows].map(row => [...row.cells].map(cell => textIn(cell)));
}

function textIn(cell: Element): string {
  const copy = cell.cloneNode(true) as Element;
  for (const hidden of copy.querySelectorAll('mjx-assistive-mml, svg')) {
    hidden.remove();
  }
  for (const line of copy.querySelectorAll('br')) {
    line.replaceWith('\n');
  }
  return copy.textContent.replace(/[^\S\n]+/g, ' ').trim();
}

/** RFC 4180: quotes only where they are needed. */
export function toCsv(rows: readonly (readonly string[])[]): string {
  const field = (text: string): string =>
    /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
  return rows.map(row => row.map(field).join(',')).join('\n') + '\n';
}

/** Python that reads the table into a DataFrame, whatever stands in it. */
export function toPandas(rows: readonly (readonly string[])[]): string {
  const csv = toCsv(rows.map((row, index) => (index ? row.map(plainNumber) : row)));
  const isPlain = !/\\|"""|"$/.test(csv.trimEnd());
  const text = isPlain ? `"""\\\n${csv}"""` : pythonString(csv);
  return `import io\n\nimport pandas as pd\n\ndf = pd.read_csv(io.StringIO(${text}))\ndf\n`;
}

function pythonString(text: string): string {
  const inside = text
    .split('\n')
    .map(line => JSON.stringify(line + '\n'))
    .slice(0, -1);
  return `\n    ${inside.join('\n    ')}\n`;
}

/** "1,234.5 " or "1 234" as Python reads it; anything else as it stands. */
function plainNumber(text: string): string {
  return /^[-+−]?\d{1,3}(?:[,\u00a0\u202f ]\d{3})+(?:\.\d+)?$/.test(text)
    ? text.replace(/[,\u00a0\u202f ]/g, '').replace('−', '-')
    : /^−[\d.]+$/.test(text)
      ? text.replace('−', '-')
      : text;
}

/** The number that a text begins with when it is one: "12 %", "$1,200.50", "−3", "1e-4 s". */
export function numberIn(text: string): number | null {
  const match =
    /^[^\p{L}\d+\-−.]{0,3}([-+−]?[\d,\u00a0\u202f ]*\.?\d+(?:e[-+−]?\d+)?)\s*(?:[%‰°a-zA-Zµ²³/€$£¥]{0,8})?$/iu.exec(
      text.trim()
    );
  if (!match) {
    return null;
  }
  const value = Number((match[1] ?? '').replace(/[,\u00a0\u202f ]/g, '').replace(/−/g, '-'));
  return Number.isNaN(value) ? null : value;
}

/** Orders rows by a column: numbers as numbers if all of them are, else as people sort words. Empty ones stay last. */
export function compareBy(column: readonly string[]): (a: number, b: number) => number {
  const numbers = column.map(numberIn);
  const isNumeric = column.every((text, index) => text === '' || numbers[index] !== null);
  const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });
  return (a, b) => {
    const [one = '', other = ''] = [column[a], column[b]];
    return isNumeric ? (numbers[a] ?? 0) - (numbers[b] ?? 0) : collator.compare(one, other);
  };
}
