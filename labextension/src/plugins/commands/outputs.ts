import type { INotebookTracker } from '@jupyterlab/notebook';

import { attachIcon } from '../../icons';
import { type CellLike, fileOf, imageIn, outputsAsText } from '../../model/notebook';
import { CommandIDs } from '../../tokens';
import { type Commander, text } from './commander';

/** Commands about what notebooks show. */
export function addOutputCommands(commander: Commander, notebooks: INotebookTracker | null): void {
  const { trans } = commander;
  const outputs = (id: string | null): unknown => {
    const panel =
      id === null ? null : notebooks?.find(one => one.content.widgets.some(cell => cell.model.id === id));
    const found = panel ? panel.content.widgets.find(one => one.model.id === id) : notebooks?.activeCell;
    const cell = found?.model.toJSON() as CellLike | undefined;
    return Array.isArray(cell?.outputs) && cell.outputs.length > 0 ? cell.outputs : null;
  };

  commander.add(CommandIDs.attachOutput, {
    label: trans.__('Attach the output to the chat'),
    caption: trans.__('Attach what the selected cell shows, as an image or as text, to the message'),
    icon: attachIcon,
    args: {
      about: { type: 'string', enum: ['output'], description: 'What is attached' },
      cell: {
        type: 'string',
        description: 'Id of a cell of an open notebook; the active one when it is left out'
      }
    },
    isEnabled: ({ hub }, args) => hub.catalogue.has('attachments') && outputs(text(args['cell'])) !== null,
    isVisible: () => commander.hub.catalogue.has('attachments'),
    execute: async (_session, args) => {
      const shown = outputs(text(args['cell']));
      const session = commander.show();
      session.screen.show('thread');
      const image = imageIn(shown);
      await session.ready();
      if (image) {
        const name = `${trans.__('output')}.${image.type.slice('image/'.length)}`;
        await session.writing.attach([fileOf(image.base64, name, image.type)]);
      } else {
        const said = outputsAsText(shown);
        await session.writing.attach([new File([said], `${trans.__('output')}.txt`, { type: 'text/plain' })]);
      }
      session.focusComposer();
    }
  });
}
