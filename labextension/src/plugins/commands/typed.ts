import { Notification } from '@jupyterlab/apputils';
import { copyIcon } from '@jupyterlab/ui-components';

import type { SlashCommands } from '../../registries/slash';
import { CommandIDs } from '../../tokens';
import type { Commander } from './commander';

/** Commands that can be typed into the message field too, where they are defined. */
export function addTypedCommands(commander: Commander, slash: SlashCommands): void {
  const { trans } = commander;
  const add = (
    id: string,
    name: string,
    words: { label: string; caption: string; icon?: typeof copyIcon }
  ): void => {
    commander.add(id, {
      ...words,
      isEnabled: session => slash.get(name)?.whyNot?.(session) == null,
      execute: async () => {
        const session = commander.show();
        session.screen.show('thread');
        const said = await slash.get(name)?.run('', session);
        if (said) {
          Notification.success(said, { autoClose: 3000 });
        }
      }
    });
  };
  add(CommandIDs.copyConversation, 'copy', {
    label: trans.__('Copy the conversation'),
    caption: trans.__('Copy what is shown of the conversation as Markdown'),
    icon: copyIcon
  });
  add(CommandIDs.help, 'help', {
    label: trans.__('Help on the chat'),
    caption: trans.__('Show what can be typed into the message field')
  });
}
