import { SplitPanel, Widget } from '@lumino/widgets';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { widen } from '../../src/plugins/width';

const frames: (() => void)[] = [];
const nextFrame = (): void => {
  for (const draw of frames.splice(0)) {
    draw();
  }
};

beforeEach(() => {
  vi.stubGlobal('requestAnimationFrame', (draw: () => void) => frames.push(draw));
});

afterEach(() => {
  vi.unstubAllGlobals();
  frames.length = 0;
});

/** A page of 1,400 pixels whose side area is as wide as was last said, as JupyterLab's. */
function page(): { split: SplitPanel; side: Widget; settle: (width: number) => void } {
  const [split, main, side] = [new SplitPanel({ orientation: 'horizontal' }), new Widget(), new Widget()];
  let width = 250;
  const widthOf = (node: HTMLElement, get: () => number): void => {
    Object.defineProperty(node, 'clientWidth', { get });
  };
  widthOf(split.node, () => 1400);
  widthOf(main.node, () => 1400 - width);
  widthOf(side.node, () => width);
  vi.spyOn(split, 'setRelativeSizes').mockImplementation(sizes => {
    width = sizes[1] ?? 0;
  });
  split.addWidget(main);
  split.addWidget(side);
  return { split, side, settle: to => (width = to) };
}

test('a layout that comes later, or comes back, does not leave the panel narrow', () => {
  const { split, side, settle } = page();
  widen(side);
  nextFrame();
  expect(side.node.clientWidth).toBe(250); // nothing is on the page yet

  Widget.attach(split, document.body);
  nextFrame();
  expect(side.node.clientWidth).toBe(460);

  settle(250);
  nextFrame();
  expect(side.node.clientWidth).toBe(460);
  split.dispose();
});

test("when the page rests, the width is the person's", () => {
  const { split, side, settle } = page();
  Widget.attach(split, document.body);
  widen(side);
  for (let frame = 0; frame < 60; frame++) {
    nextFrame();
  }
  settle(300);
  nextFrame();
  expect(side.node.clientWidth).toBe(300);
  split.dispose();
});
