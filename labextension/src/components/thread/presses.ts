/** So far a pointer may go between being pressed and let go. Pixels. */
const STEADY = 6;
const PRESSABLE = 'button, summary, a[href]';

/**
 * A press is for what was under the pointer when it went down, also where text that grows or comes late moves that away before it
 * is let go: a browser then gives the click to neither. Gives what ends it.
 */
export function keepPresses(view: HTMLElement): () => void {
  let pressed: { element: HTMLElement; x: number; y: number } | null = null;
  const onDown = (event: PointerEvent): void => {
    const { target, button, isPrimary, clientX: x, clientY: y } = event;
    const element = target instanceof Element ? target.closest<HTMLElement>(PRESSABLE) : null;
    pressed = element && button === 0 && isPrimary ? { element, x, y } : null;
  };
  const onUp = (event: PointerEvent): void => {
    const before = pressed;
    pressed = null;
    if (!before?.element.isConnected || !(event.target instanceof Node)) {
      return;
    }
    const isSteady = Math.hypot(event.clientX - before.x, event.clientY - before.y) <= STEADY;
    const { left, right, top, bottom } = before.element.getBoundingClientRect();
    const hasMoved = before.x < left || before.x > right || before.y < top || before.y > bottom;
    if (isSteady && hasMoved && !before.element.contains(event.target)) {
      before.element.click();
    }
  };
  view.addEventListener('pointerdown', onDown, true);
  document.addEventListener('pointerup', onUp, true);
  return () => {
    view.removeEventListener('pointerdown', onDown, true);
    document.removeEventListener('pointerup', onUp, true);
  };
}
