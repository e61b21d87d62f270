import { type RefObject, useLayoutEffect } from 'react';

/** Between what opens above the composer and the panel's upper edge. Pixels. */
const GAP = 8;

/** Tells the style, as `--jp-llmhub-room`, how much of the panel is above the composer: what opens there may not be higher. */
export function useRoom(composer: RefObject<HTMLElement>): void {
  useLayoutEffect(() => {
    const element = composer.current;
    const panel = element?.closest('.jp-llmhub-panel');
    if (!element || !panel || typeof ResizeObserver === 'undefined') {
      return;
    }
    const observer = new ResizeObserver(() => {
      const room = element.getBoundingClientRect().top - panel.getBoundingClientRect().top - GAP;
      element.style.setProperty('--jp-llmhub-room', `${Math.max(0, Math.floor(room))}px`);
    });
    observer.observe(element);
    observer.observe(panel);
    return () => {
      observer.disconnect();
    };
  }, [composer]);
}
