import { settingsIcon } from '@jupyterlab/ui-components';

import { chatIcon, newChatIcon } from '../../icons';
import { CommandIDs } from '../../tokens';
import type { Commander } from './commander';

/** Commands about panels: to open one, to go there, to see something else in it. */
export function addPanelCommands(commander: Commander): void {
  const { trans } = commander;
  commander.add(CommandIDs.openPanel, {
    label: trans.__('Open chat'),
    caption: trans.__('Show the chat panel'),
    icon: chatIcon,
    execute: () => {
      commander.show({ takesFocus: true });
    }
  });
  commander.add(CommandIDs.newChat, {
    label: trans.__('New chat'),
    caption: trans.__('Begin a conversation with a language model'),
    icon: newChatIcon,
    execute: () => {
      commander.show().newChat();
    }
  });
  commander.add(CommandIDs.focusComposer, {
    label: trans.__('Write a message'),
    caption: trans.__('Put the cursor into the message field of the chat panel'),
    execute: () => {
      const session = commander.show();
      session.screen.show('thread');
      session.focusComposer();
    }
  });
  commander.add(CommandIDs.providers, {
    label: trans.__('Providers and keys'),
    caption: trans.__('Set up the services whose models answer'),
    icon: settingsIcon,
    execute: () => {
      commander.show().screen.show('providers');
    }
  });
}
