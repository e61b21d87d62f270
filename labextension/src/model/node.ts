import type { Message, Part, StatusChanged } from '../api/schema';
import type { UserPart } from '../api/types';

/** How far a tool is that runs now. */
export interface Progress {
  readonly text: string;
  readonly fraction: number | null;
}

/** When a thought or a tool call began and how long it took, as far as this page saw it. Milliseconds. */
export interface Thought {
  readonly from: number;
  readonly ms: number | null;
}

/** What an answer waits for, while nothing else can be shown. `code` is one of the server's, or of this page's own. */
export interface Wait {
  readonly code: NonNullable<StatusChanged['code']> | 'server' | 'login' | null;
  /** As the server says it; for codes that this page does not know. */
  readonly text: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** A message as this page knows it: a value; every change makes a new one. */
export interface Node {
  /** Stays the same when the server gives an id to what was sent from here, so that nothing is drawn anew. */
  readonly key: string;
  readonly message: Message;
  /** The last event of its run that is in it; 0 when it came as a whole. */
  readonly seq: number;
  /** Whether it was being answered here when the server told of its end: it ended just now, by whatever clock. */
  readonly isNews: boolean;
  readonly wait: Wait | null;
  readonly progress: Readonly<Record<string, Progress>>;
  /** By index of the part. */
  readonly thoughts: Readonly<Record<number, Thought>>;
  /** By id of the call. */
  readonly calls: Readonly<Record<string, Thought>>;
}

export function nodeOf(message: Message, key: string = message.id): Node {
  return { key, message, seq: 0, isNews: false, wait: null, progress: {}, thoughts: {}, calls: {} };
}

/** A wait that this page itself knows of. */
export function waitOf(code: NonNullable<Wait['code']>): Wait {
  return { code, text: '', details: {} };
}

export function isRunning(message: Message): boolean {
  return message.status === 'running' || message.status === 'waiting';
}

/** Whether an answer did not come to its end, so that it can go on. */
export function isCut(message: Message): boolean {
  return (
    message.role === 'assistant' &&
    !isRunning(message) &&
    message.parts.length > 0 &&
    (message.status !== 'complete' || message.finish_reason === 'length')
  );
}

/** Siblings in the order in which they were made; a message is its own sibling. */
export function siblingsOf(message: Message): string[] {
  return message.sibling_ids.includes(message.id)
    ? message.sibling_ids
    : [...message.sibling_ids, message.id];
}

/** The text of a message: an answer that was continued has several text parts, joined without a seam. */
export function textOf(parts: readonly Part[]): string {
  return parts.map(part => (part.type === 'text' ? part.text : '')).join('');
}

/** What goes along with the text of a message: images, files, quotes. */
export function isFile(part: Part): part is Exclude<UserPart, { type: 'text' }> {
  return part.type === 'image' || part.type === 'file' || part.type === 'quote';
}

/** A measure of how much has been said, to tell whether a replay has caught up with what is shown. */
export function weightOf(parts: readonly Part[]): number {
  return parts.reduce((sum, part) => sum + 1 + saidIn(part), 0);
}

function saidIn(part: Part): number {
  switch (part.type) {
    case 'text':
    case 'reasoning':
      return part.text.length;
    case 'tool_call':
      return part.arguments.length;
    default:
      return 0;
  }
}
