import type { ErrorInfo, RunEvent } from '../api/schema';
import type { EventStream } from '../api/stream';

type End = Extract<RunEvent, { type: 'run.finished' }>;

export interface JobWatcher {
  /** How far it is, as a share of 1 (null: nobody knows), and what has come of it so far. */
  progress(share: number | null, result: Readonly<Record<string, unknown>>, title: string): void;
  end(end: JobEnd): void;
}

export interface JobEnd {
  readonly status: 'complete' | 'stopped' | 'interrupted' | 'failed';
  /** Why it did not come to its end. */
  readonly reason: string | null;
  readonly result: Readonly<Record<string, unknown>> | null;
}

/** Follow an import or an export to its end. It goes on without being followed. */
export function followJob(stream: Pick<EventStream, 'watch'>, runId: string, watcher: JobWatcher): void {
  const unwatch = stream.watch(runId, 0, {
    event: (event: RunEvent) => {
      if (event.type === 'progress') {
        watcher.progress(event.fraction ?? null, event.result, event.text);
      } else if (event.type === 'run.finished') {
        unwatch();
        watcher.end(endOf(event));
      }
    },
    refused: (error: ErrorInfo) => {
      unwatch();
      watcher.end({ status: 'failed', reason: error.message, result: null });
    }
  });
}

function endOf({ status, error, result }: End): JobEnd {
  const reason = error ? `${error.message} ${error.hint}`.trim() : null;
  const known = status === 'running' || status === 'waiting' ? 'failed' : status;
  return { status: known, reason, result: result ?? null };
}
