import { act, cleanup, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it } from 'vitest';

import type { ProposalCell } from '../../src/model/proposal/edits';
import type { OpenNotebooks } from '../../src/model/proposal/notebook';
import { baseIn, requestFile } from '../../src/model/proposal/request';
import { Trials } from '../../src/model/proposal/trials';
import { page, type Page } from '../support/services';
import { question, showLast, under } from '../support/shown';
import { message } from '../support/values';

const CELLS: readonly ProposalCell[] = [
  { id: 'a', type: 'code', source: 'import pandas\n\nload()\n\nshow()' },
  { id: 'b', type: 'code', source: 'last' }
];
const FILE = requestFile({ path: 'a.ipynb', cells: CELLS }, { language: 'python', about: [] });

let now: readonly ProposalCell[];
let isOpen: boolean;
let opened: string[];
let here: Page;
let version = 0;
let tell: () => void;

const notebooks: OpenNotebooks = {
  find: ({ path }) =>
    isOpen
      ? {
          path,
          isReadOnly: false,
          cells: () => now,
          isLocked: () => false,
          make: cells => {
            now = cells;
          },
          last: null,
          undo: () => undefined,
          reveal: () => undefined,
          runner: null
        }
      : null,
  open: path => {
    opened.push(path);
    return Promise.reject(new Error('There is no such file.'));
  },
  subscribe: listener => {
    tell = listener;
    return () => undefined;
  },
  version: () => version
};

beforeEach(async () => {
  now = CELLS;
  isOpen = true;
  opened = [];
  here = await page({ fileText: () => FILE.text() });
  const trials = new Trials(notebooks, here.hub.storage, here.hub.preferences);
  Object.assign(here.services, { notebooks, trials });
});
afterEach(cleanup);

async function answer(block: string): Promise<void> {
  const file = { type: 'file' as const, file_id: 'f1', name: FILE.name, media_type: FILE.type };
  const asked = { ...question, parts: [...question.parts, file] };
  const parts = [{ type: 'text' as const, text: `So:\n\n\`\`\`notebook-edits\n${block}\n\`\`\`` }];
  await showLast(here, asked, message('m2', { ...under, parts }));
}

const EDITS = [
  { op: 'replace', cell: 'a', source: 'import polars\n\nload()\n\nplot()' },
  { op: 'delete', cell: 'b' }
];

it('a part, a cell or all of a proposal is accepted, by the keyboard alone, and taken back', async () => {
  const user = userEvent.setup();
  await answer(JSON.stringify(EDITS));
  const apply = await screen.findByTestId('llmhub-proposal-apply');
  expect(apply.textContent).toBe('Apply all');
  await user.click(screen.getByLabelText('Part 1 of 2'));
  expect(screen.getByLabelText<HTMLInputElement>('Cell 1 is changed').indeterminate).toBe(true);
  await user.click(screen.getByLabelText('Cell 2 is removed'));
  expect(apply.textContent).toBe('Apply 1 change');
  apply.focus();
  await user.keyboard('{Enter}');
  expect(now.map(cell => cell.source)).toEqual(['import pandas\n\nload()\n\nplot()', 'last']);
  expect(screen.getByText('Applied')).toBeTruthy();
  await user.click(screen.getByTestId('llmhub-proposal-undo'));
  expect(now).toEqual(CELLS);
  expect(screen.queryByText('Applied')).toBe(null);
  expect(document.activeElement).toBe(screen.getByTestId('llmhub-proposal-apply'));
});

function edit(cell: string, source: string): void {
  now = now.map(one => (one.id === cell ? { ...one, source } : one));
  act(() => {
    version += 1;
    tell();
  });
}

it('what is edited after it was applied says so, and what never fitted says that', async () => {
  const user = userEvent.setup();
  await answer(JSON.stringify(EDITS));
  await screen.findByTestId('llmhub-proposal');
  await user.click(screen.getByLabelText('Part 2 of 2'));
  await user.click(screen.getByTestId('llmhub-proposal-apply'));
  expect(now.map(cell => cell.source)).toEqual(['import polars\n\nload()\n\nshow()']);
  edit('a', 'import polars as pl\n\nload()\n\nshow(1)');
  const card = screen.getByTestId('llmhub-proposal');
  expect([...card.querySelectorAll('.jp-llmhub-proposal-state')].map(state => state.textContent)).toEqual([
    'Applied, edited since',
    'Does not fit any more: these lines were edited meanwhile',
    'Applied'
  ]);
  expect(screen.getByTestId('llmhub-proposal-again')).toBeTruthy();
  // Nothing more is to be decided when the other part is made by hand.
  edit('a', 'import polars as pl\n\nload()\n\nplot()');
  expect(screen.queryByTestId('llmhub-proposal-again')).toBe(null);
  expect(screen.getAllByRole('status').some(({ textContent }) => textContent === 'Applied')).toBe(true);
});

it('a proposal is refused, and looked at again', async () => {
  const user = userEvent.setup();
  await answer(JSON.stringify(EDITS));
  await user.click(await screen.findByTestId('llmhub-proposal-refuse'));
  expect(screen.queryByTestId('llmhub-proposal-apply')).toBe(null);
  expect(now).toBe(CELLS);
  const again = screen.getByTestId('llmhub-proposal-look');
  expect(document.activeElement).toBe(again);
  await user.click(again);
  expect(screen.getByTestId('llmhub-proposal-apply')).toBeTruthy();
});

it('a notebook that is not open is opened first, and why it cannot be is said', async () => {
  const user = userEvent.setup();
  isOpen = false;
  await answer(JSON.stringify(EDITS));
  await user.click(await screen.findByTestId('llmhub-proposal-open'));
  expect(opened).toEqual(['a.ipynb']);
  expect((await screen.findByRole('alert')).textContent).toContain('There is no such file.');
});

it.each([
  ['[{"op": "replace"}]', 'Change 1 is not one that can be made'],
  ['[{"op": "delete", "cell": "z"}]', 'Change 1 is about a cell that was not there: “z”'],
  ['[{"op": ', 'are not JSON']
])('what cannot be read as changes stands there as text, with why: %s', async (block, why) => {
  await answer(block);
  await waitFor(() => {
    expect(screen.getByTestId('llmhub-message').textContent).toContain(why);
  });
  expect(screen.getByTestId('llmhub-code').textContent).toContain(block);
});

it('a proposal that no longer fits is asked for again, about the notebook as it is now', async () => {
  const user = userEvent.setup();
  const asked: { text: string; files?: readonly File[] | undefined }[] = [];
  here.session.writing.ask = (text, files) => {
    asked.push({ text, files });
    return Promise.resolve(true);
  };
  now = CELLS.map(cell => (cell.id === 'a' ? { ...cell, source: 'mine' } : cell));
  await answer(JSON.stringify(EDITS));
  await user.click(await screen.findByTestId('llmhub-proposal-again'));
  expect(asked.map(({ text }) => text)).toEqual(['question']);
  expect(baseIn((await asked[0]?.files?.[0]?.text()) ?? '')?.cells).toEqual(now);
});

it('of what cannot be read the model is told why, when it is asked again', async () => {
  const user = userEvent.setup();
  const asked: string[] = [];
  here.session.writing.ask = text => {
    asked.push(text);
    return Promise.resolve(true);
  };
  await answer('[{"op": "delete", "cell": "z"}]');
  await user.click(await screen.findByTestId('llmhub-proposal-again'));
  expect(asked).toEqual(['Change 1 is about a cell that was not there: “z”. Propose the changes again.']);
});
