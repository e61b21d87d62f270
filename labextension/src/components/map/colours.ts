import { useSyncExternalStore } from 'react';

/** So many models are told apart by colour. */
export const HUES = 8;

/** What the canvas draws with: the colours of the theme, as the page has them now. */
export interface Colours {
  readonly line: string;
  readonly path: string;
  readonly person: string;
  readonly failed: string;
  readonly ground: string;
  /** By model. */
  readonly hues: readonly string[];
}

const NAMES = ['line', 'path', 'person', 'failed', 'ground'] as const;

/** Colours as `element` inherits them. A canvas knows no variables, so each is tried on. */
export function coloursOf(element: HTMLElement): Colours {
  const probe = document.createElement('span');
  element.append(probe);
  const look = (name: string): string => {
    probe.style.color = `var(--jp-llmhub-map-${name})`;
    return getComputedStyle(probe).color;
  };
  const plain = Object.fromEntries(NAMES.map(name => [name, look(name)])) as Record<
    (typeof NAMES)[number],
    string
  >;
  const hues = Array.from({ length: HUES }, (_, at) => look(`hue-${at}`));
  probe.remove();
  return { ...plain, hues };
}

/** Another whenever the page may have other colours. */
export function useTheme(): string {
  return useSyncExternalStore(onTheme, themeNow);
}

const FORCED = '(forced-colors: active)';

function themeNow(): string {
  return `${document.body.dataset['jpThemeName'] ?? ''} ${matchMedia(FORCED).matches}`;
}

function onTheme(listener: () => void): () => void {
  const observer = new MutationObserver(() => {
    // The sheet of the theme is there before its name; what it says is known in the next frame.
    requestAnimationFrame(listener);
  });
  observer.observe(document.body, { attributes: true, attributeFilter: ['data-jp-theme-name'] });
  const forced = matchMedia(FORCED);
  forced.addEventListener('change', listener);
  return () => {
    observer.disconnect();
    forced.removeEventListener('change', listener);
  };
}
