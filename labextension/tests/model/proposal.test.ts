import { beforeEach, expect, it } from 'vitest';

import {
  blockIn,
  type Edit,
  edited,
  type ProposalCell,
  type Read,
  readBlock
} from '../../src/model/proposal/edits';
import { hunksBetween, moved, withHunks } from '../../src/model/proposal/hunks';
import { Made } from '../../src/model/proposal/made';
import { applied, type Change, changesOf, rebase } from '../../src/model/proposal/proposal';
import { baseIn, isRequest, requestFile } from '../../src/model/proposal/request';
import { splices, stepsBetween } from '../../src/model/proposal/steps';
import { Proposal } from '../../src/model/proposal/units';

const code = (id: string, source: string): ProposalCell => ({ id, type: 'code', source });
const CELLS = [code('a', 'import pandas'), code('b', 'one\ntwo\nthree\nfour\nfive'), code('c', 'plot()')];
const said = (edits: unknown): string =>
  `I would do this:\n\n\`\`\`notebook-edits\n${JSON.stringify(edits)}\n\`\`\`\nDone.`;
const ids = (cells: readonly ProposalCell[]): string => cells.map(cell => cell.id).join('');

const EDITS: Edit[] = [
  { op: 'replace', cell: 'b', source: 'ONE\ntwo\nthree\nfour\nFIVE' },
  { op: 'insert', id: 'n', after: 'a', type: 'markdown', source: '# Data' },
  { op: 'move', cell: 'c', after: null }
];

beforeEach(() => {
  localStorage.clear();
});

it('reads edits out of an answer, and says what is wrong with others', () => {
  const read = (edits: unknown): Read => readBlock(blockIn(said(edits)) ?? '', CELLS);
  expect(read(EDITS)).toEqual({ edits: EDITS });
  expect(blockIn('Nothing to do.')).toBe(null);
  expect(read([])).toEqual({ fault: { kind: 'none' } });
  expect(readBlock('[{]', CELLS)).toMatchObject({ fault: { kind: 'not-json' } });
  expect(read([EDITS[0], { op: 'replace', cell: 'b' }])).toEqual({
    fault: { kind: 'bad-edit', at: 2 }
  });
  expect(read([{ op: 'delete', cell: 'z' }])).toEqual({
    fault: { kind: 'unknown-cell', at: 1, cell: 'z' }
  });
});

it('shows what is added, changed and moved, in the order of the notebook as it would be', () => {
  const changes = changesOf(CELLS, EDITS);
  expect(changes.map(change => [change.kind, change.cell.id])).toEqual([
    ['moved', 'c'],
    ['added', 'n'],
    ['changed', 'b']
  ]);
  const [, , changed] = changes;
  expect(changed?.kind === 'changed' && changed.hunks.map(hunk => [hunk.at, hunk.gone, hunk.fresh])).toEqual([
    [0, ['one'], ['ONE']],
    [4, ['five'], ['FIVE']]
  ]);
  expect(applied(CELLS, changes, edited(CELLS, EDITS))).toEqual(edited(CELLS, EDITS));
});

it('makes only the hunks and cells that were accepted, and puts cells below what is where it should be', () => {
  const edits: Edit[] = [...EDITS, { op: 'move', cell: 'c', after: 'a' }];
  const proposed = edited(CELLS, edits);
  const changes = changesOf(CELLS, edits);
  expect(ids(proposed)).toBe('acnb');
  const accepted = changes.flatMap((change): Change[] => {
    if (change.kind === 'changed') {
      return [{ ...change, hunks: change.hunks.slice(1) }];
    }
    return change.kind === 'added' ? [change] : [];
  });
  const left = changes.filter(change => change.kind === 'moved');
  const made = applied(CELLS, accepted, proposed, left);
  expect(ids(made)).toBe('anbc');
  expect(made[2]?.source).toBe('one\ntwo\nthree\nfour\nFIVE');
});

it('is re-based on a notebook that changed meanwhile, and refuses what no longer fits', () => {
  const now = [code('x', 'new'), code('b', 'zero\none\ntwo\nthree\nfour\n5'), code('c', 'plot()')];
  const based = rebase(changesOf(CELLS, EDITS), now);
  expect(based.map(({ change, refusal }) => [change.kind, refusal])).toEqual([
    ['moved', null],
    ['added', null],
    ['changed', 'lines-changed']
  ]);
  const later = [code('x', 'new'), code('b', 'one\ntwo\nthree\n3.5\nfour\nfive'), code('c', 'plot()')];
  const fits = rebase(changesOf(CELLS, EDITS), later);
  expect(fits.every(({ refusal }) => refusal === null)).toBe(true);
  const made = applied(
    later,
    fits.map(({ change }) => change),
    edited(CELLS, EDITS)
  );
  expect(made.find(cell => cell.id === 'b')?.source).toBe('ONE\ntwo\nthree\n3.5\nfour\nFIVE');
  expect(ids(made)).toBe('cnxb');
  const removal = changesOf(CELLS, [{ op: 'delete', cell: 'b' }]);
  expect(rebase(removal, later)[0]?.refusal).toBe('cell-changed');
  expect(rebase(removal, [])).toEqual([]);
  expect(rebase(removal, CELLS, () => true)[0]?.refusal).toBe('read-only');
});

it('makes of all hunks the text that was proposed, and moves them only past lines that are not theirs', () => {
  const texts = ['', 'a', 'a\nb', 'b\na\n', 'a\n\nb\nc', 'x\na\nb\nc\nd', 'a\nc'];
  for (const before of texts) {
    for (const after of texts) {
      const hunks = hunksBetween(before, after);
      expect(withHunks(before, hunks)).toBe(after);
      expect(moved(hunks, before, before)).toEqual(hunks);
      const below = moved(hunks.slice(0, 1), `${before}\nend`, `${before}\nend\nmore`);
      expect(below).toEqual(hunks.slice(0, 1));
    }
  }
});

it('asks with the cells by their ids, and finds them again in what went along', async () => {
  const cells = [...CELLS, code('t', 'text = """\n```json\n{}\n```\n"""')];
  const file = requestFile({ path: 'work/a.ipynb', cells }, { language: 'python', about: ['b'] });
  expect(isRequest(file.name)).toBe(true);
  const text = await file.text();
  expect(text).toContain('notebook-edits');
  expect(text).toContain('are: b');
  expect(baseIn(text)).toEqual({ path: 'work/a.ipynb', cells });
  expect(baseIn('```json\n{"cells": [{}]}\n```')).toBe(null);
});

it('knows of each piece whether it is made, open or refused, and makes those that are accepted', () => {
  const read = readBlock(JSON.stringify(EDITS), CELLS, 'm');
  const proposal = new Proposal(CELLS, 'edits' in read ? read.edits : []);
  const states = (now: readonly ProposalCell[]): string =>
    proposal
      .units(now)
      .map(unit => unit.state)
      .join(' ');
  expect(states(CELLS)).toBe('open open open open');
  const keys = proposal.units(CELLS).map(unit => unit.key);
  const some = proposal.applied(CELLS, new Set([keys[1] ?? '', keys[3] ?? '']));
  expect(some.map(cell => cell.id)).toEqual(['a', 'm-1', 'b', 'c']);
  expect(some[2]?.source).toBe('one\ntwo\nthree\nfour\nFIVE');
  expect(states(some)).toBe('open done open done');
  const all = proposal.applied(some, new Set(keys));
  expect(all.map(cell => cell.id)).toEqual(['c', 'a', 'm-1', 'b']);
  expect(states(all)).toBe('done done done done');
  expect(states([code('b', '1\ntwo\nthree\nfour\nfive')])).toBe('cell-gone open lines-changed open');
});

it('tells what was made and then edited from what never fitted', () => {
  const proposal = new Proposal(CELLS, EDITS);
  const made = new Made(localStorage);
  const states = (now: readonly ProposalCell[], known = made): string =>
    proposal
      .units(now, () => false, known.of('p'))
      .map(unit => unit.state)
      .join(' ');
  const see = (now: readonly ProposalCell[]): void => {
    made.see(
      'p',
      proposal.units(now, () => false, made.of('p'))
    );
  };
  const [, , firstHunk = ''] = proposal.units(CELLS).map(unit => unit.key);
  const some = proposal.applied(CELLS, new Set([firstHunk]));
  const edited = [code('b', '1\ntwo\nthree\nfour\n5')];
  see(CELLS);
  expect(states(edited)).toBe('cell-gone open lines-changed lines-changed');
  see(some);
  see(edited);
  expect(states(edited)).toBe('cell-gone open edited-since lines-changed');
  expect(states([code('a', '')])).toBe('cell-gone open gone-since cell-gone');
  // It outlives the page, and what was taken back is as if it had never been made.
  expect(states(edited, new Made(localStorage))).toBe('cell-gone open edited-since lines-changed');
  see(CELLS);
  expect(states(edited, new Made(localStorage))).toBe('cell-gone open lines-changed lines-changed');
});

it('forgets what was made in the oldest of many proposals, and what it cannot read', () => {
  const units = new Proposal(CELLS, EDITS).units(edited(CELLS, EDITS));
  const made = new Made(localStorage);
  for (let number = 0; number <= 100; number += 1) {
    made.see(`p${number}`, units);
  }
  const later = new Made(localStorage);
  expect([later.of('p0').size, later.of('p1').size, later.of('p100').size]).toEqual([0, 4, 4]);
  localStorage.setItem('llmhub:made', '{');
  expect(new Made(localStorage).of('p1').size).toBe(0);
});

it('comes from one notebook to another in few steps, and from one text to another by its lines', () => {
  const wanted = [code('c', 'plot()'), code('a', 'import polars'), code('n', 'new'), code('b', 'b')];
  const now = [code('x', ''), code('a', 'import pandas'), code('b', 'b'), code('c', 'plot()')];
  const steps = stepsBetween(now, wanted);
  expect(steps.remove).toEqual([3, 0]);
  expect(steps.put.map(({ at, cell }) => [at, cell.id])).toEqual([
    [0, 'c'],
    [2, 'n']
  ]);
  expect(steps.rewrite).toEqual([{ at: 1, source: 'import polars' }]);
  const texts = ['', 'a', 'a\nb', 'b\na\n', 'a\n\nb\nc', 'x\na\nb\nc\nd', 'a\nc', '\n'];
  for (const before of texts) {
    for (const after of texts) {
      let made = before;
      for (const { start, end, text } of splices(before, after)) {
        made = made.slice(0, start) + text + made.slice(end);
      }
      expect(made).toBe(after);
    }
  }
});
