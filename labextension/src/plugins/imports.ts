import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { fileUploadIcon } from '@jupyterlab/ui-components';

import { importCount, type ImportEnd, importEnd, type ImportRun } from '../model/imports';
import { CommandIDs, IPageServices } from '../tokens';
import { showExport } from './exportNotice';
import { showJob } from './jobNotice';
import { counted } from '../counts';

/** Conversations from elsewhere: a dialog with what would come in, then a notification with how far it is. */
export const importsPlugin: JupyterFrontEndPlugin<void> = {
  id: '@llmhub/lab:imports',
  description: 'Imports conversations from other products.',
  autoStart: true,
  requires: [IPageServices],
  optional: [ICommandPalette],
  activate: (app: JupyterFrontEnd, { hub, trans }: IPageServices, palette: ICommandPalette | null): void => {
    const begin = async (files: readonly File[]): Promise<void> => {
      const { chooseImport } = await import('../components/imports/dialogs');
      let later: readonly File[] = [];
      try {
        const run = await chooseImport(hub.client, trans, files, left => {
          later = left;
        });
        if (run) {
          follow(run);
        }
      } catch (thrown) {
        Notification.error(thrown instanceof Error ? thrown.message : String(thrown), { autoClose: false });
      }
      if (later.length > 0) {
        await begin(later);
      }
    };
    const follow = ({ runId, name }: ImportRun): void => {
      showJob(hub, trans, runId, {
        words: trans.__('Importing “%1”', name),
        count: result => {
          const done = importCount(result);
          return done > 0 ? trans._n('%1 conversation', '%1 conversations', counted(done)) : '';
        },
        ended: end => {
          void hub.conversations.refresh();
          tell(name, importEnd(end));
        }
      });
    };
    const tell = (name: string, end: ImportEnd): void => {
      const { failed, notes, conversation_ids: ids } = end.result;
      const message = wordsOf(trans, name, end);
      const isWell = end.status === 'complete' && failed.length === 0;
      const show = {
        label: trans.__('Show'),
        callback: () => {
          const [only] = ids;
          void (ids.length === 1 && only !== undefined
            ? app.commands.execute(CommandIDs.openConversation, { conversation: only })
            : app.commands.execute(CommandIDs.search));
        }
      };
      const details = {
        label: trans.__('Details'),
        callback: () => {
          void import('../components/imports/dialogs').then(({ showImportEnd }) =>
            showImportEnd(trans, message, end)
          );
        }
      };
      const hasDetails = failed.length + notes.length > 0 || end.reason !== null;
      Notification.emit(message, isWell ? 'success' : end.status === 'failed' ? 'error' : 'warning', {
        autoClose: false,
        actions: [...(ids.length > 0 ? [show] : []), ...(hasDetails ? [details] : [])]
      });
    };
    // What was begun before the page was loaded, or in another one, goes on at the server.
    hub.onStart(() => {
      hub.client.jobs().then(
        ({ items }) => {
          for (const { run_id, kind, name } of items) {
            if (kind === 'import') {
              follow({ runId: run_id, name });
            } else {
              showExport(hub, trans, run_id);
            }
          }
        },
        () => undefined // they go on unseen
      );
    });
    hub.onImport(files => {
      void begin(files);
    });
    app.commands.addCommand(CommandIDs.import, {
      label: trans.__('Import conversations…'),
      caption: trans.__(
        'Bring in conversations from ChatGPT, Claude and others: see first what would come in'
      ),
      icon: fileUploadIcon,
      describedBy: { args: { type: 'object', properties: {}, additionalProperties: false } },
      execute: () => begin([])
    });
    palette?.addItem({ command: CommandIDs.import, category: trans.__('Chat') });
  }
};

/** What came of it, in a sentence or two. */
export function wordsOf(
  trans: TranslationBundle,
  name: string,
  { status, reason, result }: ImportEnd
): string {
  const { imported, updated, unchanged, failed } = result;
  const parts = [
    imported > 0 && trans._n('%1 conversation came in', '%1 conversations came in', counted(imported)),
    updated > 0 && trans._n('%1 has grown', '%1 have grown', counted(updated)),
    unchanged > 0 && trans._n('%1 was here already', '%1 were here already', counted(unchanged)),
    failed.length > 0 && trans._n('%1 could not be read', '%1 could not be read', counted(failed.length))
  ].filter(part => part !== false);
  const what = parts.length > 0 ? parts.join(', ') : trans.__('nothing came in');
  switch (status) {
    case 'complete':
      return trans.__('“%1”: %2.', name, what);
    case 'stopped':
      return trans.__('The import of “%1” was stopped: %2, and stays.', name, what);
    case 'interrupted':
    case 'failed':
      return trans.__('The import of “%1” did not come to its end: %2. %3', name, what, reason ?? '').trim();
  }
}
