import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { ILLMHub } from '../tokens';
import { showJob } from './jobNotice';
import { counted } from '../counts';

/** How far an export of everything is, while the browser downloads it, and how it ended. */
export function showExport(hub: ILLMHub, trans: TranslationBundle, runId: string): void {
  showJob(hub, trans, runId, {
    words: trans.__('Exporting all conversations'),
    count: ({ conversations, of }) =>
      typeof conversations === 'number' && typeof of === 'number'
        ? trans.__('%1 of %2', conversations.toLocaleString(), of.toLocaleString())
        : '',
    ended: ({ status, reason, result }) => {
      const count = typeof result?.['conversations'] === 'number' ? result['conversations'] : 0;
      if (status === 'complete') {
        const words = trans._n(
          '%1 conversation was exported.',
          '%1 conversations were exported.',
          counted(count)
        );
        Notification.success(words, { autoClose: 8000 });
      } else if (status === 'stopped') {
        Notification.warning(trans.__('The export was stopped. What was downloaded of it is not whole.'), {
          autoClose: 8000
        });
      } else {
        const words = trans.__('The export did not come to its end: %1', reason ?? '');
        Notification.error(words, { autoClose: false });
      }
    }
  });
}
