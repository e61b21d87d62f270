import type { Client } from '../api/client';
import { errorInfo } from '../api/errors';
import type { UserPart } from '../api/types';
import { Observable } from './observable';

/** An image on its way to the server, or one that did not get there. */
export interface Upload {
  readonly key: number;
  readonly name: string;
  /** Why not, in words; null while it is under way. */
  readonly problem: string | null;
}

export const IMAGE_TYPES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'] as const;

/** The words for a refusal, in the language of the page. */
export interface RefusalWords {
  notAnImage: (name: string) => string;
  tooLarge: (name: string, size: number, limit: number) => string;
}

/** Images that are being sent to the server for a draft. */
export class Attachments extends Observable {
  uploads: readonly Upload[] = [];
  private made = 0;

  constructor(
    private readonly client: Pick<Client, 'upload'>,
    /** Largest file that the server takes, in bytes. */
    private readonly limit: () => number,
    private readonly words: RefusalWords
  ) {
    super();
  }

  get isBusy(): boolean {
    return this.uploads.some(upload => upload.problem === null);
  }

  /** Store the images; `take` gets each as a part, when the server has it. */
  async add(files: readonly File[], take: (part: UserPart) => void): Promise<void> {
    await Promise.all(files.map(file => this.upload(file, take)));
  }

  dismiss(key: number): void {
    this.uploads = this.uploads.filter(upload => upload.key !== key);
    this.changed();
  }

  private async upload(file: File, take: (part: UserPart) => void): Promise<void> {
    const name = file.name || 'image.png';
    const key = this.made++;
    const refusal = this.refusal(file, name);
    this.uploads = [...this.uploads, { key, name, problem: refusal }];
    this.changed();
    if (refusal !== null) {
      return;
    }
    try {
      const stored = await this.client.upload(file, name);
      if (this.uploads.some(upload => upload.key === key)) {
        take({ type: 'image', file_id: stored.id, media_type: stored.media_type });
      }
      this.dismiss(key);
    } catch (thrown) {
      const problem = errorInfo(thrown).message;
      this.uploads = this.uploads.map(upload => (upload.key === key ? { ...upload, problem } : upload));
      this.changed();
    }
  }

  private refusal(file: File, name: string): string | null {
    if (!(IMAGE_TYPES as readonly string[]).includes(file.type)) {
      return this.words.notAnImage(name);
    }
    return file.size > this.limit() ? this.words.tooLarge(name, file.size, this.limit()) : null;
  }
}
