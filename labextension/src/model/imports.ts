import type { Client } from '../api/client';
import { ApiError } from '../api/errors';
import type { Folder, ImportFailure, ImportPreview } from '../api/schema';
import { newId } from './ids';
import type { JobEnd } from './jobs';
import { Observable } from './observable';
import { packed, together } from './packing';

/** What came of an import. */
export interface ImportResult {
  imported: number;
  updated: number;
  unchanged: number;
  failed: ImportFailure[];
  notes: ImportFailure[];
  conversation_ids: string[];
}

export interface ImportEnd {
  status: 'complete' | 'stopped' | 'interrupted' | 'failed';
  /** Why it did not come to its end. */
  reason: string | null;
  result: ImportResult;
}

/** An import that is going on, as the page hears of it. */
export interface ImportRun {
  readonly runId: string;
  readonly name: string;
}

/** A file on its way in, until its import begins: nothing chosen, being looked at, looked at, or refused. */
export type ImportStage =
  | { readonly at: 'choosing' }
  /** `sent`: the share of it that is at the server, which then reads it. */
  | { readonly at: 'looking'; readonly name: string; readonly sent: number }
  | { readonly at: 'seen'; readonly preview: ImportPreview }
  | { readonly at: 'refused'; readonly name: string; readonly message: string; readonly hint: string };

/** Choosing files of conversations and seeing what would come in. */
export class ImportModel extends Observable {
  stage: ImportStage = { at: 'choosing' };
  folders: readonly Folder[] = [];
  /** What is to be looked at after this. */
  later: readonly File[] = [];
  /** Where what is new is filed. */
  folderId: string | null = null;
  private looking: AbortController | null = null;
  private readonly request = newId();

  constructor(private readonly client: Client) {
    super();
    client.folders().then(
      ({ items }) => {
        this.folders = items;
        this.changed();
      },
      () => undefined // one can import without a folder
    );
  }

  /** Whether there is something that would come in. */
  get isWorth(): boolean {
    return this.stage.at === 'seen' && this.stage.preview.new + this.stage.preview.updated > 0;
  }

  /** Several files are looked at as one archive, and come in together; archives wait in `later`. */
  async look(wanted: readonly File[]): Promise<void> {
    const { now: files, later } = together(wanted);
    const [first] = files;
    if (!first) {
      return;
    }
    this.later = [...later, ...this.later];
    this.looking?.abort();
    const looking = (this.looking = new AbortController());
    const name = files.length > 1 ? `${first.name} + ${files.length - 1}` : first.name;
    this.set({ at: 'looking', name, sent: 0 });
    try {
      const file = files.length > 1 ? await packed(files, name) : first;
      const preview = await this.client.lookAtImport(file, looking.signal, sent => {
        if (this.looking === looking && this.stage.at === 'looking') {
          this.set({ at: 'looking', name, sent });
        }
      });
      if (this.looking === looking) {
        this.set({ at: 'seen', preview });
      }
    } catch (thrown) {
      if (this.looking === looking && !looking.signal.aborted) {
        const error = thrown instanceof ApiError ? thrown : null;
        const message = error?.message ?? String(thrown);
        this.set({ at: 'refused', name, message, hint: error?.hint ?? '' });
      }
    }
  }

  file(id: string | null): void {
    this.folderId = id;
    this.changed();
  }

  /** Begin to bring it in; null: there is nothing that could be. */
  async start(): Promise<ImportRun | null> {
    if (this.stage.at !== 'seen') {
      return null;
    }
    const { preview } = this.stage;
    const query = { folder_id: this.folderId, client_request_id: this.request };
    const { run_id } = await this.client.startImport(preview.upload_id, query);
    return { runId: run_id, name: preview.name };
  }

  dispose(): void {
    this.looking?.abort();
    this.looking = null;
  }

  private set(stage: ImportStage): void {
    this.stage = stage;
    this.changed();
  }
}

/** How an import ended, by how its run did. */
export function importEnd({ status, reason, result }: JobEnd): ImportEnd {
  const empty = { imported: 0, updated: 0, unchanged: 0, failed: [], notes: [], conversation_ids: [] };
  return { status, reason, result: { ...empty, ...(result as Partial<ImportResult> | null) } };
}

/** How many conversations of an import have been dealt with. */
export function importCount(result: Readonly<Record<string, unknown>>): number {
  const { imported = 0, updated = 0, unchanged = 0 } = result as Partial<ImportResult>;
  return imported + updated + unchanged;
}
