/** Where a text stops being JSON, and what should have come there. */
export interface JsonFault {
  readonly missing: 'value' | 'name' | 'colon' | 'comma' | 'quote' | 'end' | 'escape';
  /** Counted from 1, as editors do. */
  readonly line: number;
  readonly column: number;
  /** In UTF-16 units from the beginning. */
  readonly offset: number;
}

const SPACE = /[ \t\n\r]*/y;
const WORD = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.])/y;
/** What may stand within quotes, up to what may not. */
// eslint-disable-next-line no-control-regex -- these are what JSON forbids
const STRING = /(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*/y;

/** Why a text is no JSON; null: it is. Browsers say it each in their own words, and some without the place. */
export function jsonFault(text: string): JsonFault | null {
  const wrong = new Scan(text).wrong();
  if (wrong === null) {
    return null;
  }
  const lines = text.slice(0, wrong.offset).split('\n');
  return { ...wrong, line: lines.length, column: (lines.at(-1) ?? '').length + 1 };
}

type Wrong = Pick<JsonFault, 'missing' | 'offset'>;

/** Reads a text without making anything of it. Depth is kept in a list, so that no text is too deep. */
class Scan {
  private at = 0;
  /** What is open, the innermost last. */
  private readonly open: ('{' | '[')[] = [];

  constructor(private readonly text: string) {}

  wrong(): Wrong | null {
    let missing = this.value();
    while (missing === null && this.open.length > 0) {
      missing = this.next();
    }
    if (missing === null) {
      this.take(SPACE);
      missing = this.at < this.text.length ? 'end' : null;
    }
    return missing === null ? null : { missing, offset: this.at };
  }

  /** A value; of an object or a list what comes before its first value that is neither. What is missing, if something is. */
  private value(): JsonFault['missing'] | null {
    for (;;) {
      this.take(SPACE);
      const first = this.text[this.at];
      if (first !== '{' && first !== '[') {
        return first === '"' ? this.string() : this.take(WORD) ? null : 'value';
      }
      this.at++;
      this.open.push(first);
      this.take(SPACE);
      if (this.closes(first)) {
        return null;
      }
      const missing = first === '{' ? this.name() : null;
      if (missing !== null) {
        return missing;
      }
    }
  }

  /** A name and a colon. */
  private name(): JsonFault['missing'] | null {
    this.take(SPACE);
    if (this.text[this.at] !== '"') {
      return 'name';
    }
    const missing = this.string();
    if (missing !== null) {
      return missing;
    }
    this.take(SPACE);
    if (this.text[this.at] !== ':') {
      return 'colon';
    }
    this.at++;
    return null;
  }

  /** What comes after a value, within something that is open. */
  private next(): JsonFault['missing'] | null {
    const inner = this.open.at(-1) ?? '{';
    this.take(SPACE);
    if (this.closes(inner)) {
      return null;
    }
    if (this.text[this.at] !== ',') {
      return 'comma';
    }
    this.at++;
    return (inner === '{' ? this.name() : null) ?? this.value();
  }

  private closes(inner: '{' | '['): boolean {
    if (this.text[this.at] !== (inner === '{' ? '}' : ']')) {
      return false;
    }
    this.at++;
    this.open.pop();
    return true;
  }

  private string(): JsonFault['missing'] | null {
    this.at++;
    this.take(STRING);
    if (this.text[this.at] === '\\') {
      return 'escape';
    }
    if (this.text[this.at] !== '"') {
      return 'quote';
    }
    this.at++;
    return null;
  }

  /** Go over what `pattern` matches here; whether that was anything. */
  private take(pattern: RegExp): boolean {
    pattern.lastIndex = this.at;
    const length = pattern.exec(this.text)?.[0].length ?? 0;
    this.at += length;
    return length > 0;
  }
}
