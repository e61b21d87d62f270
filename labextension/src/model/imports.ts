import type { Client } from '../api/client';
import { ApiError } from '../api/errors';
import type { Folder, ImportFailure, ImportPreview, RunEvent } from '../api/schema';
import type { EventStream } from '../api/stream';
import { newId } from './ids';
import { Observable } from './observable';

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

export interface ImportWatcher {
  /** How far it is, as a share of 1, and how many conversations have come in. */
  progress(fraction: number | null, done: number, title: string): void;
  end(end: ImportEnd): void;
}

/** A file on its way in, until its import begins: nothing chosen, being looked at, looked at, or refused. */
export type ImportStage =
  | { readonly at: 'choosing' }
  | { readonly at: 'looking'; readonly name: string }
  | { readonly at: 'seen'; readonly preview: ImportPreview }
  | { readonly at: 'refused'; readonly name: string; readonly message: string; readonly hint: string };

/** Choosing a file of conversations and seeing what would come in. */
export class ImportModel extends Observable {
  stage: ImportStage = { at: 'choosing' };
  folders: readonly Folder[] = [];
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

  async look(file: File): Promise<void> {
    this.looking?.abort();
    const looking = (this.looking = new AbortController());
    this.set({ at: 'looking', name: file.name });
    try {
      const preview = await this.client.lookAtImport(file, looking.signal);
      if (this.looking === looking) {
        this.set({ at: 'seen', preview });
      }
    } catch (thrown) {
      if (this.looking === looking && !looking.signal.aborted) {
        const error = thrown instanceof ApiError ? thrown : null;
        const message = error?.message ?? String(thrown);
        this.set({ at: 'refused', name: file.name, message, hint: error?.hint ?? '' });
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

/** Follow an import to its end. It goes on without being followed. */
export function followImport(stream: EventStream, runId: string, watcher: ImportWatcher): void {
  const unwatch = stream.watch(runId, 0, {
    event: event => {
      if (event.type === 'progress') {
        const { imported = 0, updated = 0, unchanged = 0 } = event.result as Partial<ImportResult>;
        watcher.progress(event.fraction ?? null, imported + updated + unchanged, event.text);
      } else if (event.type === 'run.finished') {
        unwatch();
        watcher.end(endOf(event));
      }
    },
    refused: error => {
      unwatch();
      watcher.end({ status: 'failed', reason: error.message, result: resultOf(null) });
    }
  });
}

function endOf(event: Extract<RunEvent, { type: 'run.finished' }>): ImportEnd {
  const { status, error } = event;
  const reason = error ? `${error.message} ${error.hint}`.trim() : null;
  const known = status === 'running' || status === 'waiting' ? 'failed' : status;
  return { status: known, reason, result: resultOf(event.result ?? null) };
}

function resultOf(given: Record<string, unknown> | null): ImportResult {
  const empty = { imported: 0, updated: 0, unchanged: 0, failed: [], notes: [], conversation_ids: [] };
  return { ...empty, ...(given as Partial<ImportResult> | null) };
}
