import { searchIcon } from '@jupyterlab/ui-components';

import { arrowDownIcon, mapIcon } from '../../icons';
import { CommandIDs } from '../../tokens';
import { type Commander } from './commander';

/** Commands that go from place to place in a conversation. */
export function addReadingCommands(commander: Commander): void {
  const { trans } = commander;
  commander.add(CommandIDs.jumpToLatest, {
    label: trans.__('Jump to latest'),
    caption: trans.__('Go to the end of the conversation and stay there while an answer is written'),
    icon: arrowDownIcon,
    isEnabled: ({ chat }) => chat.tree.path.length > 0,
    execute: ({ chat }) => {
      chat.go('end');
    }
  });
  commander.add(CommandIDs.findInConversation, {
    label: trans.__('Find in this conversation'),
    caption: trans.__(
      'Look for words in the conversation that is open, also in messages that are not in view'
    ),
    icon: searchIcon,
    isEnabled: ({ chat }) => chat.tree.path.length > 0,
    execute: () => {
      commander.show().screen.findHere();
    }
  });
  commander.add(CommandIDs.showMap, {
    label: trans.__('Map of the conversation'),
    caption: trans.__('Show all branches of the conversation, to go elsewhere, to find and to compare'),
    icon: mapIcon,
    isEnabled: ({ chat }) => chat.id !== null,
    execute: () => {
      commander.show().screen.show('map');
    }
  });
  commander.add(CommandIDs.previousQuestion, {
    label: trans.__('Previous question'),
    caption: trans.__('Go to the question above what is read'),
    isEnabled: ({ chat }) => chat.tree.path.length > 0,
    execute: ({ chat }) => {
      chat.go('previous');
    }
  });
  commander.add(CommandIDs.nextQuestion, {
    label: trans.__('Next question'),
    caption: trans.__('Go to the question below what is read'),
    isEnabled: ({ chat }) => chat.tree.path.length > 0,
    execute: ({ chat }) => {
      chat.go('next');
    }
  });
}
