import { copyIcon } from '@jupyterlab/ui-components';
import { Clipboard } from '@jupyterlab/apputils';

import { continueIcon, regenerateIcon, sendIcon, stopSquareIcon } from '../../icons';
import { isRunning } from '../../model/node';
import type { Session } from '../../model/session';
import { CommandIDs } from '../../tokens';
import { type Commander, text } from './commander';

/** Commands about asking and answering. */
export function addAnswerCommands(commander: Commander): void {
  const { trans } = commander;
  const isBusy = ({ chat }: Session): boolean => chat.answering !== null || chat.isPosting;

  commander.add(CommandIDs.send, {
    label: trans.__('Send the message'),
    caption: trans.__('Send what is written in the message field'),
    icon: sendIcon,
    isEnabled: session => session.writing.canSend,
    execute: session => {
      session.writing.send();
    }
  });
  commander.add(CommandIDs.stop, {
    label: trans.__('Stop the answer'),
    caption: trans.__('Stop the answer that is being written; what was said stays'),
    icon: stopSquareIcon,
    isEnabled: isBusy,
    execute: ({ chat }) => chat.stop()
  });
  commander.add(CommandIDs.regenerate, {
    label: trans.__('Answer again'),
    caption: trans.__('Ask for another answer beside the last one'),
    icon: regenerateIcon,
    args: {
      model: {
        type: 'string',
        description: 'Id of the model that answers; the chosen one when it is left out'
      },
      instruction: { type: 'string', description: 'How it should answer: "Answer more briefly."' }
    },
    isEnabled: session => session.latest.answer !== null && !isBusy(session),
    execute: (session, args) =>
      session.latest.regenerate(text(args['instruction']), text(args['model']) ?? session.model)
  });
  commander.add(CommandIDs.continue, {
    label: trans.__('Continue the answer'),
    caption: trans.__('Let the last answer go on where it ended early'),
    icon: continueIcon,
    isEnabled: session => session.latest.canContinue,
    execute: session => session.latest.continue()
  });
  commander.add(CommandIDs.copyAnswer, {
    label: trans.__('Copy the last answer'),
    caption: trans.__('Copy the text of the last answer, as Markdown'),
    icon: copyIcon,
    isEnabled: ({ latest }) => latest.answer !== null && !isRunning(latest.answer.message),
    execute: ({ latest }) => {
      const parts = latest.answer?.message.parts ?? [];
      Clipboard.copyToSystem(parts.map(part => (part.type === 'text' ? part.text : '')).join(''));
    }
  });
}
