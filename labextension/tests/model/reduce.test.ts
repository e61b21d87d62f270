import { describe, expect, it } from 'vitest';

import type { RunEvent } from '../../src/api/schema';
import { nodeOf, textOf, type Node } from '../../src/model/node';
import { applyEvent, GAP } from '../../src/model/reduce';
import { answering, message, said } from '../support/values';

function apply(node: Node, events: RunEvent[], now?: (event: RunEvent) => number): Node {
  return events.reduce((before, event) => {
    const after = applyEvent(before, event, now?.(event));
    if (after === GAP) {
      throw new Error(`gap before ${event.seq}`);
    }
    return after;
  }, node);
}

const begun = nodeOf(message('m2', { status: 'running', run_id: 'r1' }));

describe('applyEvent', () => {
  it('joins the deltas of a part to its text', () => {
    const node = apply(begun, answering(['Hel', 'lo ', 'wörld']));
    expect(node.message.parts).toEqual([{ type: 'text', text: 'Hello wörld' }]);
    expect(node.message.status).toBe('complete');
    expect(node.message.finish_reason).toBe('stop');
  });

  it('passes over events that are already in it and gives back the same node', () => {
    const events = answering(['a', 'b']);
    const node = apply(begun, events.slice(0, 3));
    expect(applyEvent(node, events[2]!)).toBe(node);
    expect(applyEvent(node, events[0]!)).toBe(node);
    expect(textOf(apply(node, events).message.parts)).toBe('ab');
  });

  it('says so when an event is missing', () => {
    const events = answering(['a', 'b', 'c']);
    const node = apply(begun, events.slice(0, 3));
    expect(applyEvent(node, events[4]!)).toBe(GAP);
  });

  it('changes nothing in the node it was given', () => {
    const before = structuredClone(begun);
    apply(begun, answering(['a']));
    expect(begun).toEqual(before);
  });

  it('keeps the parts of an earlier run when an answer is continued', () => {
    const stopped = nodeOf(said('m2', 'one ', { status: 'running', run_id: 'r2' }));
    const node = apply(stopped, answering(['two'], { run: 'r2', part: 1 }));
    expect(node.message.parts).toEqual([
      { type: 'text', text: 'one ' },
      { type: 'text', text: 'two' }
    ]);
    expect(textOf(node.message.parts)).toBe('one two');
  });

  it('knows how long a thought took from the server, also when it is told again', () => {
    const thinking = [
      { type: 'part.started', part: 0, part_type: 'reasoning' },
      { type: 'reasoning.delta', part: 0, text: 'Hm.' },
      { type: 'part.ended', part: 0, duration_ms: 12_000 },
      { type: 'part.started', part: 1, part_type: 'text' }
    ].map((body, index) => ({ ...body, run_id: 'r1', seq: index + 1 }) as RunEvent);
    const thought = { type: 'reasoning', text: 'Hm.', duration_ms: 12_000 };
    expect(apply(begun, thinking).message.parts[0]).toEqual(thought);
    const overlaid = nodeOf(message('m2', { status: 'running', run_id: 'r1', parts: [thought as never] }));
    expect(apply(overlaid, thinking).message.parts[0]).toEqual(thought);
  });

  it('rebuilds an answer that came with what had been said so far, without saying it twice', () => {
    const overlaid = nodeOf(said('m2', 'one two th', { status: 'running', run_id: 'r1' }));
    expect(textOf(apply(overlaid, answering(['one ', 'two ', 'three'])).message.parts)).toBe('one two three');
  });

  it('writes a tool call from its fragments, and the whole call replaces them', () => {
    const events = [
      { type: 'part.started', part: 0, part_type: 'tool_call' },
      { type: 'tool.delta', part: 0, call_id: 'x', name: 'weather', arguments: '{"ci' },
      { type: 'tool.delta', part: 0, call_id: 'x', name: 'weather', arguments: 'ty":1}' },
      { type: 'tool.call', part: 0, call_id: 'x', name: 'weather', arguments: '{"city":1}', title: 'Weather' }
    ].map((event, index) => ({ ...event, run_id: 'r1', seq: index + 1 }) as RunEvent);
    expect(apply(begun, events.slice(0, 3)).message.parts[0]).toMatchObject({ arguments: '{"city":1}' });
    expect(apply(begun, events).message.parts).toEqual([
      { type: 'tool_call', call_id: 'x', name: 'weather', arguments: '{"city":1}', title: 'Weather' }
    ]);
  });

  it('counts how long a model thought', () => {
    const events = [
      { type: 'part.started', part: 0, part_type: 'reasoning' },
      { type: 'reasoning.delta', part: 0, text: 'hm' },
      { type: 'part.started', part: 1, part_type: 'text' },
      { type: 'text.delta', part: 1, text: 'yes' }
    ].map((event, index) => ({ ...event, run_id: 'r1', seq: index + 1 }) as RunEvent);
    const node = apply(begun, events, event => event.seq * 1000);
    expect(node.thoughts[0]).toEqual({ from: 1000, ms: 2000 });
  });

  it('shows the words of a wait until something is said', () => {
    const events = answering(['a']);
    const details = { seconds: 4, provider: 'lab' };
    const waiting = {
      type: 'status',
      text: 'waiting 4 s',
      code: 'rate_limit',
      details,
      run_id: 'r1',
      seq: 2
    };
    const node = apply(begun, [events[0]!, waiting as RunEvent]);
    expect(node.wait).toEqual({ text: 'waiting 4 s', code: 'rate_limit', details });
    const renumbered = events.slice(1).map(event => ({ ...event, seq: event.seq + 1 }));
    expect(apply(node, renumbered.slice(0, 1)).wait).toBeNull();
  });

  it('counts an event it does not know, and goes on', () => {
    const odd = { type: 'hologram', run_id: 'r1', seq: 1 } as unknown as RunEvent;
    const node = apply(begun, [odd]);
    expect(node.seq).toBe(1);
    expect(node.message).toEqual(begun.message);
  });

  it('keeps what was said when a run fails', () => {
    const error = { code: 'rate_limited', message: 'Too fast.', hint: 'Wait.', details: {} };
    const events = answering(['half']).slice(0, 3);
    const failed = {
      type: 'run.finished',
      status: 'failed',
      finish_reason: 'error',
      error,
      run_id: 'r1',
      seq: 4
    } as RunEvent;
    const node = apply(begun, [...events, failed]);
    expect(node.message).toMatchObject({ status: 'failed', error, parts: [{ text: 'half' }] });
  });
});
