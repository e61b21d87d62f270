import { beforeEach, describe, expect, it, vi } from 'vitest';

import { keepPresses } from '../../src/components/thread/presses';

describe('a press in the thread', () => {
  const pointer = (target: Element, type: string, x = 10, y = 10): void => {
    const event = new MouseEvent(type, { bubbles: true, clientX: x, clientY: y });
    target.dispatchEvent(Object.assign(event, { isPrimary: true }));
  };
  let view: HTMLElement;
  let button: HTMLElement;
  const clicked = vi.fn();
  let leave: () => void;

  beforeEach(() => {
    document.body.innerHTML =
      '<div id="view"><button><span>Worked in 3 steps</span></button><p>Text</p></div>';
    view = document.querySelector('#view')!;
    button = view.querySelector('button')!;
    clicked.mockReset();
    button.addEventListener('click', clicked);
    leave = keepPresses(view);
  });

  it('is for what was under the pointer, also when that is moved away before it is let go', () => {
    pointer(button.firstElementChild!, 'pointerdown');
    pointer(view.querySelector('p')!, 'pointerup');
    expect(clicked).toHaveBeenCalledTimes(1);
  });

  it('is left to the browser where nothing moved, and is none where the hand moved', () => {
    pointer(button, 'pointerdown');
    pointer(button.firstElementChild!, 'pointerup');
    pointer(button, 'pointerdown');
    pointer(view.querySelector('p')!, 'pointerup', 10, 40);
    expect(clicked).not.toHaveBeenCalled();
  });

  it('is taken back by a hand that leaves what stayed where it was, however near', () => {
    button.getBoundingClientRect = () => new DOMRect(0, 0, 12, 12);
    pointer(button, 'pointerdown');
    pointer(view.querySelector('p')!, 'pointerup', 10, 14);
    expect(clicked).not.toHaveBeenCalled();
  });

  it('is none of ours when the thread is gone', () => {
    pointer(button, 'pointerdown');
    leave();
    pointer(view.querySelector('p')!, 'pointerup');
    expect(clicked).not.toHaveBeenCalled();
  });
});
