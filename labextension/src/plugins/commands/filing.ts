import { deleteIcon, editIcon, folderIcon, settingsIcon } from '@jupyterlab/ui-components';

import { archiveIcon, eyeIcon, newChatIcon, pinIcon, tagIcon } from '../../icons';
import type { Session } from '../../model/session';
import { CommandIDs } from '../../tokens';
import { type Commander, text } from './commander';

const CONVERSATIONS = {
  conversation: {
    type: 'string',
    description: 'Id of a conversation; else those that are chosen in the list'
  },
  clicked: {
    type: 'boolean',
    description: 'Those of the line of the list on which the context menu was opened'
  }
} as const;
const FOLDER = {
  folder: { type: 'string', description: 'Id of a folder; else the one on which the context menu was opened' }
} as const;

type Args = Readonly<Record<string, unknown>>;

/** Commands that put conversations in order: folders, tags, pins, the archive, and chats that are kept nowhere. */
export function addFilingCommands(commander: Commander): void {
  const { hub, trans } = commander;
  const idsOf = (session: Session, args: Args): readonly string[] => {
    const named = text(args['conversation']) ?? (args['clicked'] ? commander.clickedConversation() : null);
    if (named !== null) {
      return session.selection.around(named);
    }
    const { id, isTemporary } = session.chat;
    return session.selection.size > 0 ? session.selection.ids : id !== null && !isTemporary ? [id] : [];
  };
  const folderOf = (args: Args): string | null => text(args['folder']) ?? commander.clickedFolder();
  const hasSome = (session: Session, args: Args): boolean => idsOf(session, args).length > 0;
  /** All of them are so, as far as is known. */
  const are = (ids: readonly string[], what: 'pinned' | 'archived'): boolean =>
    ids.length > 0 && ids.every(id => hub.conversations.get(id)?.[what] ?? what === 'archived');

  commander.add(CommandIDs.newTemporary, {
    label: trans.__('New temporary chat'),
    caption: trans.__('Begin a chat that is kept nowhere and gone with this tab'),
    icon: eyeIcon,
    execute: () => {
      commander.show().newChat({ folder: null, temporary: true });
    }
  });
  commander.add(CommandIDs.newInFolder, {
    label: trans.__('New chat in this folder'),
    caption: trans.__('Begin a chat with the instructions and the model of a folder'),
    icon: newChatIcon,
    args: FOLDER,
    palette: false,
    execute: (_session, args) => {
      const folder = folderOf(args);
      commander.show().newChat({ folder, temporary: false });
    }
  });
  commander.add(CommandIDs.moveTo, {
    label: args => (args['clicked'] ? trans.__('Move to…') : trans.__('Move the conversation to a folder…')),
    caption: trans.__('Choose a folder for the conversation, or for all that are chosen in the list'),
    icon: folderIcon,
    args: { ...CONVERSATIONS, ...FOLDER },
    isEnabled: hasSome,
    execute: (session, args) => {
      const ids = idsOf(session, args);
      const folder = text(args['folder']);
      if (folder !== null) {
        return hub.filing.move(ids, folder);
      }
      commander.showList();
      session.sorting.move(ids);
      return undefined;
    }
  });
  commander.add(CommandIDs.tag, {
    label: args => (args['clicked'] ? trans.__('Tags…') : trans.__('Tag the conversation…')),
    caption: trans.__('Give the conversation tags, or take them away'),
    icon: tagIcon,
    args: CONVERSATIONS,
    isEnabled: hasSome,
    execute: async (session, args) => {
      const ids = idsOf(session, args);
      commander.showList();
      await hub.filing.loadTags();
      session.sorting.tag(ids);
    }
  });
  commander.add(CommandIDs.allTags, {
    label: trans.__('Rename and delete tags…'),
    caption: trans.__('Show all tags of the conversations, to rename and delete them'),
    icon: tagIcon,
    execute: async session => {
      commander.showList();
      await hub.filing.loadTags();
      session.sorting.mindTags();
    }
  });
  commander.add(CommandIDs.pin, {
    label: args => {
      const isOn = are(idsOf(hub.active, args), 'pinned');
      return isOn ? trans.__('Unpin the conversation') : trans.__('Pin the conversation');
    },
    caption: trans.__('Keep the conversation at the top of the list'),
    icon: pinIcon,
    args: CONVERSATIONS,
    isEnabled: hasSome,
    execute: (session, args) => {
      const ids = idsOf(session, args);
      return hub.filing.pin(ids, !are(ids, 'pinned'));
    }
  });
  commander.add(CommandIDs.archive, {
    label: args => {
      const isOn = are(idsOf(hub.active, args), 'archived');
      return isOn
        ? trans.__('Take the conversation out of the archive')
        : trans.__('Archive the conversation');
    },
    caption: trans.__('Put the conversation where it is out of the way; it can still be found'),
    icon: archiveIcon,
    args: CONVERSATIONS,
    isEnabled: hasSome,
    execute: (session, args) => {
      const ids = idsOf(session, args);
      return hub.filing.archive(ids, !are(ids, 'archived'));
    }
  });
  commander.add(CommandIDs.newFolder, {
    label: args =>
      args['clicked'] ? trans.__('New folder in it') : trans.__('New folder for conversations'),
    caption: trans.__('Make a folder for conversations, with instructions and a model of its own'),
    icon: folderIcon,
    args: { clicked: CONVERSATIONS.clicked, ...FOLDER },
    execute: (session, args) => {
      const parent = args['clicked'] || args['folder'] ? folderOf(args) : null;
      commander.showList();
      if (parent !== null) {
        hub.folders.setOpen(parent, true);
      }
      session.sorting.add(parent);
    }
  });
  const ofFolder = (
    id: string,
    label: string,
    icon: typeof editIcon,
    act: (folder: string) => unknown
  ): void => {
    commander.add(id, {
      label,
      caption: label,
      icon,
      args: FOLDER,
      palette: false,
      isEnabled: (_session, args) => folderOf(args) !== null,
      execute: (_session, args) => {
        const folder = folderOf(args);
        return folder === null ? undefined : act(folder);
      }
    });
  };
  ofFolder(CommandIDs.renameFolder, trans.__('Rename'), editIcon, folder => {
    hub.active.sorting.rename(folder);
  });
  ofFolder(CommandIDs.folderSettings, trans.__('Instructions and model…'), settingsIcon, folder => {
    hub.active.sorting.set(folder);
  });
  ofFolder(CommandIDs.moveFolder, trans.__('Move to…'), folderIcon, folder => {
    hub.active.sorting.moveFolder(folder);
  });
  ofFolder(CommandIDs.deleteFolder, trans.__('Delete; keep what is in it'), deleteIcon, folder => {
    hub.folders.remove(folder, 'move');
  });
  ofFolder(CommandIDs.deleteFolderWhole, trans.__('Delete with all that is in it'), deleteIcon, folder => {
    hub.folders.remove(folder, 'delete');
  });
}
