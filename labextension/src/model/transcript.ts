import type { Message } from '../api/schema';
import { textOf } from './node';

/** The words in a transcript that are not the conversation's own, in the language of the page. */
export interface TranscriptWords {
  readonly you: string;
  readonly answer: string;
  readonly file: (name: string) => string;
  readonly image: string;
  readonly when: (time: string) => string;
  readonly model: (id: string) => string;
}

/** A conversation as Markdown: its title, and who said what and when. */
export function transcript(
  title: string | null,
  messages: readonly Message[],
  words: TranscriptWords
): string {
  const blocks = messages.flatMap(message => {
    const body = bodyOf(message, words);
    return body ? [`## ${headOf(message, words)}\n\n${body}`] : [];
  });
  return [...(title ? [`# ${title}`] : []), ...blocks].join('\n\n') + '\n';
}

function headOf({ role, model, created_at }: Message, words: TranscriptWords): string {
  const who = role === 'user' ? words.you : model ? words.model(model) : words.answer;
  return `${who} · ${words.when(created_at)}`;
}

function bodyOf(message: Message, words: TranscriptWords): string {
  const before = message.parts.flatMap(part => {
    switch (part.type) {
      case 'file':
        return [words.file(part.name)];
      case 'image':
        return [words.image];
      case 'quote':
        return [part.text.replace(/^/gm, '> ')];
      default:
        return [];
    }
  });
  return [...before, textOf(message.parts).trim()].filter(Boolean).join('\n\n');
}
