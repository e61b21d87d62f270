import { checkIcon, copyIcon, spreadsheetIcon } from '@jupyterlab/ui-components';
import { useEffect, useState } from 'react';

import { compareBy, readTable, toCsv, toPandas } from '../../markdown/tables';
import { copyText } from '../clipboard';
import { IconButton } from '../controls';
import { useDrawing } from '../context';
import { useFlash } from '../hooks';
import { useWorkbench } from '../workbench';

interface Sorting {
  readonly column: number;
  readonly isUp: boolean;
}

/** What can be done with a table: sort by its heads, copy it, read it into a notebook. */
export function TableTools({ table }: { table: HTMLTableElement }) {
  const { trans } = useDrawing();
  const bench = useWorkbench();
  const [copied, flash] = useFlash();
  const [sorting, setSorting] = useState<Sorting | null>(null);
  useHeads(table, sorting, setSorting);

  const obstacle = bench.obstacle('insert-cell');
  return (
    <div className="jp-llmhub-table-tools">
      <IconButton
        icon={copied ? checkIcon : copyIcon}
        label={copied ? trans.__('Copied') : trans.__('Copy as CSV')}
        testId="llmhub-table-copy"
        onClick={() => {
          copyText(toCsv(readTable(table)));
          flash();
        }}
      />
      {bench.exists && (
        <IconButton
          icon={spreadsheetIcon}
          label={obstacle ?? trans.__('Open as DataFrame in the notebook')}
          testId="llmhub-table-dataframe"
          disabled={obstacle !== null}
          onClick={() => {
            bench.perform('insert-cell', { code: toPandas(readTable(table)), language: 'python' });
          }}
        />
      )}
    </div>
  );
}

/** Makes the heads of a drawn table buttons that sort it: up, down, and as it was. */
function useHeads(
  table: HTMLTableElement,
  sorting: Sorting | null,
  setSorting: (change: (before: Sorting | null) => Sorting | null) => void
): void {
  const { trans } = useDrawing();

  useEffect(() => {
    const body = table.tBodies[0];
    const heads = [...(table.tHead?.rows[0]?.cells ?? [])];
    if (!body || body.rows.length < 2) {
      return;
    }
    const buttons = heads.map((head, column) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.className = 'jp-llmhub-sort';
      button.title = trans.__('Sort by this column');
      button.append(...head.childNodes);
      button.addEventListener('click', () => {
        setSorting(before =>
          before?.column !== column ? { column, isUp: true } : before.isUp ? { column, isUp: false } : null
        );
      });
      head.append(button);
      return button;
    });
    return () => {
      for (const button of buttons) {
        button.replaceWith(...button.childNodes);
      }
    };
  }, [table, trans, setSorting]);

  useEffect(() => {
    const body = table.tBodies[0];
    if (!body) {
      return;
    }
    const original = originalOrder(body);
    const heads = [...(table.tHead?.rows[0]?.cells ?? [])];
    for (const [column, head] of heads.entries()) {
      if (sorting?.column === column) {
        head.setAttribute('aria-sort', sorting.isUp ? 'ascending' : 'descending');
      } else {
        head.removeAttribute('aria-sort');
      }
    }
    let order = original;
    if (sorting) {
      const texts = readTable(table).slice(table.tHead?.rows.length ?? 0);
      // What is in the page may be sorted already; what was first decides between equals.
      const shown = [...body.rows];
      const column = original.map(row => texts[shown.indexOf(row)]?.[sorting.column] ?? '');
      const compare = compareBy(column);
      order = original
        .map((_row, index) => index)
        .sort((a, b) => {
          const empty = Number(column[a] === '') - Number(column[b] === '');
          return empty || (sorting.isUp ? compare(a, b) : compare(b, a)) || a - b;
        })
        .flatMap(index => original[index] ?? []);
    }
    body.append(...order);
  }, [table, sorting]);
}

const ORDERS = new WeakMap<HTMLTableSectionElement, HTMLTableRowElement[]>();

function originalOrder(body: HTMLTableSectionElement): HTMLTableRowElement[] {
  const known = ORDERS.get(body) ?? [...body.rows];
  ORDERS.set(body, known);
  return known;
}
