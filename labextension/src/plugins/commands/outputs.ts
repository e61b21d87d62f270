import type { INotebookTracker } from '@jupyterlab/notebook';

import { attachIcon } from '../../icons';
import { type CellLike, fileOf, imageIn, outputsAsText } from '../../model/notebook';
import { CommandIDs } from '../../tokens';
import type { Commander } from './commander';

/** Commands about what notebooks show. */
export function addOutputCommands(commander: Commander, notebooks: INotebookTracker | null): void {
  const { trans } = commander;
  const outputs = (): unknown => {
    const cell = notebooks?.activeCell?.model.toJSON() as CellLike | undefined;
    return Array.isArray(cell?.outputs) && cell.outputs.length > 0 ? cell.outputs : null;
  };

  commander.add(CommandIDs.attachOutput, {
    label: trans.__('Attach the output to the chat'),
    caption: trans.__('Attach what the selected cell shows, as an image or as text, to the message'),
    icon: attachIcon,
    isEnabled: ({ hub }) => hub.catalogue.has('attachments') && outputs() !== null,
    isVisible: () => commander.hub.catalogue.has('attachments'),
    execute: async () => {
      const shown = outputs();
      const session = commander.show();
      session.screen.show('thread');
      const image = imageIn(shown);
      if (image) {
        const name = `${trans.__('output')}.${image.type.slice('image/'.length)}`;
        await session.writing.attach([fileOf(image.base64, name, image.type)]);
      } else {
        const text = outputsAsText(shown);
        await session.writing.attach([new File([text], `${trans.__('output')}.txt`, { type: 'text/plain' })]);
      }
      session.focusComposer();
    }
  });
}
