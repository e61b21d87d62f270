/** In a cell's output, in place of components/menu: a menu that needs no Lumino. */
import type { MenuItem } from '../../components/menu';

/** Open a menu below a button; it is gone when something was chosen or not. Then `home` has the focus. */
export function openMenu(
  anchor: HTMLElement,
  label: string,
  items: readonly MenuItem[],
  home: HTMLElement = anchor
): void {
  const menu = document.createElement('div');
  menu.className = 'jp-llmhub-cell-menu';
  menu.setAttribute('role', 'menu');
  menu.setAttribute('aria-label', label);
  const close = (): void => {
    document.removeEventListener('pointerdown', outside, true);
    menu.remove();
    anchor.removeAttribute('aria-expanded');
    home.focus();
  };
  const outside = (event: Event): void => {
    if (!menu.contains(event.target as Node)) {
      close();
    }
  };
  for (const item of items) {
    const entry = document.createElement('button');
    entry.type = 'button';
    entry.setAttribute('role', 'menuitem');
    entry.textContent = item.label;
    entry.title = item.obstacle ?? '';
    entry.disabled = Boolean(item.obstacle);
    entry.addEventListener('click', () => {
      close();
      item.onSelect();
    });
    menu.append(entry);
  }
  const entries = [...menu.querySelectorAll<HTMLButtonElement>('button:not(:disabled)')];
  menu.addEventListener('keydown', event => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      const at = entries.indexOf(document.activeElement as HTMLButtonElement);
      entries[(at + step + entries.length) % entries.length]?.focus();
    } else if (event.key === 'Escape' || event.key === 'Tab') {
      close();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  });
  anchor.setAttribute('aria-expanded', 'true');
  // Beside the button, so that it has the look of the output that it stands in.
  anchor.after(menu);
  document.addEventListener('pointerdown', outside, true);
  entries[0]?.focus();
}
