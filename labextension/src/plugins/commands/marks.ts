import { InputDialog, Notification } from '@jupyterlab/apputils';
import { copyIcon, downloadIcon } from '@jupyterlab/ui-components';

import type { RatedAnswer } from '../../api/schema';
import { forkIcon, starFilledIcon, starIcon, thumbUpIcon } from '../../icons';
import { CommandIDs } from '../../tokens';
import { type Commander, text } from './commander';

type Format = 'csv' | 'json';

const MODES = ['path', 'branches', 'to_here', 'from_here'] as const;
const MESSAGE = { type: 'string', description: 'Id of a message; the last one when it is left out' } as const;

/** Commands about stars, ratings and copies. */
export function addMarkCommands(commander: Commander): void {
  const { hub, trans } = commander;
  commander.add(CommandIDs.starred, {
    label: trans.__('Starred messages'),
    caption: trans.__('Show the messages of all conversations that have a star'),
    icon: starFilledIcon,
    execute: () => {
      commander.show().screen.show('stars');
    }
  });
  commander.add(CommandIDs.duplicate, {
    label: args => (args['clicked'] ? trans.__('Duplicate') : trans.__('Duplicate the conversation')),
    caption: trans.__('Make a copy of the conversation with all its branches, and show it'),
    icon: copyIcon,
    args: {
      conversation: { type: 'string', description: 'Id of a conversation; else the one that is shown' },
      clicked: {
        type: 'boolean',
        description: 'That of the line of the list on which the context menu was opened'
      }
    },
    isEnabled: ({ chat }, args) =>
      text(args['conversation']) !== null || args['clicked'] === true || chat.id !== null,
    execute: (_session, args) => {
      const clicked = args['clicked'] ? commander.clickedConversation() : null;
      return commander.show().duplicate(text(args['conversation']) ?? clicked ?? undefined);
    }
  });
  commander.add(CommandIDs.fork, {
    label: trans.__('Fork the conversation'),
    caption: trans.__(
      'Begin a new conversation with what leads to a message of this one, or with more of it'
    ),
    icon: forkIcon,
    args: {
      message: MESSAGE,
      mode: {
        type: 'string',
        enum: ['path', 'branches', 'to_here', 'from_here'],
        description:
          'What goes along: the path to the message, that with what stands beside it, all down to its level, or all from it on'
      }
    },
    isEnabled: ({ chat }) => chat.tree.head !== undefined,
    execute: (session, args) => {
      const message = text(args['message']) ?? session.chat.tree.path.at(-1);
      const mode = MODES.find(one => one === args['mode']) ?? 'path';
      return message === undefined ? undefined : commander.show().fork(message, mode);
    }
  });
  commander.add(CommandIDs.star, {
    label: trans.__('Star the last answer'),
    caption: trans.__('Give a message a star, to find it again, or take it away'),
    icon: starIcon,
    args: { message: MESSAGE },
    isEnabled: ({ latest }) => latest.answer !== null,
    execute: ({ chat, latest }, args) => {
      const node = chat.node(text(args['message']) ?? '') ?? latest.answer;
      return node && chat.marks.star(node.message.id, !node.message.starred);
    }
  });
  commander.add(CommandIDs.rate, {
    label: args => (args['value'] === -1 ? trans.__('Bad answer') : trans.__('Good answer')),
    caption: trans.__('Rate an answer, the last one if none is named'),
    icon: thumbUpIcon,
    args: {
      message: MESSAGE,
      value: { type: 'integer', enum: [1, -1], description: '1: good, -1: not' },
      text: { type: 'string', description: 'Why, in your own words' }
    },
    required: ['value'],
    palette: false,
    isEnabled: ({ latest }) => latest.answer !== null,
    execute: ({ chat, latest }, args) => {
      const node = chat.node(text(args['message']) ?? '') ?? latest.answer;
      const value = args['value'] === -1 ? -1 : 1;
      return node && chat.marks.rate(node.message.id, { value, text: text(args['text']) });
    }
  });
  commander.add(CommandIDs.exportRatings, {
    label: trans.__('Export ratings…'),
    caption: trans.__('Download what you rated, with questions and answers, as CSV or JSON'),
    icon: downloadIcon,
    args: { format: { type: 'string', enum: ['csv', 'json'], description: 'Asked for when it is left out' } },
    execute: async (_, args) => {
      const format = formatOf(text(args['format'])) ?? (await askForFormat());
      if (format === null) {
        return;
      }
      const ratings = await allRatings();
      if (ratings.length === 0) {
        Notification.info(trans.__('No answer is rated yet.'), { autoClose: 3000 });
      } else if (format === 'csv') {
        const link = document.createElement('a');
        link.href = hub.client.ratingsTableUrl();
        link.download = 'llmhub-ratings.csv';
        link.click();
      } else {
        const { download } = await import('../../components/download');
        download(`${JSON.stringify(ratings, null, 2)}\n`, 'llmhub-ratings.json', 'application/json');
      }
    }
  });

  async function askForFormat(): Promise<Format | null> {
    const { value } = await InputDialog.getItem({
      title: trans.__('Export ratings'),
      label: trans.__('As'),
      items: ['CSV', 'JSON'],
      okLabel: trans.__('Download')
    });
    return formatOf(value?.toLowerCase() ?? null);
  }

  async function allRatings(): Promise<RatedAnswer[]> {
    const all: RatedAnswer[] = [];
    for (let cursor: string | null | undefined; cursor !== null;) {
      const page = await hub.client.ratings({ limit: 200, ...(cursor ? { cursor } : {}) });
      all.push(...page.items);
      cursor = page.next;
    }
    return all;
  }
}

function formatOf(said: string | null): Format | null {
  return said === 'csv' || said === 'json' ? said : null;
}
