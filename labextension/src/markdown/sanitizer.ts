import type { IRenderMime } from '@jupyterlab/rendermime';
import createDOMPurify from 'dompurify';

const TAGS = (
  'a abbr b bdi bdo big blockquote br caption center cite code col colgroup dd del details dfn div dl dt em figcaption figure ' +
  'h1 h2 h3 h4 h5 h6 hr i img input ins kbd li mark ol p pre q rp rt ruby s samp small span strike strong sub summary sup ' +
  'table tbody td tfoot th thead time tr tt u ul var wbr'
).split(' ');
const ATTRIBUTES =
  'href src alt title align valign colspan rowspan span start reversed value type checked open width height lang dir class'.split(
    ' '
  );
/** Names that only colour code or tables; any other could dress up as a part of the page. */
const CLASSES = /^(?:language-[\w+#.-]{1,40}|dataframe)$/;

/** Where an image may always come from: what is in the message itself. Anything else would tell its server what was said. */
const LOCAL_IMAGE = /^data:image\/(?:png|jpe?g|gif|webp|avif|bmp);/i;

const AS_FRAGMENT = { RETURN_DOM_FRAGMENT: true } as const;

/** The words that are put where something was taken out. */
export interface SanitizerWords {
  /** In place of an image that cannot be shown. */
  image: (alt: string) => string;
  /** On the button that fetches the images of one host. */
  load: (host: string) => string;
  /** When the pointer is over it. */
  why: (address: string) => string;
}

/** What the sanitizer asks whether images of a host may be fetched. */
export type Loads = (host: string) => boolean;

/** Marks what is ours in cleaned HTML; nothing in a message can have these names. */
export const LOAD_CLASS = 'jp-llmhub-load';
export const FILE_CLASS = 'jp-llmhub-file-link';

/**
 * A sanitizer for what a model says: stricter than JupyterLab's own, which trusts documents of the user.
 *
 * Only elements and attributes that Markdown could have made stay: no forms or buttons (JupyterLab runs commands that stand on
 * them), no styles, ids or names (they could dress up as the page). Links lead out by http, https or mail only, in a tab of their
 * own, and say where to. No image comes from elsewhere before a person has asked for that host's: its address could carry the
 * conversation away.
 */
export class Sanitizer implements IRenderMime.ISanitizer {
  private readonly purify = createDOMPurify(window);

  constructor(private readonly words: SanitizerWords) {
    // Once: to read them for every block took a seventh of the time that cleaning takes.
    this.purify.setConfig({
      ALLOWED_TAGS: TAGS,
      ALLOWED_ATTR: ATTRIBUTES,
      ALLOW_ARIA_ATTR: false,
      ALLOW_DATA_ATTR: false,
      ADD_FORBID_CONTENTS: ['textarea', 'option', 'svg', 'math'],
      ...AS_FRAGMENT
    });
  }

  /** As JupyterLab's renderers want it. */
  sanitize(dirty: string): string {
    const host = document.implementation.createHTMLDocument('').createElement('div');
    host.append(this.clean(dirty));
    return host.innerHTML;
  }

  clean(dirty: string, loads: Loads = () => false): DocumentFragment {
    // In a document of its own, where nothing is fetched yet.
    const fragment = this.purify.sanitize(dirty, AS_FRAGMENT);
    for (const element of fragment.querySelectorAll('[class], input, a, img')) {
      this.check(element, loads);
    }
    return fragment;
  }

  private check(element: Element, loads: Loads): void {
    const classes = [...element.classList].filter(name => CLASSES.test(name));
    if (classes.length) {
      element.className = classes.join(' ');
    } else {
      element.removeAttribute('class');
    }
    // Nodes here belong to another document, whose classes are not ours: ask for the name.
    switch (element.nodeName) {
      case 'INPUT':
        if (element.getAttribute('type') === 'checkbox') {
          element.setAttribute('disabled', '');
        } else {
          element.remove();
        }
        break;
      case 'A':
        checkLink(element as HTMLAnchorElement);
        break;
      case 'IMG':
        this.checkImage(element as HTMLImageElement, loads);
        break;
    }
  }

  private checkImage(image: HTMLImageElement, loads: Loads): void {
    const source = image.getAttribute('src') ?? '';
    const alt = image.getAttribute('alt') ?? '';
    if (LOCAL_IMAGE.test(source)) {
      image.setAttribute('alt', alt);
      return;
    }
    const url = outside(source);
    if (!url || url.protocol === 'mailto:') {
      image.replaceWith(this.words.image(alt));
    } else if (loads(url.host)) {
      image.src = url.href;
      image.alt = alt;
      image.referrerPolicy = 'no-referrer';
      image.loading = 'lazy';
    } else {
      image.replaceWith(this.placeholder(url, alt));
    }
  }

  /** What stands for an image until somebody wants to see it. */
  private placeholder(url: URL, alt: string): Element {
    const inert = document.implementation.createHTMLDocument('');
    const box = inert.createElement('span');
    box.className = 'jp-llmhub-remote';
    const words = inert.createElement('span');
    words.textContent = this.words.image(alt);
    const button = inert.createElement('button');
    button.type = 'button';
    button.className = LOAD_CLASS;
    button.dataset['host'] = url.host;
    button.title = this.words.why(url.href);
    button.textContent = this.words.load(url.host);
    box.append(words, button);
    return box;
  }
}

function checkLink(link: HTMLAnchorElement): void {
  const address = link.getAttribute('href') ?? '';
  const url = outside(address);
  if (url) {
    const said = link.getAttribute('title');
    // As the browser will ask for it: other scripts, hidden signs and signs that turn the writing round are spelled out.
    link.setAttribute('title', said ? `${url.href}\n${said}` : url.href);
    link.setAttribute('href', url.href);
    link.setAttribute('target', '_blank');
    link.setAttribute('rel', 'noopener noreferrer');
    return;
  }
  const path = fileIn(address);
  const instead = link.ownerDocument.createElement(path ? 'button' : 'span');
  if (path) {
    instead.setAttribute('type', 'button');
    instead.className = FILE_CLASS;
    instead.dataset['path'] = path;
    instead.title = path;
  }
  instead.append(...link.childNodes);
  link.replaceWith(instead);
}

/** An address that leads out of this page, without a name and password that could pass for its host. */
export function outside(address: string): URL | null {
  // Not with a base: what has no scheme is a path, or nothing.
  if (!/^\s*(?:https?:\/\/|mailto:)/i.test(address)) {
    return null;
  }
  try {
    const url = new URL(address.trim());
    url.username = '';
    url.password = '';
    return url;
  } catch {
    return null;
  }
}

/** A path in the workspace, if the address can be one and stays in it. */
function fileIn(address: string): string | null {
  let path: string;
  try {
    path = decodeURI(address.trim().replace(/[#?].*$/s, '')).replace(/^(?:\.\/)+/, '');
  } catch {
    return null;
  }
  const isPlain = path !== '' && !/^[/\\]|[\\:<>"|*\p{C}]|(?:^|\/)\.\.?(?:\/|$)/u.test(path);
  return isPlain && /\.\w{1,10}$/.test(path) ? path : null;
}
