import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IConsoleTracker } from '@jupyterlab/console';
import { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import { INotebookTracker } from '@jupyterlab/notebook';

import { IPageServices, ISlashCommands } from '../../tokens';
import { addAnswerCommands } from './answers';
import { Commander } from './commander';
import { addConversationCommands } from './conversations';
import { addFilingCommands } from './filing';
import { addHandCommands } from './hands';
import { addFileCommands } from './files';
import { addMarkCommands } from './marks';
import { addMessageCommands } from './messages';
import { addModelCommands } from './models';
import { addNearbyCommands } from './nearby';
import { addOutputCommands } from './outputs';
import { addPanelCommands } from './panels';
import { addTypedCommands } from './typed';
import { addReadingCommands } from './reading';
import { addTransferCommands } from './transfer';

/** What a person can do from the palette, by keyboard and from menus; shortcuts and menus are in `schema/commands.json`. */
export const commandsPlugin: JupyterFrontEndPlugin<void> = {
  id: '@llmhub/lab:commands',
  description: 'Commands of the chat panel.',
  autoStart: true,
  requires: [IPageServices, ISlashCommands],
  optional: [ICommandPalette, IDefaultFileBrowser, INotebookTracker, IConsoleTracker],
  activate: (
    app: JupyterFrontEnd,
    page: IPageServices,
    slash: ISlashCommands,
    palette: ICommandPalette | null,
    browser: IDefaultFileBrowser | null,
    notebooks: INotebookTracker | null,
    consoles: IConsoleTracker | null
  ): void => {
    const commander = new Commander(app, page.hub, page.trans, palette);
    addPanelCommands(commander);
    addConversationCommands(commander);
    addFilingCommands(commander);
    addAnswerCommands(commander);
    addMessageCommands(commander);
    addMarkCommands(commander);
    addReadingCommands(commander);
    addModelCommands(commander);
    addFileCommands(commander, page, browser);
    addOutputCommands(commander, notebooks);
    addHandCommands(commander, notebooks, consoles);
    addNearbyCommands(commander, page, notebooks);
    addTransferCommands(commander, browser, notebooks);
    addTypedCommands(commander, slash);
  }
};
