import { diffArrays } from 'diff';

/** A stretch of text: in both, or only in the first, or only in the second. */
export interface Change {
  readonly kind: 'same' | 'gone' | 'new';
  readonly text: string;
}

/** Longer texts are compared line by line. Words and what stands between them. */
const MOST_WORDS = 20_000;
/** Longer nobody waits for it. Milliseconds. */
const PATIENCE = 300;
/** With less in common, marks would be all over both. */
const ALIKE = 0.25;

/**
 * What is different in two texts, word by word, in any script; joined, "same" and "gone" are `before` to the sign, "same" and
 * "new" are `after`. Null: they have hardly anything in common.
 */
export function changesBetween(before: string, after: string): Change[] | null {
  if (before === after) {
    return before === '' ? [] : [{ kind: 'same', text: before }];
  }
  let [old, fresh] = [wordsOf(before), wordsOf(after)];
  if (old.length + fresh.length > MOST_WORDS) {
    [old, fresh] = [linesOf(before), linesOf(after)];
  }
  const found = diffArrays(old, fresh, { timeout: PATIENCE });
  if (!found) {
    return null;
  }
  const changes = found.map(({ added, removed, value }): Change => ({
    kind: added ? 'new' : removed ? 'gone' : 'same',
    text: value.join('')
  }));
  const common = changes.reduce((sum, { kind, text }) => sum + (kind === 'same' ? text.trim().length : 0), 0);
  const isAlike = common >= ALIKE * Math.min(before.length, after.length);
  return isAlike ? calmed(changes) : null;
}

/** A single blank that two changes have in common is no rest for the eye: it is part of the change. */
function calmed(changes: readonly Change[]): Change[] {
  const calm: Change[] = [];
  for (let at = 0; at < changes.length;) {
    if (changes[at]?.kind === 'same') {
      calm.push({ kind: 'same', text: changes[at]?.text ?? '' });
      at++;
      continue;
    }
    let [gone, fresh] = ['', ''];
    for (; at < changes.length; at++) {
      const { kind, text } = changes[at] ?? { kind: 'same', text: '' };
      const isBetween =
        /^[^\S\n]+$/.test(text) && at + 1 < changes.length && changes[at + 1]?.kind !== 'same';
      if (kind === 'same' && !isBetween) {
        break;
      }
      gone += kind === 'new' ? '' : text;
      fresh += kind === 'gone' ? '' : text;
    }
    if (gone) {
      calm.push({ kind: 'gone', text: gone });
    }
    if (fresh) {
      calm.push({ kind: 'new', text: fresh });
    }
  }
  return calm;
}

/** Scripts that put no blanks between words: each sign counts as one. */
const DENSE = String.raw`[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}]`;
const PICTURE = String.raw`\p{Extended_Pictographic}[\p{M}\p{Emoji_Modifier}\p{Extended_Pictographic}\u200d]*`;
// Not by Intl.Segmenter: V8 keeps a copy of the whole text with each word.
const WORDS = new RegExp(
  String.raw`(?:(?!${DENSE})[\p{L}\p{M}\p{N}_])+|${DENSE}\p{M}*|${PICTURE}|\n|[^\S\n]+|[^]`,
  'gu'
);

function wordsOf(text: string): string[] {
  return text.match(WORDS) ?? [];
}

function linesOf(text: string): string[] {
  return text.split(/(?<=\n)/);
}
