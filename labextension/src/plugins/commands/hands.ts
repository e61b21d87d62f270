import { Notification } from '@jupyterlab/apputils';
import type { IConsoleTracker } from '@jupyterlab/console';
import type { INotebookTracker } from '@jupyterlab/notebook';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import type { LabIcon } from '@jupyterlab/ui-components';

import { attachIcon, chatIcon, explainIcon, fixIcon, improveIcon } from '../../icons';
import { type Intent, type Place, PLACES } from '../../model/asking';
import { CommandIDs } from '../../tokens';
import { openAskMenu } from '../hands/menu';
import { type Commander, text } from './commander';

/** Commands about what a person points at: a cell, its output, words that are selected. */
export function addHandCommands(
  commander: Commander,
  notebooks: INotebookTracker | null,
  consoles: IConsoleTracker | null
): void {
  const { app, trans, hub } = commander;
  const around = { app, notebooks, consoles, trans };
  const args = {
    about: {
      type: 'string',
      enum: [...PLACES],
      description: 'What is asked about; what is selected, else the active cell, when it is left out'
    },
    cell: {
      type: 'string',
      description: 'Id of a cell of an open notebook or console; the active one when it is left out'
    },
    question: { type: 'string', description: 'What is asked, instead of the usual words' },
    send: {
      type: 'boolean',
      description:
        'Ask at once (true) or leave it in the message field (false), instead of what the settings say'
    },
    isShort: { type: 'boolean', description: 'Be called by one word, as menus want it' }
  } as const;
  const add = (
    id: string,
    intent: Intent,
    words: { label: string; short: string; caption: string; icon: LabIcon }
  ): void => {
    commander.add(id, {
      label: given => (given['isShort'] ? words.short : words.label),
      caption: words.caption,
      icon: words.icon,
      args,
      execute: async (_session, given) => {
        const { ask } = await import('../hands/ask');
        const send = given['send'] ?? (intent !== 'ask' && hub.preferences.values.askAtOnce);
        const wish = {
          intent,
          place: placeIn(given),
          cell: text(given['cell']),
          question: text(given['question']),
          send: send === true
        };
        await ask(wish, () => commander.show(), around);
      }
    });
  };
  add(CommandIDs.explain, 'explain', {
    label: trans.__('Explain the selection or cell'),
    short: trans.__('Explain'),
    caption: trans.__('Ask what this does or shows'),
    icon: explainIcon
  });
  add(CommandIDs.fix, 'fix', {
    label: trans.__('Fix the selection or cell'),
    short: trans.__('Fix'),
    caption: trans.__('Ask why this fails or what is wrong with it, and how to mend it'),
    icon: fixIcon
  });
  add(CommandIDs.improve, 'improve', {
    label: trans.__('Improve the selection or cell'),
    short: trans.__('Improve'),
    caption: trans.__('Ask how this can be made better'),
    icon: improveIcon
  });
  add(CommandIDs.askAbout, 'ask', {
    label: trans.__('Ask about the selection or cell…'),
    short: trans.__('Ask…'),
    caption: trans.__('Attach this to the message, and write a question about it'),
    icon: chatIcon
  });
  commander.add(CommandIDs.change, {
    label: given => (given['isShort'] ? trans.__('Change…') : trans.__('Change the notebook or file…')),
    caption: trans.__('Have changes proposed; nothing changes before you accept them'),
    icon: improveIcon,
    args: {
      request: {
        type: 'string',
        description:
          'What is to be changed, which is asked at once; written in the message field when it is left out'
      },
      cell: args.cell,
      path: {
        type: 'string',
        description: 'A text file that is to be changed, open or not, instead of what is shown'
      },
      isShort: args.isShort
    },
    isVisible: () => hub.catalogue.has('attachments'),
    execute: async (_session, given) => {
      const { change } = await import('../hands/change');
      const wish = {
        request: text(given['request']),
        cell: text(given['cell']),
        path: text(given['path'])
      };
      const problem = await change(wish, () => commander.show(), around);
      if (problem !== null) {
        Notification.warning(problem);
      }
    }
  });
  commander.add(CommandIDs.attachSelection, {
    label: trans.__('Attach the selected text'),
    caption: trans.__('Attach what is selected in an editor or a document to the message in the chat'),
    icon: attachIcon,
    isVisible: () => hub.catalogue.has('attachments'),
    execute: async () => {
      const { attachSelection } = await import('../hands/ask');
      await attachSelection(() => commander.show(), around);
    }
  });
  commander.add(CommandIDs.cellMenu, {
    label: trans.__('Ask the chat about the cell'),
    caption: trans.__('Explain, fix or improve the cell, or ask about it'),
    icon: chatIcon,
    execute: () => {
      const cell = notebooks?.activeCell;
      if (cell) {
        openAskMenu(app.commands, cell.node, trans);
      }
    }
  });
}

function placeIn({ about }: ReadonlyPartialJSONObject): Place | null {
  return PLACES.find(place => place === about) ?? null;
}
