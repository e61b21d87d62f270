import { configure } from '@testing-library/react';
import { afterEach, vi } from 'vitest';

// How long something is waited for; on a machine that does other things besides, a second is not enough.
configure({ asyncUtilTimeout: 10_000 });

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

// jsdom has no way to read a Blob but FileReader.
Blob.prototype.arrayBuffer = function (): Promise<ArrayBuffer> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => {
      resolve(reader.result as ArrayBuffer);
    };
    reader.onerror = () => {
      reject(reader.error ?? new Error('unreadable'));
    };
    reader.readAsArrayBuffer(this);
  });
};
Blob.prototype.text = async function (): Promise<string> {
  return new TextDecoder().decode(await this.arrayBuffer());
};
