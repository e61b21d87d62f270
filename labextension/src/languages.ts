import type { IEditorLanguage, IEditorLanguageRegistry } from '@jupyterlab/codemirror';

/** Those that code can be in: JupyterLab's, or in a cell's output the kernel's. */
export type Languages = Pick<IEditorLanguageRegistry, 'findBest' | 'findByExtension' | 'getLanguage'>;

/** Words that models write behind a fence, and what JupyterLab calls them. */
const ALIASES: Readonly<Record<string, string>> = {
  'c#': 'csharp',
  console: 'shell',
  golang: 'go',
  ipython3: 'python',
  jsonc: 'json',
  json5: 'json',
  'objective-c': 'objectivec',
  py3: 'python',
  pycon: 'python',
  python3: 'python',
  shellsession: 'shell',
  terminal: 'shell',
  zsh: 'shell'
};

/** Where the first ending that JupyterLab lists is not the one that people use. */
const ENDINGS: Readonly<Record<string, string>> = {
  python: 'py',
  ipython: 'py',
  shell: 'sh',
  'common lisp': 'lisp',
  fortran: 'f90',
  diff: 'diff',
  dockerfile: 'Dockerfile'
};

/** The language that a fence names; null if JupyterLab has none of that name. */
export function findLanguage(languages: Languages | null, name: string): IEditorLanguage | null {
  const wanted = ALIASES[name.toLowerCase()] ?? name;
  if (!wanted || !languages) {
    return null;
  }
  return languages.findBest(wanted, false) ?? languages.findByExtension(wanted);
}

/** The language that an editor's MIME type names; "" for plain text. */
export function languageIn(mimeType = ''): string {
  const name = mimeType.replace(/^.*\/(x-)?/, '');
  const names: Readonly<Record<string, string>> = { plain: '', ipythongfm: 'markdown', ipython: 'python' };
  return names[name] ?? name;
}

/** The ending of files in that language, without its dot. */
export function endingOf(language: IEditorLanguage | null, name: string): string {
  if (!language) {
    return 'txt';
  }
  const ending = ENDINGS[language.name.toLowerCase()];
  const endings = language.extensions ?? [];
  return ending ?? (endings.includes(name.toLowerCase()) ? name.toLowerCase() : (endings[0] ?? 'txt'));
}
