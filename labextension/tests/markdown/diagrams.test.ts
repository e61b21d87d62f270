import { describe, expect, it, vi } from 'vitest';

import { cleanDiagram, Diagrams } from '../../src/markdown/diagrams';

describe('The source of a diagram', () => {
  it.each([
    'flowchart TD\n  A[Start] -->|yes| B{x < 3?}\n  B --> C & D',
    'classDiagram\n  class Shape {\n    <<interface>>\n    +area() float\n  }\n  Animal <|-- Duck',
    'graph LR\n  A["one<br>two #35; three #quot;four#quot;"] --> B["a\\nb"]\n  classDef hot fill:#f96,stroke:rgb(1, 2, 3),stroke-width:2px;',
    'graph LR\n  link --> click\n  click --> done',
    'sequenceDiagram\n  Alice->>Bob: Hello; how are you?\n  rect rgb(191, 223, 255)\n  Bob-->>Alice: (fine)\n  end'
  ])('is drawn as it stands where it says only what to draw: %s', source => {
    expect(cleanDiagram(source)).toEqual({ source });
  });

  it('loses its own configuration and keeps its title', () => {
    const source =
      '---\ntitle: "Who: what"\nconfig:\n  securityLevel: loose\n---\n%%{init: {"themeCSS": "x"}}%%\ngraph TD\n  A --> B %%{init: {\n "a": 1}}%%';
    expect(cleanDiagram(source)).toEqual({
      source: '---\ntitle: "Who: what"\n---\n\ngraph TD\n  A --> B '
    });
    expect(cleanDiagram('%%%%{x}%%{init: {}}%%graph TD')).toEqual({ source: 'graph TD' });
    expect(cleanDiagram('---\na: 1\n---\n---\nconfig: {}\n---\npie')).toEqual({ source: 'pie' });
  });

  it('shows addresses as words that are none', () => {
    expect(cleanDiagram('---\ntitle: http://a\n---\ngraph TD\n  A["see https://example.org"]')).toEqual({
      source: '---\ntitle: "http:\u2060//a"\n---\ngraph TD\n  A["see https:\u2060//example.org"]'
    });
  });

  it('loses what would happen at a click', () => {
    const source =
      'graph TD\n  A --> B\n  click A call run()\n  click B href "x" "tip"\n  link Alice: Wiki @ /wiki\n  links Bob: {"a": "/b"}\n  C --> D';
    expect(cleanDiagram(source)).toEqual({ source: 'graph TD\n  A --> B\n\n\n\n\n  C --> D' });
  });

  it.each([
    'graph TD\n  A["<img src=x onerror=alert(1)>"]',
    'graph TD\n  A["#lt;img src=x#gt;"]',
    'graph TD\n  A["&amp;lt;img src=x>"]',
    'graph TD\n  A["&#x3c;script>"]',
    'graph TD\n  A["<!-- x"]',
    'graph TD\n  A["<br onclick=x>"]',
    'graph TD\n  A\n  style A fill:url(x)',
    'graph TD\n  A\n  style A fill:\\75 rl(x)',
    'graph TD\n  A\n  style A fill:u/**/rl(x)',
    'graph TD\n  A; classDef x fill:red } body { display:none',
    'graph TD\n  A["https#colon;//example.org"]',
    'graph TD\n  A@{ img: "x.png" }',
    'graph TD\n  A@{ "im\\x67": "x.png" }',
    'graph TD\n  A@{\n  ? img\n  : x.png }',
    'sequenceDiagram\n  box image-set("//x" 1x)',
    '---\ntitle: <img src=x>\n---\ngraph TD\n  A'
  ])('is refused where it could fetch or be more than a picture: %s', source => {
    expect(cleanDiagram(source)).toEqual({ fault: 'unsafe' });
  });

  it('is refused where drawing it would stop the page', () => {
    expect(cleanDiagram(`graph TD\n${'A --> B\n'.repeat(401)}`)).toEqual({ fault: 'large' });
    const many = Array.from({ length: 60 }, (_, index) => `n${index}`).join(' & ');
    expect(cleanDiagram(`graph TD\n${many} --> ${many}`)).toEqual({ fault: 'large' });
    expect(cleanDiagram(`graph TD\nA[${'x'.repeat(20_000)}]`)).toEqual({ fault: 'large' });
  });

  it('is read to its end, whatever it is', () => {
    for (const piece of [
      '%%{',
      '---\n',
      '@{',
      '#lt',
      '\\75',
      '<<',
      'style ',
      'click ',
      ' & ',
      '/*',
      '&#',
      '<br '
    ]) {
      expect(cleanDiagram(piece.repeat(20_000 / piece.length))).toBeTruthy();
    }
  });
});

describe('Diagrams', () => {
  it('are drawn once per theme, as an image with the size of its drawing', async () => {
    const renderSvg = vi.fn(() =>
      Promise.resolve({ svg: '<svg id="a" viewBox="-8 -8 120.5 60"><g/></svg>', accessibleTitle: 'The way' })
    );
    const diagrams = new Diagrams({ renderSvg });
    const seen = vi.fn();
    diagrams.subscribe(seen);
    expect(diagrams.known('graph TD')).toBeNull();
    const drawn = await diagrams.draw('graph TD');
    expect(drawn).toEqual({
      picture: {
        url: expect.stringMatching(/^data:image\/svg\+xml,%3Csvg/) as string,
        width: 121,
        height: 60,
        description: 'The way'
      }
    });
    expect(await diagrams.draw('graph TD')).toBe(drawn);
    expect(diagrams.known('graph TD')).toBe(drawn);
    expect(renderSvg).toHaveBeenCalledTimes(1);

    diagrams.renew();
    expect(seen).toHaveBeenCalledTimes(1);
    expect(diagrams.known('graph TD')).toBeNull();
    await diagrams.draw('graph TD');
    expect(renderSvg).toHaveBeenCalledTimes(2);
  });

  it('say what is wrong with them, and hostile ones reach nobody', async () => {
    const renderSvg = vi.fn(() => Promise.reject(new Error('Parse error on line 2:\n...A[\n---^')));
    const diagrams = new Diagrams({ renderSvg });
    expect(await diagrams.draw('graph TD\nA[')).toEqual({ fault: 'broken', line: 2 });
    expect(await diagrams.draw('graph TD\nA["<img src=x>"]')).toEqual({ fault: 'unsafe' });
    expect(renderSvg).toHaveBeenCalledTimes(1);
  });
});
