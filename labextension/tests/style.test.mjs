import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

it("no button's corners are JupyterLab's", () => {
  const classes = new Set(texts('src', '.tsx').flatMap(classesOfButtons));
  const rules = texts('style', '.css').flatMap(rulesIn);
  const rounded = [...classes].filter(name => cornersOf(name, rules).length > 0);
  expect(rounded.length).toBeGreaterThan(20);
  expect(rounded.filter(name => isLost(name, cornersOf(name, rules)))).toEqual([]);
});

/** The rules that say what corners elements of a class have. */
function cornersOf(name, rules) {
  return rules.filter(
    ({ selector, body }) => isAbout(selector, name) && /(?:^|[;\s])border-radius:/.test(body)
  );
}

/** What is no button everywhere says its corners twice: the stronger rule is for those that are. */
function isLost(name, corners) {
  const isForButtons = ({ selector }) => selector.endsWith(` button.${name}`);
  return corners.some(isBeaten) && !corners.some(one => isForButtons(one) && !isBeaten(one));
}

/** By JupyterLab's `.jp-ThemedContainer button`, one class with one element, which sets the corners to this variable. */
function isBeaten({ selector, body }) {
  const classes = selector.match(/\.|\[|(?<!:):(?!:)/g)?.length ?? 0;
  const elements = selector.match(/(?:^|[\s>+~])[a-z]/g)?.length ?? 0;
  return !body.includes('--jp-border-radius:') && (classes === 0 || (classes === 1 && elements <= 1));
}

/** Whether it is about elements of a class themselves, not about what is in them. */
function isAbout(selector, name) {
  const last = selector.split(/[\s>+~]+/).at(-1);
  return !last.includes('::') && last.split(/(?=[.:[])/).includes(`.${name}`);
}

function rulesIn(sheet) {
  const found = sheet.replace(/\/\*.*?\*\//gs, '').matchAll(/([^{};]+)\{([^{}]*)\}/g);
  return [...found].flatMap(([, selectors, body]) =>
    selectors.split(',').map(selector => ({ selector: selector.trim(), body }))
  );
}

/** The classes of ours that buttons have, as far as they stand in their tags. */
function classesOfButtons(source) {
  const tags = source.matchAll(
    /<(?:button|Button|IconButton)\b[^<]*?\sclassName=([^<]*?)(?=\s[a-zA-Z]+=|>\n|<|$)/g
  );
  return [...tags].flatMap(([, names]) => names.match(/jp-llmhub-[\w-]+/g) ?? []);
}

function texts(folder, ending) {
  return readdirSync(folder, { recursive: true })
    .filter(name => name.endsWith(ending))
    .map(name => readFileSync(`${folder}/${name}`, 'utf8'));
}
