import { editIcon } from '@jupyterlab/ui-components';

import { branchIcon } from '../../icons';
import { isRunning, siblingsOf } from '../../model/node';
import type { Session } from '../../model/session';
import { CommandIDs } from '../../tokens';
import { type Commander } from './commander';

/** Commands about messages and their branches. */
export function addMessageCommands(commander: Commander): void {
  const { trans } = commander;
  const canStep = ({ latest, chat }: Session, step: -1 | 1): boolean => {
    const message = latest.branching?.message;
    const siblings = message ? siblingsOf(message) : [];
    return (
      !chat.isPosting && message !== undefined && siblings[siblings.indexOf(message.id) + step] !== undefined
    );
  };

  commander.add(CommandIDs.editLast, {
    label: trans.__('Edit the last message'),
    caption: trans.__('Say what was said last in other words; the earlier words stay in a branch'),
    icon: editIcon,
    isEnabled: ({ latest, chat }) => latest.question !== null && !chat.isPosting,
    execute: () => {
      const session = commander.show();
      session.screen.show('thread');
      session.latest.edit();
    }
  });
  commander.add(CommandIDs.previousBranch, {
    label: trans.__('Previous branch'),
    caption: trans.__('Show the version before the one that is shown'),
    icon: branchIcon,
    isEnabled: session => canStep(session, -1),
    execute: session => session.latest.stepBranch(-1)
  });
  commander.add(CommandIDs.nextBranch, {
    label: trans.__('Next branch'),
    caption: trans.__('Show the version after the one that is shown'),
    icon: branchIcon,
    isEnabled: session => canStep(session, 1),
    execute: session => session.latest.stepBranch(1)
  });
  commander.add(CommandIDs.deleteLast, {
    label: trans.__('Delete the last message'),
    caption: trans.__(
      'Delete the message that is shown last, with all that follows it in other branches; it can be undone'
    ),
    isEnabled: ({ chat }) => chat.tree.head !== undefined && !isRunning(chat.tree.head.message),
    execute: session => session.latest.delete()
  });
  commander.add(CommandIDs.quoteSelection, {
    label: trans.__('Quote the selection'),
    caption: trans.__('Put the words that are marked in a message into the message field'),
    isEnabled: () => selectionInMessage() !== null,
    execute: session => {
      const selected = selectionInMessage();
      if (selected) {
        session.quote(selected.messageId, selected.text);
      }
    }
  });
}

/** What is marked inside of one message of a chat panel. */
function selectionInMessage(): { messageId: string; text: string } | null {
  const selection = window.getSelection();
  const text = selection?.toString().trim() ?? '';
  const messageOf = (node: Node | null): string | undefined => {
    const element = node instanceof Element ? node : node?.parentElement;
    return element?.closest<HTMLElement>('.jp-llmhub-panel [data-message-id]')?.dataset['messageId'];
  };
  const messageId = messageOf(selection?.anchorNode ?? null);
  return text && messageId && messageOf(selection?.focusNode ?? null) === messageId
    ? { messageId, text }
    : null;
}
