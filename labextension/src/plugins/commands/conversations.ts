import { deleteIcon, editIcon, launchIcon, listIcon, searchIcon } from '@jupyterlab/ui-components';

import type { Session } from '../../model/session';
import { CommandIDs } from '../../tokens';
import { type Commander, text } from './commander';

const CLICKED = {
  type: 'boolean',
  description: 'That of the tab, or of the line of the list, on which the context menu was opened'
} as const;
const CONVERSATION = { conversation: { type: 'string', description: 'Id of a conversation' } } as const;

/** Commands about conversations: to find one, to open, rename and delete it. */
export function addConversationCommands(commander: Commander): void {
  const { app, hub, trans } = commander;
  const hasConversation = ({ chat }: Session): boolean => chat.id !== null;

  commander.add(CommandIDs.toggleList, {
    label: trans.__('Show or hide the conversations'),
    caption: trans.__(
      'Show or hide the list of conversations: beside the one that is shown where there is room'
    ),
    icon: listIcon,
    execute: () => {
      commander.show().screen.toggleList();
    }
  });
  commander.add(CommandIDs.search, {
    label: trans.__('Find a conversation'),
    caption: trans.__('Search in the list of conversations'),
    icon: searchIcon,
    execute: () => {
      commander.show().screen.show('conversations');
    }
  });
  commander.add(CommandIDs.showRunning, {
    label: trans.__('Go to the answer that is being written'),
    caption: trans.__(
      'Show the conversation in which an answer is being written; the list when there is none'
    ),
    isEnabled: () => hub.activity.answering > 0,
    execute: () => {
      commander.showConversation(hub.activity.conversation);
    }
  });
  commander.add(CommandIDs.openConversation, {
    label: trans.__('Open a conversation'),
    caption: trans.__('Show a conversation in the panel that was used last'),
    args: CONVERSATION,
    required: ['conversation'],
    palette: false,
    execute: (session, args) => {
      const id = text(args['conversation']);
      if (!id) {
        throw new Error(trans.__('Which conversation? Give its id as the argument “conversation”.'));
      }
      commander.show();
      return session.open(id);
    }
  });
  commander.add(CommandIDs.moveToTab, {
    label: trans.__('Open the conversation in a tab'),
    caption: trans.__('Show the conversation in the main area, beside others'),
    icon: launchIcon,
    isEnabled: session => hasConversation(session),
    execute: ({ chat }) => app.commands.execute(CommandIDs.openTab, { conversation: chat.id })
  });
  commander.add(CommandIDs.openListedInTab, {
    label: trans.__('Open in a tab'),
    caption: trans.__('Show this conversation in the main area, beside others'),
    icon: launchIcon,
    palette: false,
    execute: () => {
      const conversation = commander.clickedConversation();
      return conversation ? app.commands.execute(CommandIDs.openTab, { conversation }) : undefined;
    }
  });
  commander.add(CommandIDs.rename, {
    label: args => (args['clicked'] ? trans.__('Rename') : trans.__('Rename the conversation')),
    caption: trans.__('Give the conversation that is shown another title'),
    icon: editIcon,
    args: {
      title: { type: 'string', description: 'The new title; asked for when it is left out' },
      clicked: CLICKED
    },
    isEnabled: (session, args) =>
      args['clicked']
        ? commander.clickedConversation() !== null || commander.clicked()?.session.chat.id != null
        : hasConversation(session),
    execute: async (active, args) => {
      const listed = args['clicked'] ? commander.clickedConversation() : null;
      if (listed !== null) {
        active.titling.beginListed(listed);
        return;
      }
      const widget = args['clicked'] ? commander.clicked() : null;
      if (widget) {
        app.shell.activateById(widget.id);
      }
      const session = widget?.session ?? commander.show();
      const title = text(args['title'])?.trim();
      if (title) {
        await session.rename(title);
      } else {
        session.beginRename();
      }
    }
  });
  commander.add(CommandIDs.deleteConversation, {
    label: args => (args['clicked'] ? trans.__('Delete') : trans.__('Delete the conversation')),
    caption: trans.__('Delete a conversation; for a moment it can be undone'),
    icon: deleteIcon,
    args: { ...CONVERSATION, clicked: CLICKED },
    isEnabled: (session, args) =>
      text(args['conversation']) !== null || args['clicked'] === true || hasConversation(session),
    execute: (session, args) => {
      const clicked = args['clicked'] ? commander.clickedConversation() : null;
      const id = clicked ?? text(args['conversation']) ?? session.chat.id;
      if (id) {
        hub.deleteConversation(id);
      }
    }
  });
}
