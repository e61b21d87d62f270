import { expect, it } from 'vitest';

import { KernelTypesetter } from '../../src/cell/formulas';
import type { Asked, Told } from '../../src/cell/line';
import { MarkdownRenderer } from '../../src/markdown/render';
import { Sanitizer } from '../../src/markdown/sanitizer';

const HALF =
  '<math xmlns="http://www.w3.org/1998/Math/MathML" display="inline"><mfrac><mn>1</mn><mn>2</mn></mfrac></math>';

/** Two outputs of one chat, and what their kernel was asked. */
function begin(): { draw: (text: string) => HTMLElement[]; asked: Asked[]; tell: (told: Told) => void } {
  const [asked, hear]: [Asked[], ((told: Told) => void)[]] = [[], []];
  const words = { image: String, load: String, why: String };
  const pages = [0, 1].map(() => {
    const latexTypesetter = new KernelTypesetter({
      send: one => asked.push(one),
      listen: listener => {
        hear.push(listener);
        return () => undefined;
      }
    });
    return new MarkdownRenderer({ latexTypesetter }, new Sanitizer(words));
  });
  return {
    asked,
    tell: told => {
      hear.forEach(take => {
        take(told);
      });
    },
    draw: text =>
      pages.map(page => {
        const host = document.createElement('div');
        host.append(page.draw(text, null));
        document.body.append(host);
        void page.settle(host);
        return host;
      })
  };
}

it('has the kernel draw formulas, in every output of the chat', async () => {
  const { draw, asked, tell } = begin();
  const [one, other] = draw('It is $\\frac{1}{2}$.');
  await expect.poll(() => asked.length).toBe(2);
  expect(asked[0]).toEqual({ type: 'formula', tex: '\\frac{1}{2}', block: false });
  expect(one?.querySelector('.jp-llmhub-tex')?.textContent).toBe('\\frac{1}{2}');
  tell({ type: 'formula', tex: '\\frac{1}{2}', block: false, mathml: HALF });
  await expect
    .poll(() => one?.querySelector('math mfrac') && other?.querySelector('math mfrac'))
    .toBeTruthy();
});

it('leaves as TeX what is no formula, and takes nothing else for one', async () => {
  const { draw, asked, tell } = begin();
  for (const mathml of [null, '<svg xmlns="http://www.w3.org/2000/svg"/>', '<math', '<math>1</math>']) {
    const tex = `x_${asked.length}`;
    const [one] = draw(`$$${tex}$$`);
    await expect.poll(() => asked.at(-1)).toEqual({ type: 'formula', tex, block: true });
    tell({ type: 'formula', tex, block: true, mathml });
    await expect.poll(() => one?.querySelector('[data-waiting]')).toBeNull();
    expect(one?.textContent.trim()).toBe(tex);
    expect(one?.querySelector('math, svg')).toBeNull();
  }
});
