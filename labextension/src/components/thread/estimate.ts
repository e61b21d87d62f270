import type { Message, Part } from '../../api/schema';

/** The sizes that a message's height follows from. Pixels. */
export interface Metrics {
  /** The column of messages. */
  readonly width: number;
  /** A letter of ordinary text, on average. */
  readonly letter: number;
  readonly line: number;
  readonly codeLine: number;
}

const PROSE = 0;
const ITEM = 1;
const HEADING = 2;
const CODE = 3;
const TABLE = 4;
const FORMULA = 5;
const FIXED = 6;

/** Pairs of a kind and how much of it: letters, lines, rows or pixels. */
type Shape = readonly number[];

const shapes = new WeakMap<readonly Part[], Shape>();

/**
 * How high a message will be, before it has ever been drawn. Never exact, but near enough that the scroll bar tells the truth.
 */
export function estimate(message: Message, metrics: Metrics): number {
  const { width, letter, line, codeLine } = metrics;
  const isUser = message.role === 'user';
  const shape = shapeOf(message);
  const room = Math.max(120, isUser ? width * 0.88 - 24 : width);
  const wrapped = (letters: number, indent = 0): number =>
    Math.max(1, Math.ceil((letters * letter) / (room - indent))) * line;
  const gap = isUser ? 0 : line * 0.42;
  // What is around the text: the toolbar, the space between messages, the bubble of a question.
  let height = (isUser ? 14 : 0) + 38;
  for (let at = 0; at + 1 < shape.length; at += 2) {
    const size = shape[at + 1] ?? 0;
    switch (shape[at]) {
      case PROSE:
        height += wrapped(size) + gap;
        break;
      case ITEM:
        height += wrapped(size, 24) + 4;
        break;
      case HEADING:
        height += wrapped(size * 1.15) * 1.1 + 2 * gap;
        break;
      case CODE:
        height += size * codeLine + 27 + 16 + 12;
        break;
      case TABLE:
        height += size * (line + 9) + gap;
        break;
      case FORMULA:
        height += size * line * 1.6 + 2 * gap;
        break;
      default:
        height += size;
    }
  }
  return Math.round(height);
}

function shapeOf(message: Message): Shape {
  let shape = shapes.get(message.parts);
  if (!shape) {
    shape = message.parts.flatMap(part => shapeOfPart(part, message.role === 'user'));
    shapes.set(message.parts, shape);
  }
  return shape;
}

function shapeOfPart(part: Part, isPlain: boolean): number[] {
  switch (part.type) {
    case 'text':
      return isPlain ? plain(part.text) : markdown(part.text);
    case 'quote':
      return [...plain(part.text), FIXED, 6];
    case 'reasoning':
      return [FIXED, 34];
    case 'tool_call':
      return [FIXED, 42];
    case 'tool_result':
      // Drawn inside of its call.
      return [];
    case 'image':
      return [FIXED, 220];
    default:
      return [FIXED, 36];
  }
}

/** Every line stands for itself. */
function plain(text: string): number[] {
  return text.split('\n').flatMap(line => [PROSE, letters(line)]);
}

function markdown(text: string): number[] {
  const shape: number[] = [];
  let open: { kind: number; size: number } | null = null;
  let fence = '';
  const close = (): void => {
    if (open) {
      shape.push(open.kind, open.size);
    }
    open = null;
  };
  const grow = (kind: number, size: number): void => {
    if (open?.kind !== kind) {
      close();
      open = { kind, size: 0 };
    }
    open.size += size;
  };
  for (const line of text.split('\n')) {
    const bare = line.trim();
    if (fence) {
      if (bare === fence) {
        close();
        fence = '';
      } else {
        grow(fence === '$$' ? FORMULA : CODE, 1);
      }
    } else if (/^(```|~~~|\$\$$)/.test(bare)) {
      close();
      fence = bare.startsWith('$') ? '$$' : bare.slice(0, 3);
      open = { kind: fence === '$$' ? FORMULA : CODE, size: 0 };
    } else if (bare === '') {
      close();
    } else if (bare.startsWith('|')) {
      // The line of dashes is no row.
      grow(TABLE, /^[|:\s-]+$/.test(bare) ? 0 : 1);
    } else if (/^#{1,6}\s/.test(bare)) {
      close();
      shape.push(HEADING, letters(bare) - 2);
    } else if (/^([-*+]|\d{1,9}[.)])\s/.test(bare)) {
      close();
      grow(ITEM, letters(bare) - 2);
    } else if (/^\$\$.+\$\$$/.test(bare)) {
      close();
      shape.push(FORMULA, 1.4);
    } else {
      grow(open?.kind === ITEM ? ITEM : PROSE, letters(bare) + 1);
    }
  }
  close();
  return shape;
}

/** Letters of a line; those of East Asian writing are twice as wide. */
function letters(line: string): number {
  let wide = 0;
  for (let at = 0; at < line.length; at++) {
    if (line.charCodeAt(at) > 0x2e7f) {
      wide += 1;
    }
  }
  return line.length + wide;
}
