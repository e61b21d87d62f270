import { MimeData } from '@lumino/coreutils';
import { Drag } from '@lumino/dragdrop';

import { DRAGGED_CODE } from '../workbench';

const CELLS = 'application/vnd.jupyter.cells';
const MOST_LETTERS = 40;

/** Code on its way out of the chat as JupyterLab drags cells: its notebooks make a cell of it where it is dropped, its editors text. */
export function dragCell(
  cell: { readonly cell_type: 'code' | 'markdown'; readonly source: string },
  text: string
): Drag {
  const rest = cell.cell_type === 'code' ? { outputs: [], execution_count: null } : {};
  const mimeData = new MimeData();
  mimeData.setData(CELLS, [{ ...cell, metadata: {}, ...rest }]);
  // Lines stay lines in front of what they are dropped on.
  mimeData.setData('text/plain', text.includes('\n') ? `${text.trimEnd()}\n` : text);
  mimeData.setData(DRAGGED_CODE, true);
  return new Drag({ mimeData, dragImage: picture(text), supportedActions: 'copy', proposedAction: 'copy' });
}

/** What hangs on the pointer: how the code begins. */
function picture(text: string): HTMLElement {
  const node = document.createElement('div');
  node.className = 'jp-llmhub-dragged';
  const [line = ''] = text.trimStart().split('\n', 1);
  node.textContent = line.length > MOST_LETTERS ? `${line.slice(0, MOST_LETTERS)}…` : line;
  return node;
}
