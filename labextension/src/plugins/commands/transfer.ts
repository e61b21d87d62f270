import { Notification } from '@jupyterlab/apputils';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import type { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import type { INotebookTracker } from '@jupyterlab/notebook';
import { downloadIcon, notebookIcon } from '@jupyterlab/ui-components';

import { ApiError, errorInfo } from '../../api/errors';
import type { ExportQuery } from '../../api/types';
import { chatIcon } from '../../icons';
import {
  conversationIn,
  type ExportFormat,
  type ExportWish,
  fileName,
  MEDIA_TYPES,
  queryOf,
  saveIn
} from '../../model/exporting';
import { nameOf } from '../../model/workspace';
import type { Session } from '../../model/session';
import { CommandIDs } from '../../tokens';
import { showExport } from '../exportNotice';
import { type Commander, text } from './commander';

type Arguments = ReadonlyPartialJSONObject;

const WHICH = {
  conversation: {
    type: 'string',
    description: 'Id of a conversation; the one that is shown when it is left out'
  },
  clicked: { type: 'boolean', description: 'That on which the context menu was opened' }
} as const;
const OPTIONS = {
  format: {
    type: 'string',
    enum: ['ipynb', 'md', 'html', 'json'],
    description: 'Asked for when it is left out'
  },
  branches: { type: 'string', enum: ['path', 'all'], description: 'What is shown, or all branches' },
  only: { type: 'string', enum: ['code'], description: 'Nothing but the code (ipynb)' },
  prompts: {
    type: 'string',
    enum: ['shown', 'hidden'],
    description: 'Hidden: without the questions (ipynb)'
  },
  answers: { type: 'string', enum: ['cells', 'magics'], description: 'Magics: cells that ask again (ipynb)' }
} as const;
const PLACE = {
  to: { type: 'string', enum: ['files', 'download'], description: 'Save among the files, or download' }
} as const;

/** Commands that take conversations out, as files, and open files as conversations. */
export function addTransferCommands(
  commander: Commander,
  browser: IDefaultFileBrowser | null,
  notebooks: INotebookTracker | null
): void {
  const { app, hub, trans } = commander;
  const contents = app.serviceManager.contents;
  const folder = (): string | null => {
    const open = notebooks?.currentWidget;
    return open?.isVisible
      ? open.context.path.slice(0, Math.max(0, open.context.path.lastIndexOf('/')))
      : (browser?.model.path ?? null);
  };
  const chosen = (session: Session, args: Arguments): string | null =>
    args['clicked']
      ? (commander.clickedConversation() ?? commander.clicked()?.session.chat.id ?? null)
      : (text(args['conversation']) ?? session.chat.id);

  const give = async (session: Session, id: string, wish: ExportWish, opens: boolean): Promise<void> => {
    const { query, to } = wish;
    const shown = session.chat.id === id ? session.chat : null;
    const leaf = shown?.tree.head?.message.id;
    const written = await hub.client.exportConversation(id, { ...query, ...(leaf ? { leaf } : {}) });
    const title = shown?.conversation?.title ?? hub.conversations.get(id)?.title ?? trans.__('Chat');
    const at = to === 'files' ? folder() : null;
    if (at === null) {
      const { download } = await import('../../components/download');
      download(written, `${fileName(title)}.${query.format}`, MEDIA_TYPES[query.format]);
      return;
    }
    const path = await saveIn(contents, at, fileName(title), query.format, written);
    const open = (): void => {
      void app.commands.execute('docmanager:open', { path });
    };
    if (opens) {
      open();
      return;
    }
    Notification.success(trans.__('Saved as %1', path), {
      actions: [{ label: trans.__('Open'), callback: open }],
      autoClose: 8000
    });
  };

  const begin = async (
    session: Session,
    args: Arguments,
    format: ExportFormat,
    title: string,
    opens: boolean
  ): Promise<void> => {
    const id = chosen(session, args);
    if (id === null) {
      return;
    }
    await guarded(async () => {
      const query = queryOf(args);
      const wish = query
        ? { query, to: args['to'] === 'files' ? ('files' as const) : ('download' as const) }
        : await asked(format, title);
      if (wish) {
        await give(session, id, wish, opens && wish.query.format === 'ipynb' && wish.to === 'files');
      }
    });
  };

  const asked = async (format: ExportFormat, title: string, all = false): Promise<ExportWish | null> => {
    const { askForExport } = await import('../../components/transfer/ExportForm');
    return askForExport(trans, { format, title, folder: all ? null : folder(), all });
  };

  const guarded = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (thrown) {
      const { message, hint } = errorInfo(thrown);
      Notification.error([message, hint].filter(Boolean).join(' '), { autoClose: false });
    }
  };

  const hasOne = (session: Session, args: Arguments): boolean => chosen(session, args) !== null;

  commander.add(CommandIDs.exportConversation, {
    label: args => (args['clicked'] ? trans.__('Export…') : trans.__('Export the conversation…')),
    caption: trans.__('Save or download the conversation as a notebook, Markdown, a web page or JSON'),
    icon: downloadIcon,
    args: { ...WHICH, ...OPTIONS, ...PLACE },
    isEnabled: hasOne,
    execute: (session, args) => begin(session, args, 'md', trans.__('Export the conversation'), false)
  });
  commander.add(CommandIDs.shareAsNotebook, {
    label: args =>
      args['clicked'] ? trans.__('Share as notebook…') : trans.__('Share the conversation as a notebook…'),
    caption: trans.__('Save the conversation as a notebook that others can read and run'),
    icon: notebookIcon,
    args: { ...WHICH, ...OPTIONS, ...PLACE },
    isEnabled: hasOne,
    execute: (session, args) => begin(session, args, 'ipynb', trans.__('Share as notebook'), true)
  });
  commander.add(CommandIDs.exportAll, {
    label: trans.__('Export all conversations…'),
    caption: trans.__('Download all conversations with their files as a zip'),
    icon: downloadIcon,
    args: OPTIONS,
    execute: (_session, args) =>
      guarded(async () => {
        const query: ExportQuery | null =
          queryOf(args) ?? (await asked('json', trans.__('Export all conversations'), true))?.query ?? null;
        if (query) {
          let run: string | null = null;
          try {
            run = (await hub.client.announceExport(query)).run_id;
          } catch (thrown) {
            if (!(thrown instanceof ApiError) || thrown.status !== 403 || thrown.isLoggedOut) {
              throw thrown;
            }
          } // who may only read can download, without being told how far it is
          const link = document.createElement('a');
          link.href = hub.client.exportAllUrl(run === null ? query : { run_id: run });
          link.download = '';
          link.click();
          if (run !== null) {
            showExport(hub, trans, run);
          }
        }
      })
  });

  const selected = (): string | null => [...(browser?.selectedItems() ?? [])][0]?.path ?? null;
  commander.add(CommandIDs.openAsConversation, {
    label: args =>
      args['isShort']
        ? trans.__('Open as conversation')
        : trans.__('Open the selected file as a conversation'),
    caption: trans.__('Bring in the conversation of a notebook or an export, with its branches, and show it'),
    icon: chatIcon,
    args: {
      path: {
        type: 'string',
        description: 'Path of the file; that selected in the file browser when it is left out'
      },
      isShort: { type: 'boolean', description: 'Be called by few words, as menus want it' }
    },
    isEnabled: (_session, args) => (text(args['path']) ?? selected()) !== null,
    execute: (session, args) =>
      guarded(async () => {
        const path = text(args['path']) ?? selected();
        if (path === null) {
          return;
        }
        const model = await contents.get(path, { type: 'file', format: 'text', content: true });
        const written = String(model.content);
        const run = await hub.client.importFile(new File([written], nameOf(path)));
        const end = await hub.client.outcome(run);
        const result = (end?.result ?? {}) as {
          conversation_ids?: string[];
          unchanged_ids?: string[];
          failed?: { name: string; reason: string }[];
        };
        const id = result.conversation_ids?.[0] ?? result.unchanged_ids?.[0] ?? conversationIn(written);
        const failure = result.failed?.[0];
        if (id === null || (failure && !result.conversation_ids?.length)) {
          throw new Error(
            failure?.reason ?? end?.error?.message ?? trans.__('There is no conversation in it.')
          );
        }
        commander.show();
        session.screen.show('thread');
        await session.open(id);
      })
  });
}
