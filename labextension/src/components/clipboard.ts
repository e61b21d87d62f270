import { Clipboard } from '@jupyterlab/apputils';

/** Copy text, also on a page without https, where browsers keep their clipboard to themselves. */
export function copyText(text: string): void {
  Clipboard.copyToSystem(text);
}
