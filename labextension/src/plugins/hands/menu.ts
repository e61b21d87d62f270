import type { TranslationBundle } from '@jupyterlab/translation';
import { MenuSvg } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';

import type { Place } from '../../model/asking';
import { CommandIDs } from '../../tokens';

const ITEMS = [CommandIDs.explain, CommandIDs.fix, CommandIDs.improve, CommandIDs.askAbout];

/** What can be asked about a place, as a menu. */
export function askMenu(commands: CommandRegistry, place: Place, trans: TranslationBundle): MenuSvg {
  const menu = new MenuSvg({ commands });
  menu.title.label = place === 'output' ? trans.__('Ask about the output') : trans.__('Ask about the cell');
  for (const command of ITEMS) {
    menu.addItem({ command, args: { about: place, isShort: true } });
  }
  if (place === 'cell') {
    menu.addItem({ command: CommandIDs.change, args: { isShort: true } });
    menu.addItem({ type: 'separator' });
    menu.addItem({ command: CommandIDs.attachNearby, args: { what: 'cell' } });
    menu.addItem({ command: CommandIDs.attachNearby, args: { what: 'cells' } });
  }
  return menu;
}

/** Open the menu about a cell below the button of its toolbar, or at its right edge where the toolbar is not shown. */
export function openAskMenu(commands: CommandRegistry, cell: HTMLElement, trans: TranslationBundle): void {
  const menu = askMenu(commands, 'cell', trans);
  const button = cell.querySelector(`.jp-cell-toolbar [data-command="${CommandIDs.cellMenu}"]`);
  const box = (button ?? cell).getBoundingClientRect();
  menu.aboutToClose.connect(() => {
    // After the command, which is executed when the menu has closed.
    setTimeout(() => {
      menu.dispose();
    });
  });
  menu.open(box.right, button ? box.bottom : box.top, { horizontalAlignment: 'right' });
}
