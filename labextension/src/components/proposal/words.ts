import type { TranslationBundle } from '@jupyterlab/translation';

import type { Fault, ProposalCell } from '../../model/proposal/edits';
import type { Change } from '../../model/proposal/proposal';
import { TEXT } from '../../model/proposal/text';
import type { Unit } from '../../model/proposal/units';

/** Why an answer is no proposal. */
export function faultWords(fault: Fault, trans: TranslationBundle): string {
  switch (fault.kind) {
    case 'none':
      return trans.__('The model proposes no changes here.');
    case 'not-json':
      return trans.__('These changes cannot be read, they are not JSON: %1.', fault.message);
    case 'bad-edit':
      return trans.__('Change %1 is not one that can be made to a notebook.', fault.at);
    case 'unknown-cell':
      return trans.__('Change %1 is about a cell that was not there: “%2”.', fault.at, fault.cell);
    case 'unseen-cell':
      return trans.__(
        'Change %1 is about a cell of which the model saw the first line only: “%2”.',
        fault.at,
        fault.cell
      );
    case 'no-place':
      return trans.__('Change %1 is about lines that are not in the file.', fault.at);
    case 'many-places':
      return trans.__('Change %1 is about lines that are in the file more than once.', fault.at);
  }
}

/** What happens to a cell. `cells`: the notebook as it was when it was asked for. */
export function changeWords(
  change: Change,
  cells: readonly ProposalCell[],
  trans: TranslationBundle
): string {
  const numberOf = (id: string | null): number => cells.findIndex(cell => cell.id === id) + 1;
  const number = numberOf(change.cell.id);
  switch (change.kind) {
    case 'added': {
      const above = numberOf(change.after);
      const isText = change.cell.type === 'markdown';
      if (above === 0) {
        return isText ? trans.__('New text cell') : trans.__('New cell');
      }
      return isText
        ? trans.__('New text cell below cell %1', above)
        : trans.__('New cell below cell %1', above);
    }
    case 'removed':
      return trans.__('Cell %1 is removed', number);
    case 'moved': {
      const above = numberOf(change.after);
      return change.after === null
        ? trans.__('Cell %1 moves to the top', number)
        : above === 0
          ? trans.__('Cell %1 moves below a new cell', number)
          : trans.__('Cell %1 moves below cell %2', number, above);
    }
    case 'changed':
      return change.cell.id === TEXT
        ? trans.__('The file is changed')
        : trans.__('Cell %1 is changed', number);
  }
}

/** How a piece stands, where it cannot be accepted; null where it can. */
export function stateWords(state: Unit['state'], trans: TranslationBundle): string | null {
  switch (state) {
    case 'open':
      return null;
    case 'done':
      return trans.__('Applied');
    case 'edited-since':
      return trans.__('Applied, edited since');
    case 'gone-since':
      return trans.__('Applied, the cell is gone since');
    case 'cell-gone':
      return trans.__('Does not fit any more: the cell is gone');
    case 'cell-changed':
      return trans.__('Does not fit any more: the cell was edited meanwhile');
    case 'lines-changed':
      return trans.__('Does not fit any more: these lines were edited meanwhile');
    case 'read-only':
      return trans.__('The cell can only be read');
  }
}
