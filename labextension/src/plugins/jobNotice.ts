import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import { followJob, type JobEnd } from '../model/jobs';
import type { ILLMHub } from '../tokens';

/** What is done sooner says only how it ended: JupyterLab loses changes of a notification that is only being drawn. */
const APPEARS_MS = 500;

export interface JobWords {
  /** What is being done. */
  readonly words: string;
  /** What has come of it so far; empty: nothing worth a word. */
  readonly count: (result: Readonly<Record<string, unknown>>) => string;
  readonly ended: (end: JobEnd) => void;
}

/** A notification that says how far an import or an export is and can stop it, until that has ended. */
export function showJob(
  hub: ILLMHub,
  trans: TranslationBundle,
  runId: string,
  { words, count, ended }: JobWords
): void {
  const actions = [
    {
      label: trans.__('Stop'),
      callback: (event: MouseEvent) => {
        event.preventDefault(); // it stays, to say how it ended
        void hub.client.stopRun(runId);
      }
    }
  ];
  let id: string | null = null;
  let progress = 0;
  let message = words;
  const appear = setTimeout(() => {
    id = Notification.emit(message, 'in-progress', { autoClose: false, progress, actions });
  }, APPEARS_MS);
  followJob(hub.stream, runId, {
    progress: (share, result) => {
      progress = share ?? progress;
      const soFar = count(result);
      message = soFar ? `${words}: ${soFar}` : words;
      if (id !== null) {
        Notification.update({ id, message, progress, actions });
      }
    },
    end: end => {
      clearTimeout(appear);
      if (id !== null) {
        Notification.dismiss(id);
      }
      ended(end);
    }
  });
}
