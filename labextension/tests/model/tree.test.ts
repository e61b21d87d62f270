import { describe, expect, it } from 'vitest';

import { Tree } from '../../src/model/tree';
import { asked, message, said } from '../support/values';

const first = asked('m1', 'question');
const answer = said('m2', 'answer', { parent_id: 'm1' });

describe('Tree', () => {
  it('shows another branch when a sibling grows, and both know of each other', () => {
    const tree = new Tree();
    tree.show([first, answer]);
    tree.grow(message('m3', { parent_id: 'm1' }));
    expect(tree.path).toEqual(['m1', 'm3']);
    expect(tree.get('m3')?.message.sibling_ids).toEqual(['m2', 'm3']);
    expect(tree.get('m2')?.message.sibling_ids).toEqual(['m2', 'm3']);
  });

  it('is as before when what grew is taken back', () => {
    const tree = new Tree();
    tree.show([first, answer]);
    const before = tree.path;
    tree.grow(message('m3', { parent_id: 'm1' }));
    tree.prune('m3');
    tree.restore(before);
    expect(tree.path).toEqual(['m1', 'm2']);
    expect(tree.get('m2')?.message.sibling_ids).toEqual(['m2']);
  });

  it('takes the id of the server everywhere, and keeps the key by which it is drawn', () => {
    const tree = new Tree();
    tree.show([first, answer]);
    tree.grow(asked('local', 'more', { parent_id: 'm2' }));
    tree.grow(message('local-answer', { parent_id: 'local' }));
    tree.rename('local', 'm3');
    tree.rename('local-answer', 'm4');
    expect(tree.path).toEqual(['m1', 'm2', 'm3', 'm4']);
    expect(tree.get('m4')?.message.parent_id).toBe('m3');
    expect(tree.get('m3')?.message.sibling_ids).toEqual(['m3']);
    expect(tree.get('m4')?.key).toBe('local-answer');
  });

  it('keeps the messages above when the last page is fetched again', () => {
    const tree = new Tree();
    const long = Array.from({ length: 6 }, (_, at) =>
      said(`m${at}`, '', { parent_id: at ? `m${at - 1}` : null })
    );
    tree.show(long.slice(3));
    tree.outline(long.map(message => ({ ...message, model: null })));
    tree.show(long.slice(4));
    expect(tree.path).toEqual(['m0', 'm1', 'm2', 'm3', 'm4', 'm5']);
    expect(tree.isWhole).toBe(true);
  });

  it('forgets the path above when another branch begins there', () => {
    const tree = new Tree();
    tree.show([first, answer]);
    tree.show([asked('x1', 'other'), said('x2', 'y', { parent_id: 'x1' })]);
    expect(tree.path).toEqual(['x1', 'x2']);
  });

  it('keeps an answer beside another that is being asked for, though a page that is older does not know it', () => {
    const tree = new Tree();
    tree.show([first, answer]);
    tree.plant('m2', message('local-answer', { parent_id: 'm1', status: 'running' }));
    tree.show([first, answer]);
    expect(tree.get('m2')?.message.sibling_ids).toEqual(['m2', 'local-answer']);
    tree.prune('local-answer');
    tree.show([first, answer]);
    expect(tree.get('m2')?.message.sibling_ids).toEqual(['m2']);
  });

  it('shows an answer that is being asked for once, though a page is sooner with it than the answer to the request', () => {
    const tree = new Tree();
    tree.show([first, answer]);
    tree.plant('m2', message('local-answer', { parent_id: 'm1', status: 'running' }));
    const page = [first, said('m2', 'answer', { parent_id: 'm1', sibling_ids: ['m2', 'm3'] })];
    tree.show(page);
    expect(tree.siblings('m2')).toEqual(['m2', 'local-answer']);
    tree.rename('local-answer', 'm3');
    tree.patch('m3', { run_id: 'r3' });
    tree.show(page);
    expect(tree.siblings('m2')).toEqual(['m2', 'm3']);
    expect(tree.get('m3')?.key).toBe('local-answer');
  });

  it('gives back the same message when nothing is new in it', () => {
    const tree = new Tree();
    tree.show([first, answer]);
    const before = tree.get('m2');
    expect(tree.show([structuredClone(first), structuredClone(answer)])).toEqual([]);
    expect(tree.get('m2')).toBe(before);
  });

  it('lets events know better than a page what a running answer says', () => {
    const tree = new Tree();
    tree.show([first, said('m2', 'one two', { parent_id: 'm1', status: 'running', run_id: 'r1' })]);
    tree.show([first, said('m2', 'one', { parent_id: 'm1', status: 'running', run_id: 'r1' })]);
    expect(tree.get('m2')?.message.parts).toEqual([{ type: 'text', text: 'one two' }]);
  });

  it('takes the word of the server that an answer has ended', () => {
    const tree = new Tree();
    tree.show([first, said('m2', 'one two', { parent_id: 'm1', status: 'running', run_id: 'r1' })]);
    tree.show([first, said('m2', 'one', { parent_id: 'm1', status: 'interrupted', run_id: 'r1' })]);
    expect(tree.get('m2')?.message).toMatchObject({ status: 'interrupted', parts: [{ text: 'one' }] });
  });

  it('tells an answer that has just ended from one that was there already', () => {
    const tree = new Tree();
    tree.show([first, message('m2', { parent_id: 'm1', status: 'running' }), message('m3')]);
    tree.show([first, message('m2', { parent_id: 'm1', status: 'failed' }), message('m3')]);
    expect(tree.get('m2')?.isNews).toBe(true);
    expect(tree.get('m3')?.isNews).toBe(false);
  });

  it('learns what somebody marked elsewhere', () => {
    const tree = new Tree();
    tree.show([first, said('m2', 'So.', { parent_id: 'm1', starred: true })]);
    const rating = { value: 1, rated_at: '2026-11-20T12:00:00Z' } as const;
    const marked = said('m2', 'So.', { parent_id: 'm1', pinned: true, rating });
    expect(tree.show([first, marked])).toEqual(['m2']);
    expect(tree.get('m2')?.message).toMatchObject({ starred: false, pinned: true, rating: { value: 1 } });
    expect(tree.show([first, marked])).toEqual([]);
  });

  it('goes down the branch that was shown last, else the newest', () => {
    const tree = new Tree();
    const nodes = [
      { id: 'a', parent_id: null },
      { id: 'b1', parent_id: 'a' },
      { id: 'b2', parent_id: 'a' },
      { id: 'c1', parent_id: 'b1' },
      { id: 'c2', parent_id: 'b1' }
    ];
    expect(tree.leafBelow('a', nodes)).toBe('b2');
    expect(tree.leafBelow('b1', nodes)).toBe('c2');
    tree.show([asked('a', ''), said('b1', '', { parent_id: 'a' }), asked('c1', '', { parent_id: 'b1' })]);
    expect(tree.leafBelow('b1', nodes)).toBe('c1');
  });
});
