/**
 * The last block of Markdown that is still being written, without what cannot be read yet: half a link would show its address for a
 * moment, half a table its bars, a lone `-` would make a heading of the line above. Everything comes back when it can be told what
 * it is, so that nothing jumps. Pure, and for showing only: what is stored stays whole.
 */
export function mend(raw: string, type: string): string {
  if (type === 'code') {
    // The line that opens a fence names the language when it is complete.
    return /^ {0,3}(`{3,}|~{3,})[^\n]*$/.test(raw) ? '' : raw;
  }
  if (type === 'html' || type === 'math') {
    return raw.replace(/<[a-z/!][^<>]*$/i, '');
  }
  let text = withoutLastLine(raw, type);
  text = text.replace(/<[a-z/!][^<>\n]*$/i, '').replace(/&[#\w]{0,12}$/, '');
  text = withoutHalfMath(text);
  text = withoutHalfLink(text);
  return closed(text);
}

/** Signs that only say what the next line will be. */
const UNDECIDED =
  /(?:^|\n)[ \t>]*(?:[-=*+_#>|`~:]+[-=*+_#>|`~: \t]*|\d{1,9}[.)]?|[-*+][ \t]+\[[ xX]?\]?)[ \t]*$/;
/** A first line with bars, and what could become the line below it. */
const TABLE_HEAD = /(?:^|\n)[ \t]*\|[^\n]*(?:\n[ \t|:-]*)?$/;

function withoutLastLine(raw: string, type: string): string {
  const head = type === 'table' ? null : TABLE_HEAD.exec(raw);
  if (head) {
    return raw.slice(0, head.index);
  }
  const match = UNDECIDED.exec(raw);
  return match ? raw.slice(0, match.index) : raw;
}

/** A formula that has begun and not ended yet; one that goes on for too long was none. */
function withoutHalfMath(text: string): string {
  const start = Math.max(text.lastIndexOf('\n\n'), 0);
  const last = text.slice(start);
  const bare = last.replace(/(`+)[^`]*\1/g, code => ' '.repeat(code.length)).replace(/\\[\\$]/g, '  ');
  const dollars = [...bare.matchAll(/\$\$?/g)];
  const open = dollars.length % 2 ? dollars.at(-1) : undefined;
  const bracket = /\\[([](?![\s\S]*\\[)\]])/.exec(bare);
  for (const at of [open?.index, bracket?.index]) {
    if (
      at !== undefined &&
      bare.length - at < 600 &&
      !/^\$\d/.test(bare.slice(at)) &&
      !/^\$\s/.test(bare.slice(at))
    ) {
      return text.slice(0, start + at);
    }
  }
  return text;
}

function withoutHalfLink(text: string): string {
  const image = /!\[[^\]\n]*(?:\](?:\([^()\n]*)?)?$/.exec(text);
  if (image) {
    return text.slice(0, image.index);
  }
  const link = /\[([^[\]\n]{1,300})\]\([^()\n]*$/.exec(text);
  if (link) {
    return text.slice(0, link.index) + (link[1] ?? '');
  }
  const label = /\[([^[\]\n]{0,300})$/.exec(text);
  return label && !/^\s*[-*+]\s*$/.test(text.slice(text.lastIndexOf('\n') + 1, label.index))
    ? text.slice(0, label.index) + (label[1] ?? '')
    : text;
}

/** Close what is emphasised or code so far. */
function closed(text: string): string {
  const start = Math.max(text.lastIndexOf('\n\n'), text.lastIndexOf('\n- '), text.lastIndexOf('\n* '), 0);
  const last = text.slice(start).replace(/(`+)[^`]+\1(?!`)/g, '');
  const tick = /(`+)[^`]*$/.exec(last);
  if (tick) {
    return tick[0] === tick[1] ? text.replace(/`+$/, '') : text + (tick[1] ?? '');
  }
  const trimmed = text.replace(/(?<=[\s(]|^)(?:\*{1,3}|~~?|_{1,2})$/, '');
  if (trimmed !== text) {
    return closed(trimmed);
  }
  const bare = last.replace(/\\./g, '').replace(/^[ \t]*[*+-][ \t]/gm, '');
  const strong = (bare.match(/\*\*(?=\S)|(?<=\S)\*\*/g) ?? []).length;
  if (strong % 2) {
    return /\S\*$/.test(text) && !text.endsWith('**') ? `${text}*` : text.replace(/\s+$/, '') + '**';
  }
  return text;
}
