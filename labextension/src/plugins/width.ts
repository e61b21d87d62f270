import { SplitPanel, type Widget } from '@lumino/widgets';

/** Width of the panel when it is first seen. Pixels, and at most this share of the window. */
const WIDTH = 460;
const SHARE = 0.38;
/** As long may JupyterLab still be laying out its page, and give the side area the width that it had. */
const FRAMES = 30;

/** Gives the side area where the panel is the width for a first look, and sees to it that it stays so while the page comes to rest. */
export function widen(panel: Widget, frames = FRAMES): void {
  requestAnimationFrame(() => {
    widenOnce(panel);
    if (frames > 1) {
      widen(panel, frames - 1);
    }
  });
}

function widenOnce(panel: Widget): void {
  let side: Widget | null = panel;
  while (side && !(side.parent instanceof SplitPanel && side.parent.orientation === 'horizontal')) {
    side = side.parent;
  }
  const split = side?.parent;
  if (!side || !(split instanceof SplitPanel)) {
    return;
  }
  const wanted = Math.min(WIDTH, split.node.clientWidth * SHARE);
  const missing = wanted - side.node.clientWidth;
  const at = split.widgets.indexOf(side);
  const main = split.widgets.slice(0, at).findLastIndex(widget => widget.isVisible);
  if (!side.isVisible || missing < 1 || main < 0) {
    return;
  }
  const widths = split.widgets.map(widget => (widget.isVisible ? widget.node.clientWidth : 0));
  widths[at] = wanted;
  widths[main] = Math.max(0, (widths[main] ?? 0) - missing);
  split.setRelativeSizes(widths);
}
