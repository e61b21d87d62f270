import type { IRenderMime } from '@jupyterlab/rendermime';
import createDOMPurify from 'dompurify';

const FORBIDDEN = (
  'form button select textarea option style link meta base iframe frame object embed applet ' +
  'video audio source track picture dialog portal marquee svg math'
).split(' ');

/** Where an image may come from: what is in the message itself. Anything else would tell its server what was said. */
const LOCAL_IMAGE = /^(?:data:image\/(?:png|jpe?g|gif|webp|avif|bmp);|blob:)/i;

/**
 * A sanitizer for what a model says: stricter than JupyterLab's own, which trusts documents of the user.
 *
 * No forms or buttons (JupyterLab runs commands that stand on them), no styles, ids or names (they could dress up as the page), and
 * no image from elsewhere (its address could carry the conversation away); such an image becomes a link that a person may follow.
 */
export function createSanitizer(imageWords: string): IRenderMime.ISanitizer {
  const purify = createDOMPurify(window);
  purify.addHook('afterSanitizeAttributes', node => {
    for (const { name } of [...node.attributes]) {
      if (name === 'id' || name === 'name' || name === 'tabindex' || name.startsWith('data-')) {
        node.removeAttribute(name);
      }
    }
    // Nodes here belong to another document, whose classes are not ours: ask for the name.
    if (node.nodeName === 'INPUT') {
      node.setAttribute('disabled', '');
    } else if (node.nodeName === 'A') {
      node.setAttribute('rel', 'noopener noreferrer');
      node.setAttribute('target', '_blank');
    }
  });
  return {
    sanitize: dirty => {
      // In a document of its own, where nothing is fetched yet.
      const body = purify.sanitize(dirty, {
        FORBID_TAGS: FORBIDDEN,
        FORBID_ATTR: [
          'style',
          'srcset',
          'background',
          'poster',
          'formaction',
          'action',
          'usemap',
          'ping',
          'autofocus'
        ],
        ALLOW_DATA_ATTR: false,
        ADD_ATTR: ['target'],
        RETURN_DOM: true
      }) as HTMLElement;
      for (const input of body.querySelectorAll('input')) {
        if (input.type !== 'checkbox') {
          input.remove();
        }
      }
      for (const image of body.querySelectorAll('img')) {
        if (!LOCAL_IMAGE.test(image.getAttribute('src') ?? '')) {
          image.replaceWith(linkInstead(image, imageWords));
        }
      }
      return body.innerHTML;
    }
  };
}

function linkInstead(image: HTMLImageElement, words: string): Node {
  const source = image.getAttribute('src') ?? '';
  const label = image.alt ? `${words}: ${image.alt}` : words;
  if (!/^https?:/i.test(source)) {
    return document.createTextNode(`[${label}]`);
  }
  const link = document.createElement('a');
  link.href = source;
  link.rel = 'noopener noreferrer';
  link.target = '_blank';
  link.textContent = `[${label}]`;
  return link;
}
