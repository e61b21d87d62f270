/**
 * For the browser tests (tests/ui/test_inert.py), which bundle it: our Markdown in a real browser, drawn as the panel draws it while
 * an answer grows, at every length that it can have. Nothing of this is in the extension.
 */
import { BlockSplitter } from '../../src/markdown/blocks';
import { readCode } from '../../src/markdown/fence';
import { mend } from '../../src/markdown/mend';
import { patch } from '../../src/markdown/patch';
import { MarkdownRenderer } from '../../src/markdown/render';
import { Sanitizer } from '../../src/markdown/sanitizer';

const TAGS =
  /^(?:A|ABBR|B|BDI|BDO|BIG|BLOCKQUOTE|BR|CAPTION|CENTER|CITE|CODE|COL|COLGROUP|DD|DEL|DETAILS|DFN|DIV|DL|DT|EM|FIGCAPTION|FIGURE|H[1-6]|HR|I|IMG|INPUT|INS|KBD|LI|MARK|OL|P|PRE|Q|RP|RT|RUBY|S|SAMP|SMALL|SPAN|STRIKE|STRONG|SUB|SUMMARY|SUP|TABLE|TBODY|TD|TFOOT|TH|THEAD|TIME|TR|TT|U|UL|VAR|WBR)$/;
const ATTRIBUTES =
  /^(?:href|src|alt|title|align|valign|colspan|rowspan|span|start|reversed|value|type|checked|disabled|open|width|height|lang|dir|class|target|rel)$/;
const OURS = /^jp-llmhub-(?:load|file-link)$/;
const CLASSES = /^(?:language-[\w+#.-]{1,40}|dataframe|jp-llmhub-(?:remote|load|file-link|tex|tex-display))$/;

const words = {
  image: (alt: string) => alt,
  load: (host: string) => host,
  why: (address: string) => address
};
const markdown = new MarkdownRenderer({ latexTypesetter: null }, new Sanitizer(words));

/** Everything under `root` that could run, lead astray, dress up as the page, or ask somebody for something. */
function faultsIn(root: ParentNode): string[] {
  const faults: string[] = [];
  for (const element of root.querySelectorAll('*')) {
    const isOurs = element.tagName === 'BUTTON' && OURS.test(element.className);
    if (element.namespaceURI !== 'http://www.w3.org/1999/xhtml' || !(TAGS.test(element.tagName) || isOurs)) {
      faults.push(`<${element.tagName}>`);
    }
    for (const { name, value } of element.attributes) {
      const isRight =
        name === 'href'
          ? /^(?:https?:\/\/|mailto:)/.test(value) && element.getAttribute('rel') === 'noopener noreferrer'
          : name === 'src'
            ? /^data:image\/(?:png|jpeg|gif)[;,]/.test(value)
            : name === 'type'
              ? /^(?:button|checkbox|[1aAiI]|disc|circle|square)$/.test(value)
              : name === 'class'
                ? value.split(/\s+/).every(one => CLASSES.test(one))
                : ATTRIBUTES.test(name) ||
                  (isOurs && /^data-(?:host|path)$/.test(name)) ||
                  (name === 'data-waiting' && element.className.startsWith('jp-llmhub-tex'));
      if (!isRight) {
        faults.push(`${name}=${value}`);
      }
    }
  }
  return faults;
}

/** Draw a text at each of its lengths, click what is there, and say what is wrong: at which length, and what. */
function everyPrefix(text: string): { drawn: number; faults: string[] } {
  const splitter = new BlockSplitter(markdown.grammar);
  const page = document.createElement('div');
  document.body.append(page);
  const faults: string[] = [];
  let drawn = 0;
  const before = new Map<Element, string>();
  for (let end = 1; end <= text.length; end++) {
    const done = end === text.length;
    for (const [index, block] of splitter.split(text.slice(0, end), done).entries()) {
      const { raw, type, links, closed } = block;
      const host = page.children[index] ?? page.appendChild(document.createElement('div'));
      // What is stored, and what is shown of it while it grows.
      for (const source of closed ? [raw] : [raw, mend(raw, type)]) {
        if (before.get(host) === type + source) {
          continue;
        }
        before.set(host, type + source);
        if (type === 'code') {
          host.textContent = readCode(source).code;
        } else {
          patch(host, markdown.draw(source, links));
        }
        drawn += 1;
        for (const one of host.querySelectorAll<HTMLElement>('*:not(a[href^="http"], a[href^="mailto:"])')) {
          one.dispatchEvent(new MouseEvent('click', { cancelable: true }));
        }
        faults.push(...faultsIn(host).map(fault => `${String(end)}: ${fault}`));
      }
    }
  }
  page.remove();
  return { drawn, faults };
}

/** What the same text would be without any care: the grammar's HTML as it comes. */
function careless(text: string): { html: string; faults: string[] } {
  const { html } = markdown.grammar.toHtml(text, null);
  const template = document.createElement('template');
  template.innerHTML = html;
  return { html, faults: faultsIn(template.content) };
}

Object.assign(window, { prefixes: { everyPrefix, careless } });
