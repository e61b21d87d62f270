import { type LabIcon, MenuSvg } from '@jupyterlab/ui-components';
import { CommandRegistry } from '@lumino/commands';

export interface MenuItem {
  readonly label: string;
  readonly icon?: LabIcon;
  readonly isToggled?: boolean;
  /** Why it cannot be done now; shown as its hint. */
  readonly obstacle?: string | null;
  /** A line stands above it. */
  readonly isApart?: boolean;
  readonly testId?: string;
  readonly onSelect: () => void;
}

/** Open JupyterLab's own kind of menu below a button; it is gone when something was chosen or not. Then `home` has the focus. */
export function openMenu(
  anchor: HTMLElement,
  label: string,
  items: readonly MenuItem[],
  home: HTMLElement = anchor
): void {
  const commands = new CommandRegistry();
  const menu = new MenuSvg({ commands });
  menu.title.label = label;
  for (const [index, item] of items.entries()) {
    const { icon, obstacle, isToggled, isApart, testId } = item;
    const id = `item-${index}`;
    commands.addCommand(id, {
      label: item.label,
      ...(icon ? { icon } : {}),
      caption: obstacle ?? '',
      dataset: testId ? { testid: testId } : {},
      isEnabled: () => !obstacle,
      isToggled: () => isToggled === true,
      isToggleable: isToggled !== undefined,
      execute: item.onSelect
    });
    if (isApart) {
      menu.addItem({ type: 'separator' });
    }
    menu.addItem({ command: id });
  }
  const box = anchor.getBoundingClientRect();
  anchor.setAttribute('aria-expanded', 'true');
  menu.aboutToClose.connect(() => {
    anchor.removeAttribute('aria-expanded');
    // After the command, which is executed when the menu has closed.
    setTimeout(() => {
      menu.dispose();
    });
    home.focus();
  });
  menu.open(box.right, box.bottom, { horizontalAlignment: 'right' });
  // Lumino makes its separators presentational, and has them take the focus: a screen reader then loses the items around them.
  for (const line of menu.contentNode.querySelectorAll('[data-type="separator"]')) {
    line.setAttribute('role', 'separator');
    line.removeAttribute('tabindex');
  }
}
