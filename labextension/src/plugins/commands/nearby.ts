import { InputDialog, Notification } from '@jupyterlab/apputils';
import type { INotebookTracker } from '@jupyterlab/notebook';

import type { LatePageServices } from '../../components/context';
import { attachIcon, variableIcon } from '../../icons';
import { KINDS } from '../../model/nearby';
import { CommandIDs } from '../../tokens';
import { type Commander, text } from './commander';

/** Commands about what lies around the panel: cells, whole notebooks, variables of the kernel. */
export function addNearbyCommands(
  commander: Commander,
  page: LatePageServices,
  notebooks: INotebookTracker | null
): void {
  const { trans, hub } = commander;
  const isVisible = (): boolean => hub.catalogue.has('attachments');
  const labels: Readonly<Record<string, string>> = {
    cell: trans.__('Attach the active cell'),
    cells: trans.__('Attach the selected cells'),
    notebook: trans.__('Attach the notebook with its outputs'),
    'notebook-code': trans.__('Attach the notebook without its outputs')
  };
  commander.add(CommandIDs.attachNearby, {
    label: args => labels[text(args['what']) ?? 'cell'] ?? trans.__('Attach what is open to the chat'),
    caption: trans.__('Attach it to the message as it is now, with changes that are not saved'),
    icon: attachIcon,
    args: {
      what: {
        type: 'string',
        enum: [...KINDS],
        description: 'What is attached; the active cell when it is left out'
      }
    },
    isEnabled: () => notebooks?.currentWidget != null,
    isVisible,
    execute: async (_session, args) => {
      const kind = KINDS.find(one => one === (args['what'] ?? 'cell'));
      const { nearby } = await page.load();
      const files = kind && nearby ? await nearby.take(kind) : [];
      if (files.length === 0) {
        Notification.warning(trans.__('There is nothing of that kind to attach'));
        return;
      }
      const session = commander.show();
      session.screen.show('thread');
      await session.ready();
      await session.writing.add('', files);
    }
  });
  commander.add(CommandIDs.attachVariable, {
    label: trans.__('Attach a variable of the kernel'),
    caption: trans.__('See what would leave the machine of a variable, and attach it to the message'),
    icon: variableIcon,
    args: { name: { type: 'string', description: 'Its name; asked for when it is left out' } },
    isEnabled: () => notebooks?.currentWidget != null,
    isVisible,
    execute: async (_session, args) => {
      const name = text(args['name']) ?? (await askName(trans.__('Which variable?')));
      if (name === null) {
        return;
      }
      const [{ nearby }, { attachLive }, { troubleWords }] = await Promise.all([
        page.load(),
        import('../../model/live/attach'),
        import('../../components/live/words')
      ]);
      const session = commander.show();
      session.screen.show('thread');
      await session.ready();
      const trouble = nearby && (await attachLive(name, session, nearby.variables));
      if (trouble) {
        session.desk.say(troubleWords(name, trouble, trans), true);
      }
    }
  });
}

async function askName(title: string): Promise<string | null> {
  const { value } = await InputDialog.getText({ title });
  return text(value?.trim());
}
