import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';

import { chatIcon, newChatIcon, stopSquareIcon } from '../icons';
import type { Session } from '../model/session';
import { CommandIDs, ILLMHub, PANEL_ID } from '../tokens';

const NO_ARGUMENTS = { args: { type: 'object', properties: {}, additionalProperties: false } } as const;

/** What a person can do from the palette and by keyboard. */
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
    const trans = (translator ?? nullTranslator).load('llmhub');
    const open = (): void => {
      app.shell.activateById(PANEL_ID);
    };
    /** The panel that was used last; the side panel is opened if it is that one. */
    const goToActive = (): Session => {
      if (hub.active === hub.side) {
        open();
      }
      return hub.active;
    };
    app.commands.addCommand(CommandIDs.openPanel, {
      label: trans.__('Open chat'),
      caption: trans.__('Show the chat panel'),
      icon: chatIcon,
      describedBy: NO_ARGUMENTS,
      execute: open
    });
    app.commands.addCommand(CommandIDs.newChat, {
      label: trans.__('New chat'),
      caption: trans.__('Begin a conversation with a language model'),
      icon: newChatIcon,
      describedBy: NO_ARGUMENTS,
      execute: () => {
        goToActive().newChat();
      }
    });
    app.commands.addCommand(CommandIDs.stop, {
      label: trans.__('Stop the answer'),
      caption: trans.__('Stop the answer that is being written; what was said stays'),
      icon: stopSquareIcon,
      describedBy: NO_ARGUMENTS,
      isEnabled: () => hub.active.chat.running !== null || hub.active.chat.isPosting,
      execute: () => hub.active.chat.stop()
    });
    app.commands.addCommand(CommandIDs.focusComposer, {
      label: trans.__('Write a message'),
      caption: trans.__('Put the cursor into the message field of the chat panel'),
      describedBy: NO_ARGUMENTS,
      execute: () => {
        const session = goToActive();
        session.show('thread');
        session.focusComposer();
      }
    });
    hub.subscribe(() => {
      app.commands.notifyCommandChanged(CommandIDs.stop);
    });
    for (const command of Object.values(CommandIDs)) {
      palette?.addItem({ command, category: trans.__('Chat') });
    }
  }
};
