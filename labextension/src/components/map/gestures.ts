/** What a hand does with the map. */
export interface Hands {
  /** By so many pixels. */
  move: (dx: number, dy: number) => void;
  /** Larger or smaller; `point` (pixels inside of the element) stays where it is. */
  zoom: (factor: number, point: { x: number; y: number }) => void;
  /** Pressed and let go without moving. */
  press: (point: { x: number; y: number }, event: PointerEvent) => void;
  /** The pointer is there, or has left (null). */
  hover: (point: { x: number; y: number } | null) => void;
}

/** So far a pointer goes before it drags. Pixels. */
const SLACK = 4;
/** A line of a wheel that counts in lines. Pixels. */
const LINE = 18;
const WHEEL = 0.0022;

/** Wheel, drag and pinch on `element`. Gives what ends it. */
export function handle(element: HTMLElement, hands: Hands): () => void {
  const pointers = new Map<number, { x: number; y: number }>();
  let isDragging = false;
  const at = ({ clientX, clientY }: MouseEvent): { x: number; y: number } => {
    const box = element.getBoundingClientRect();
    return { x: clientX - box.left, y: clientY - box.top };
  };

  const onWheel = (event: WheelEvent): void => {
    event.preventDefault();
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE : 1;
    const [dx, dy] = [event.deltaX * unit, event.deltaY * unit];
    if (event.ctrlKey || event.metaKey) {
      // A pinch on a touchpad comes as a wheel with Ctrl, in small steps.
      const step = Math.abs(dy) < 40 ? dy * 4 : dy;
      hands.zoom(Math.exp(-Math.max(-240, Math.min(240, step)) * WHEEL), at(event));
    } else if (event.shiftKey && dx === 0) {
      hands.move(-dy, 0);
    } else {
      hands.move(-dx, -dy);
    }
  };
  const onDown = (event: PointerEvent): void => {
    if (event.pointerType === 'mouse' && event.button !== 0) {
      return;
    }
    pointers.set(event.pointerId, at(event));
    isDragging &&= pointers.size > 1;
  };
  const onMove = (event: PointerEvent): void => {
    const before = pointers.get(event.pointerId);
    const now = at(event);
    if (!before) {
      if (event.pointerType === 'mouse') {
        hands.hover(now);
      }
      return;
    }
    const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      isDragging = true;
      const [was, is] = [distance(before, other), distance(now, other)];
      hands.move((now.x - before.x) / 2, (now.y - before.y) / 2);
      if (was > 0 && is > 0) {
        hands.zoom(is / was, { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 });
      }
    } else if (isDragging || distance(before, now) > SLACK) {
      if (!isDragging) {
        isDragging = true;
        element.setPointerCapture(event.pointerId);
        element.dataset['dragging'] = 'true';
        hands.hover(null);
      }
      hands.move(now.x - before.x, now.y - before.y);
    } else {
      return;
    }
    pointers.set(event.pointerId, now);
  };
  const onUp = (event: PointerEvent): void => {
    const wasDown = pointers.delete(event.pointerId);
    if (wasDown && !isDragging && event.type === 'pointerup') {
      hands.press(at(event), event);
    }
    if (pointers.size === 0) {
      isDragging = false;
      delete element.dataset['dragging'];
    }
  };
  const onLeave = (): void => {
    hands.hover(null);
  };

  element.addEventListener('wheel', onWheel, { passive: false });
  element.addEventListener('pointerdown', onDown);
  element.addEventListener('pointermove', onMove);
  element.addEventListener('pointerup', onUp);
  element.addEventListener('pointercancel', onUp);
  element.addEventListener('pointerleave', onLeave);
  return () => {
    element.removeEventListener('wheel', onWheel);
    element.removeEventListener('pointerdown', onDown);
    element.removeEventListener('pointermove', onMove);
    element.removeEventListener('pointerup', onUp);
    element.removeEventListener('pointercancel', onUp);
    element.removeEventListener('pointerleave', onLeave);
  };
}

function distance(a: { x: number; y: number }, b: { x: number; y: number }): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}
