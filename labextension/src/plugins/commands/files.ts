import type { IDefaultFileBrowser } from '@jupyterlab/filebrowser';

import type { LatePageServices } from '../../components/context';
import { attachIcon } from '../../icons';
import { attachPaths } from '../../model/workspace';
import { CommandIDs } from '../../tokens';
import { type Commander, text } from './commander';

/** Commands about files that go along with a message. */
export function addFileCommands(
  commander: Commander,
  page: LatePageServices,
  browser: IDefaultFileBrowser | null
): void {
  const { trans } = commander;
  const selected = (): string[] =>
    [...(browser?.selectedItems() ?? [])].filter(({ type }) => type !== 'directory').map(({ path }) => path);

  commander.add(CommandIDs.attachFile, {
    label: args => (args['isShort'] ? trans.__('Attach to chat') : trans.__('Attach the selected files')),
    caption: trans.__('Attach files to the message that is being written in the chat'),
    icon: attachIcon,
    args: {
      path: {
        type: 'string',
        description: 'Path of the file; those selected in the file browser when it is left out'
      },
      isShort: { type: 'boolean', description: 'Be called by few words, as menus want it' }
    },
    isEnabled: ({ hub }, args) =>
      hub.catalogue.has('attachments') && (text(args['path']) !== null || selected().length > 0),
    isVisible: () => commander.hub.catalogue.has('attachments'),
    execute: async (_session, args) => {
      const path = text(args['path']);
      const paths = path === null ? selected() : [path];
      const session = commander.show();
      session.screen.show('thread');
      const { workspace } = await page.load();
      await attachPaths(session, workspace, paths);
      session.focusComposer();
    }
  });
}
