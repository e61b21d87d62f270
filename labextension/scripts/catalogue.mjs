// What there is to translate: every text that the sources hand to JupyterLab's translator, and the titles and descriptions of the
// settings. Texts are found in the syntax tree, not by patterns; one that is not written out in full is an error with its place.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { po } from 'gettext-parser';
import ts from 'typescript';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
export const locales = resolve(root, '../llmhub/locale');

/** Method of the translator → what its first arguments are. */
const METHODS = {
  __: ['text'],
  gettext: ['text'],
  _n: ['text', 'plural'],
  ngettext: ['text', 'plural'],
  _p: ['context', 'text'],
  pgettext: ['context', 'text'],
  _np: ['context', 'text', 'plural'],
  npgettext: ['context', 'text', 'plural']
};

/** Which strings of a settings schema are shown, and in which context: as jupyterlab_server's translation_utils has it. */
const SCHEMA = [
  [/^\/properties\/.*\/(title|description)$/, 'settings'],
  [/^\/definitions\/.*\/properties\/.*\/(title|description)$/, 'settings'],
  [/^\/(title|description)$/, 'schema'],
  [/^\/jupyter\.lab\.setting-icon-label$/, 'settings'],
  [/^\/jupyter\.lab\.menus\/.*\/label$/, 'menu'],
  [/^\/jupyter\.lab\.toolbars\/.*\/label$/, 'toolbar']
];

/** All texts, in the order of files and lines: {context, text, plural, files}. Throws when a text is not written out. */
export function collect() {
  const found = new Map();
  const wrong = [];
  const add = ({ context = '', text, plural = '' }, file) => {
    const key = keyOf({ context, text });
    const known = found.get(key) ?? { context, text, plural, files: [] };
    known.plural ||= plural;
    if (!known.files.includes(file)) {
      known.files.push(file);
    }
    found.set(key, known);
  };
  for (const file of filesIn(join(root, 'src'), /\.tsx?$/)) {
    inSource(file, add, wrong);
  }
  for (const file of filesIn(join(root, 'schema'), /\.json$/)) {
    inSchema(JSON.parse(readFileSync(file, 'utf8')), '', text => add(text, relative(root, file)));
  }
  if (wrong.length > 0) {
    throw new Error(`Only texts that are written out can be translated:\n${wrong.join('\n')}`);
  }
  return [...found.values()];
}

/** The catalogue of a language with every text of `texts` and no others; what was translated stays. */
export function merge(texts, language, before) {
  const translations = {};
  for (const { context, text, plural, files } of texts) {
    const known = before?.translations[context]?.[text];
    const fits = known && Boolean(known.msgid_plural) === Boolean(plural);
    translations[context] ??= {};
    translations[context][text] = {
      msgid: text,
      ...(context ? { msgctxt: context } : {}),
      ...(plural ? { msgid_plural: plural } : {}),
      msgstr: fits ? known.msgstr : plural ? ['', ''] : [''],
      comments: { ...(known?.comments ?? {}), reference: files.join('\n') }
    };
  }
  const headers = before?.headers ?? {
    'Project-Id-Version': 'llmhub',
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Transfer-Encoding': '8bit',
    'MIME-Version': '1.0',
    Language: language,
    'Plural-Forms': 'nplurals=2; plural=(n != 1);'
  };
  return { charset: 'utf-8', headers, translations };
}

/** What JupyterLab reads: the translations as Jed has them. */
export function toJed(catalogue, version) {
  const { headers } = catalogue;
  const jed = {
    '': {
      domain: 'llmhub',
      language: headers.Language.replace('_', '-'),
      plural_forms: headers['Plural-Forms'],
      version
    }
  };
  for (const { msgctxt, msgid, msgstr } of entries(catalogue)) {
    if (msgstr.every(Boolean)) {
      jed[keyOf({ context: msgctxt ?? '', text: msgid })] = msgstr;
    }
  }
  return jed;
}

export function entries(catalogue) {
  return Object.values(catalogue.translations)
    .flatMap(group => Object.values(group))
    .filter(({ msgid }) => msgid !== '');
}

export function languages() {
  return readdirSync(locales, { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(entry => entry.name);
}

export const pathOf = (language, extension) => join(locales, language, 'LC_MESSAGES', `llmhub.${extension}`);

/** The catalogue of a language as it is in its file. */
export const read = language => po.parse(readFileSync(pathOf(language, 'po')), { validation: true });

export const toPo = catalogue => po.compile(catalogue, { foldLength: 0 });

/** The version of the texts: that of the package. */
export function version() {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;
}

function keyOf({ context, text }) {
  return context ? `${context}\u0004${text}` : text;
}

function filesIn(folder, pattern) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && pattern.test(entry.name))
    .map(entry => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

function inSource(file, add, wrong) {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  const name = relative(root, file);
  const visit = node => {
    if (ts.isCallExpression(node)) {
      const { expression } = node;
      const called = ts.isPropertyAccessExpression(expression) ? expression.name.text : expression.text;
      if (Object.hasOwn(METHODS, called ?? '')) {
        const said = {};
        for (const [index, role] of METHODS[called].entries()) {
          said[role] = literal(node.arguments[index]);
        }
        if (Object.values(said).includes(null)) {
          const { line } = source.getLineAndCharacterOfPosition(node.getStart());
          wrong.push(`${name}:${line + 1}: ${node.getText().slice(0, 100)}`);
        } else {
          add(said, name);
        }
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
}

/** A text that is written out, also in several pieces over several lines; else null. */
function literal(node) {
  if (node && ts.isStringLiteralLike(node)) {
    return node.text;
  }
  if (node && ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    const [left, right] = [literal(node.left), literal(node.right)];
    return left === null || right === null ? null : left + right;
  }
  return null;
}

function inSchema(value, path, add) {
  if (typeof value === 'string') {
    const context = SCHEMA.find(([pattern]) => pattern.test(path))?.[1];
    if (context) {
      add({ context, text: value });
    }
  } else if (Array.isArray(value)) {
    value.forEach((item, index) => inSchema(item, `${path}[${index}]`, add));
  } else if (value && typeof value === 'object') {
    Object.entries(value).forEach(([key, item]) => inSchema(item, `${path}/${key}`, add));
  }
}
