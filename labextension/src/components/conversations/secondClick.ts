/** How long a double click may take. Milliseconds. */
const LASTS_MS = 600;

/**
 * The second click of a double click whose first one takes away what was clicked: it means `then`, and nothing that lies beneath
 * the pointer by now.
 */
export function onSecondClick(then: () => void): void {
  const take = (event: MouseEvent): void => {
    if (event.detail === 2) {
      event.preventDefault();
      event.stopPropagation();
      if (event.type === 'click') {
        then();
      }
    }
    if (event.detail !== 2 || event.type === 'click') {
      leave();
    }
  };
  const types = ['mousedown', 'mouseup', 'click'] as const;
  const leave = (): void => {
    clearTimeout(timer);
    types.forEach(type => {
      document.removeEventListener(type, take, true);
    });
  };
  const timer = setTimeout(leave, LASTS_MS);
  types.forEach(type => {
    document.addEventListener(type, take, true);
  });
}
