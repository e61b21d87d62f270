import { failureOf } from './surroundings';
import { type CellLike, outputsAsText } from './notebook';

/** What can be asked about code with one click. `ask`: the question is the person's own. */
export const INTENTS = ['explain', 'fix', 'improve', 'ask'] as const;

export type Intent = (typeof INTENTS)[number];

export const PLACES = ['selection', 'cell', 'output'] as const;

/** What a question is about: words that are selected, a cell, or what a cell shows. */
export type Place = (typeof PLACES)[number];

/** What is asked about, as it is now, saved or not. */
export interface Subject {
  readonly place: Place;
  /** The name of the notebook or file, with where in it; for people. */
  readonly name: string;
  readonly code: string;
  /** As behind a Markdown fence. */
  readonly language: string;
  /** What the code printed. */
  readonly output: string;
  readonly traceback: string | null;
  readonly images: readonly File[];
}

/** A message about a subject: its text, and what goes along. */
export interface Question {
  readonly text: string;
  readonly files: readonly File[];
}

/** Longer code goes along as a file instead of standing in the text. Characters. */
const LONG = 2500;

/** The question with what it is about below it. Without words all of it goes along, and the message is left to be written. */
export function compose(words: string, subject: Subject): Question {
  const blocks = [
    fenced(subject.code, subject.language),
    subject.place === 'output' && subject.traceback === null ? fenced(subject.output) : '',
    subject.traceback === null ? '' : fenced(subject.traceback)
  ];
  const code = blocks.filter(Boolean).join('\n\n');
  if (code === '') {
    return { text: words, files: subject.images };
  }
  if (words !== '' && code.length <= LONG) {
    return { text: `${words}\n\n${code}\n`, files: subject.images };
  }
  const file = new File([`${code}\n`], `${subject.name}.md`, { type: 'text/markdown' });
  return { text: words, files: [file, ...subject.images] };
}

/** A cell as something to ask about; its images are the caller's, who can make files of them. */
export function subjectOf(
  cell: CellLike,
  place: 'cell' | 'output',
  { name, language }: Pick<Subject, 'name' | 'language'>
): Omit<Subject, 'images'> {
  const failure = failureOf(cell);
  return {
    place,
    name,
    code: failure?.source ?? sourceOf(cell),
    language: cell.cell_type === 'markdown' ? 'markdown' : language,
    output: failure === null ? outputsAsText(cell.outputs) : '',
    traceback: failure?.traceback ?? null
  };
}

/** A code block whose fence is longer than any in the code; nothing for no code. */
export function fenced(code: string, language = ''): string {
  if (code.trim() === '') {
    return '';
  }
  const longest = Math.max(0, ...[...code.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(Math.max(3, longest + 1));
  return `${fence}${language}\n${code.trimEnd()}\n${fence}`;
}

/** Notebooks store text as one string or as its lines. */
function sourceOf({ source }: CellLike): string {
  return Array.isArray(source) ? source.join('') : typeof source === 'string' ? source : '';
}
