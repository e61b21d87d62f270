import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { ILLMHub } from '../../tokens';
import { addAnswerCommands } from './answers';
import { Commander } from './commander';
import { addConversationCommands } from './conversations';
import { addMessageCommands } from './messages';
import { addModelCommands } from './models';
import { addPanelCommands } from './panels';

/** What a person can do from the palette, by keyboard and from menus; shortcuts and menus are in `schema/commands.json`. */
export const commandsPlugin: JupyterFrontEndPlugin<void> = {
  id: '@llmhub/lab:commands',
  description: 'Commands of the chat panel.',
  autoStart: true,
  requires: [ILLMHub],
  optional: [ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    hub: ILLMHub,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ): void => {
    const commander = new Commander(app, hub, (translator ?? nullTranslator).load('llmhub'), palette);
    addPanelCommands(commander);
    addConversationCommands(commander);
    addAnswerCommands(commander);
    addMessageCommands(commander);
    addModelCommands(commander);
  }
};
