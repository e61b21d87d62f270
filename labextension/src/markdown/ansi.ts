/** The colours of a terminal, as JupyterLab's styles name them. */

const COLORS = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'];
/* eslint-disable no-control-regex */
const COLOR = /\x1b\[([\d;:]*)m/;
/** All other sequences: titles and links, movements, character sets. */
const OTHER = /\x1b(?:\][^\x07\x1b]{0,2000}(?:\x07|\x1b\\)|\[[\d;:?<=>]*[@-ln-~]|[()][A-Z0-9]|[^[\]()])/g;
/* eslint-enable no-control-regex */

export interface Run {
  readonly text: string;
  /** Names of `ansi-…` classes. */
  readonly className: string;
}

/** Text of a terminal as runs of one look. Escape sequences that are no colours are left out; so is what a line was overwritten with. */
export function readAnsi(text: string): Run[] {
  const runs: Run[] = [];
  let look = new Map<string, string>();
  // Every second piece is what stands between ESC [ and m.
  const pieces = plain(text).split(COLOR);
  pieces.forEach((piece, index) => {
    if (index % 2) {
      look = change(look, piece);
    } else if (piece) {
      runs.push({ text: piece, className: [...look.values()].join(' ') });
    }
  });
  return runs;
}

function plain(text: string): string {
  return (
    text
      .replace(OTHER, '')
      .replace(/\r\n/g, '\n')
      // A progress bar: what is written over a line is what one would see.
      .replace(/^[^\n]*\r(?=[^\n])/gm, '')
      .replace(/\r/g, '')
  );
}

function change(before: ReadonlyMap<string, string>, codes: string): Map<string, string> {
  const look = new Map(before);
  const numbers = codes.split(/[;:]/).map(Number);
  for (let at = 0; at < numbers.length; at++) {
    const code = numbers[at] ?? 0;
    const color = COLORS[code % 10];
    const tens = Math.floor(code / 10);
    if (code === 0) {
      look.clear();
    } else if (code === 1) {
      look.set('weight', 'ansi-bold');
    } else if (code === 4) {
      look.set('line', 'ansi-underline');
    } else if (code === 22) {
      look.delete('weight');
    } else if (code === 24) {
      look.delete('line');
    } else if (code === 39) {
      look.delete('fg');
    } else if (code === 49) {
      look.delete('bg');
    } else if (code === 38 || code === 48) {
      // One of 256 or of all colours: of those only the first sixteen have a name in a theme.
      const [kind, value = 0] = numbers.slice(at + 1);
      at += kind === 5 ? 2 : 4;
      const ground = code === 38 ? 'fg' : 'bg';
      const name = COLORS[value % 8];
      if (kind === 5 && value < 16 && name) {
        look.set(ground, `ansi-${name}${value > 7 ? '-intense' : ''}-${ground}`);
      }
    } else if (color && [3, 4, 9, 10].includes(tens)) {
      const ground = tens === 3 || tens === 9 ? 'fg' : 'bg';
      look.set(ground, `ansi-${color}${tens > 8 ? '-intense' : ''}-${ground}`);
    }
  }
  return look;
}
