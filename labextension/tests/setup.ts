import { afterEach, vi } from 'vitest';

/** What browsers have and jsdom has not. */
class Observer {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
}
vi.stubGlobal('ResizeObserver', Observer);
vi.stubGlobal('IntersectionObserver', Observer);
vi.stubGlobal('DragEvent', class extends MouseEvent {});
window.matchMedia = (media: string): MediaQueryList =>
  ({
    media,
    matches: false,
    addEventListener: () => {},
    removeEventListener: () => {}
  }) as unknown as MediaQueryList;
Element.prototype.scrollIntoView = (): void => {};
Element.prototype.scrollTo = (): void => {};

afterEach(() => {
  window.localStorage.clear();
});
