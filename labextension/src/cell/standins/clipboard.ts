/** In a cell's output, in place of components/clipboard: what every page has, of JupyterLab or not. */

/** Copy text, also on a page without https, where browsers keep their clipboard to themselves. */
export function copyText(text: string): void {
  const clipboard = navigator.clipboard as Clipboard | undefined;
  if (clipboard) {
    clipboard.writeText(text).catch(() => {
      copyByHand(text);
    });
  } else {
    copyByHand(text);
  }
}

function copyByHand(text: string): void {
  const take = (event: ClipboardEvent): void => {
    event.clipboardData?.setData('text/plain', text);
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  document.addEventListener('copy', take, true);
  // The one way without https.
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  document.execCommand('copy');
  document.removeEventListener('copy', take, true);
}
