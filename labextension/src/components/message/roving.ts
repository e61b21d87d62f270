import { type KeyboardEvent, type RefObject, useLayoutEffect } from 'react';

/** What a narrow panel has no room for; it is in the menu, too. */
const MAY_HIDE = '.jp-llmhub-lesser';

/** One stop for Tab in a toolbar; the arrow keys go on from there. The buttons may come and go. */
export function useRoving(bar: RefObject<HTMLElement>): (event: KeyboardEvent) => void {
  useLayoutEffect(() => {
    // Without asking which of them can be seen: that would have each row of a thread styled for itself while it is drawn.
    const buttons = bar.current ? [...bar.current.querySelectorAll('button')] : [];
    const isSafe = (button: HTMLElement): boolean => !button.matches(MAY_HIDE);
    const current =
      buttons.find(
        button => button.tabIndex === 0 && (isSafe(button) || button === document.activeElement)
      ) ?? buttons.find(isSafe);
    choose(buttons, current ?? buttons[0]);
  });
  return event => {
    const buttons = stops(bar.current);
    const at = buttons.findIndex(button => button === document.activeElement);
    const isPlain = !event.altKey && !event.ctrlKey && !event.metaKey;
    const to = {
      ArrowRight: at + 1,
      ArrowLeft: at - 1,
      Home: 0,
      End: buttons.length - 1
    }[event.key];
    if (to === undefined || at < 0 || !isPlain) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    const next = buttons[(to + buttons.length) % buttons.length];
    choose(buttons, next);
    next?.focus();
  };
}

/** The buttons that can be seen: what does not fit into a narrow panel is in the menu. */
function stops(bar: HTMLElement | null): HTMLElement[] {
  const all = bar ? [...bar.querySelectorAll<HTMLElement>('button')] : [];
  const shown = all.filter(button => getComputedStyle(button).display !== 'none');
  all
    .filter(button => !shown.includes(button))
    .forEach(button => {
      button.tabIndex = -1;
    });
  return shown;
}

function choose(buttons: readonly HTMLElement[], current: HTMLElement | undefined): void {
  buttons.forEach(button => {
    button.tabIndex = button === current ? 0 : -1;
  });
}
