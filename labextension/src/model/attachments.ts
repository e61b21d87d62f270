import type { Client } from '../api/client';
import { errorInfo } from '../api/errors';
import type { UserPart } from '../api/types';
import { Observable } from './observable';
import { BLIND_IMAGE_TOKENS, estimate, IMAGE_TOKENS } from './tokens';
import { originOf } from './workspace';

/** What is known here of something attached, beside what the server needs. */
export interface About {
  /** Bytes. */
  readonly size: number;
  readonly tokens: number;
  readonly name: string;
  /** It was a long paste: it can be opened, changed and put back into the text. */
  readonly isPaste?: boolean;
  /** Where in JupyterLab it comes from. */
  readonly path?: string;
}

interface How {
  /** The server keeps it in memory only. */
  readonly isTemporary?: boolean;
}

/** A part of a draft. */
export type DraftPart = UserPart & { readonly about?: About };

/** Why something cannot be attached. */
export type Problem =
  | { readonly kind: 'binary'; readonly type: string }
  | { readonly kind: 'too-large'; readonly size: number; readonly limit: number }
  | { readonly kind: 'empty' }
  | { readonly kind: 'folder' }
  | { readonly kind: 'switched-off' }
  | { readonly kind: 'refused'; readonly message: string };

/** A file on its way to the server, or one that did not get there. */
export interface Upload {
  readonly key: number;
  readonly name: string;
  /** Why not; null while it is under way. */
  readonly problem: Problem | null;
}

export const IMAGE_TYPES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'] as const;

/** Of a text, the server puts so many bytes before the model; the rest is cut. */
export const READ_BYTES = 400_000;
const DEFAULT_LIMIT = 20 * 2 ** 20;
/** Types that the server knows to be text. What else reads as text goes as plain text. */
const TEXTUAL =
  /^(text\/|application\/(json|xml|yaml|toml|javascript|sql|x-sh|x-python|x-ipynb\+json|x-tex)$|.*\+(json|xml|yaml)$)/;

/** Images and texts that are being sent to the server for a draft. */
export class Attachments extends Observable {
  uploads: readonly Upload[] = [];
  private made = 0;

  constructor(
    private readonly client: Pick<Client, 'upload'>,
    /** Largest file that the server takes, in bytes; undefined while nobody has said. */
    private readonly limit: () => number | undefined
  ) {
    super();
  }

  get isBusy(): boolean {
    return this.uploads.some(upload => upload.problem === null);
  }

  /** Store the files; `take` gets each as a part, in their order, when the server has them. True when all are there. */
  async add(
    files: readonly File[],
    take: (part: DraftPart) => void,
    facts: Pick<About, 'isPaste'> = {},
    how: How = {}
  ): Promise<boolean> {
    let taken = Promise.resolve();
    const whole = await Promise.all(
      files.map(file => {
        const uploaded = this.upload(file, facts, how);
        // Small files do not overtake large ones.
        taken = taken.then(async () => {
          const part = await uploaded;
          if (part) {
            take(part);
          }
        });
        return uploaded;
      })
    );
    await taken;
    return whole.every(part => part !== null);
  }

  /** Say that something cannot be attached. */
  refuse(name: string, problem: Problem): void {
    this.uploads = [...this.uploads, { key: this.made++, name, problem }];
    this.changed();
  }

  dismiss(key: number): void {
    this.uploads = this.uploads.filter(upload => upload.key !== key);
    this.changed();
  }

  /** Forget why files could not be attached: the person has gone on. */
  forgetProblems(): void {
    if (this.uploads.some(upload => upload.problem !== null)) {
      this.uploads = this.uploads.filter(upload => upload.problem === null);
      this.changed();
    }
  }

  private async upload(file: File, facts: Pick<About, 'isPaste'>, how: How): Promise<DraftPart | null> {
    const name = file.name || 'image.png';
    const key = this.made++;
    this.uploads = [...this.uploads, { key, name, problem: null }];
    this.changed();
    try {
      const content = await readable(file, this.limit() ?? DEFAULT_LIMIT);
      if (typeof content !== 'string') {
        this.fail(key, content);
        return null;
      }
      const isImage = content === IMAGE;
      const type = isImage || TEXTUAL.test(file.type) ? file.type : 'text/plain';
      const stored = await this.client.upload(isImage ? file : new Blob([file], { type }), name, how);
      const tokens = isImage ? IMAGE_TOKENS : estimate(content);
      const path = originOf(file);
      const about: About = {
        size: file.size,
        tokens,
        name,
        ...facts,
        ...(path === undefined ? {} : { path })
      };
      if (!this.uploads.some(upload => upload.key === key)) {
        return null;
      }
      this.dismiss(key);
      return isImage
        ? { type: 'image', file_id: stored.id, media_type: stored.media_type, about }
        : { type: 'file', file_id: stored.id, name, media_type: type, about };
    } catch (thrown) {
      this.fail(key, { kind: 'refused', message: errorInfo(thrown).message });
      return null;
    }
  }

  private fail(key: number, problem: Problem): void {
    this.uploads = this.uploads.map(upload => (upload.key === key ? { ...upload, problem } : upload));
    this.changed();
  }
}

/** The part as the server takes it. */
export function sendable({ about: _about, ...part }: DraftPart): UserPart {
  return part;
}

/** What a part of a draft will cost, as far as it can be known, with a model that sees pictures or does not. */
export function tokensOf(part: DraftPart, sees = true): number {
  if (part.type === 'image' && !sees) {
    return BLIND_IMAGE_TOKENS;
  }
  if (part.type === 'text' || part.type === 'quote') {
    return estimate(part.text);
  }
  return part.about?.tokens ?? IMAGE_TOKENS;
}

const IMAGE = '\0image';

/** The text that a model would see of this file, or `IMAGE`, or why it is neither. */
async function readable(file: File, limit: number): Promise<string | Problem> {
  if (file.size > limit) {
    return { kind: 'too-large', size: file.size, limit };
  }
  if (file.size === 0) {
    return { kind: 'empty' };
  }
  if ((IMAGE_TYPES as readonly string[]).includes(file.type)) {
    return IMAGE;
  }
  const bytes = new Uint8Array(await file.slice(0, READ_BYTES).arrayBuffer());
  if (bytes.subarray(0, 8192).includes(0)) {
    return { kind: 'binary', type: file.type };
  }
  try {
    // `stream`: a character that is cut at the end is not a mistake in the file.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return { kind: 'binary', type: file.type };
  }
}
