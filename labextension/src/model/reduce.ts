import type { Message, Part, PartEnded, PartStarted, RunEvent, Usage } from '../api/schema';
import type { Node, Thought } from './node';

/** An event is missing between the last one and this one: what is known must be fetched again. */
export const GAP = 'gap';

/**
 * A node with one more event in it. Pure: events that are already in it give back the same node, and a missing one gives `GAP`.
 *
 * A part that starts cuts off whatever stood at its place or behind it. So a replay from the first event rebuilds an answer, and a
 * continued answer keeps the parts of its earlier runs.
 */
export function applyEvent(node: Node, event: RunEvent, now = 0): Node | typeof GAP {
  if (event.seq <= node.seq) {
    return node;
  }
  if (event.seq > node.seq + 1) {
    return GAP;
  }
  return { ...change(node, event, now), seq: event.seq };
}

function change(node: Node, event: RunEvent, now: number): Node {
  switch (event.type) {
    case 'run.started':
      return withMessage(node, {
        status: 'running',
        model: event.model,
        run_id: event.run_id,
        adapted: [],
        error: null,
        finish_reason: null
      });
    case 'status':
      return {
        ...node,
        wait: { code: event.code ?? null, text: event.text, details: event.details }
      };
    case 'adapted':
      return withMessage(node, { adapted: event.items });
    case 'part.started':
      return startPart(node, event, now);
    case 'part.ended':
      return endPart(node, event);
    case 'text.delta':
      return say(node, event.part, 'text', event.text, now);
    case 'reasoning.delta':
      return say(node, event.part, 'reasoning', event.text, now);
    case 'tool.delta':
      return callTool(node, event);
    case 'tool.call':
      return { ...callTool(node, event), calls: { ...node.calls, [event.call_id]: { from: now, ms: null } } };
    case 'tool.progress':
      return {
        ...node,
        progress: {
          ...node.progress,
          [event.call_id]: { text: event.text, fraction: event.fraction ?? null }
        }
      };
    case 'tool.result': {
      const { call_id, ok, parts, duration_ms } = event;
      const answered = setPart(node, event.part, {
        type: 'tool_result',
        call_id,
        ok,
        parts: parts as never,
        duration_ms
      });
      const call = node.calls[call_id];
      return call
        ? { ...answered, calls: { ...node.calls, [call_id]: { ...call, ms: now - call.from } } }
        : answered;
    }
    case 'citation': {
      const { file_id, title, locator, quote } = event;
      return setPart(node, event.part, { type: 'citation', file_id, title, locator, quote });
    }
    case 'approval.requested':
    case 'question.asked':
      return withMessage(node, { status: 'waiting' });
    case 'answered':
      return withMessage(node, { status: 'running' });
    case 'usage':
      return withMessage(node, { usage: mergeUsage(node.message.usage, event) });
    case 'title.changed':
    case 'progress':
      return node;
    case 'run.finished':
      return finish(node, event, now);
    default:
      return ignore(node, event);
  }
}

/** A newer server may say things that this page does not know; they are counted and passed over. */
function ignore(node: Node, _event: never): Node {
  return node;
}

function withMessage(node: Node, changes: Partial<Message>): Node {
  return { ...node, message: { ...node.message, ...changes } };
}

function withParts(node: Node, parts: Part[]): Node {
  return { ...withMessage(node, { parts }), wait: null };
}

function startPart(node: Node, event: PartStarted, now: number): Node {
  const earlier = node.message.parts.slice(0, event.part);
  const part = emptyPart(event.part_type);
  const begun = withParts(node, part ? [...earlier, part] : earlier);
  return { ...begun, thoughts: thinkOn(node, event.part, event.part_type === 'reasoning', now) };
}

function endPart(node: Node, event: PartEnded): Node {
  const part = node.message.parts[event.part];
  return part?.type === 'reasoning'
    ? setPart(node, event.part, { ...part, duration_ms: event.duration_ms })
    : node;
}

function emptyPart(type: PartStarted['part_type']): Part | null {
  switch (type) {
    case 'text':
    case 'reasoning':
      return { type, text: '' };
    case 'tool_call':
      return { type, call_id: '', name: '', arguments: '' };
    default:
      // The others come whole, with the event that follows.
      return null;
  }
}

function say(node: Node, index: number, type: 'text' | 'reasoning', text: string, now: number): Node {
  const before = node.message.parts[index];
  const said = before?.type === type ? before.text + text : text;
  const next = setPart(node, index, before?.type === type ? { ...before, text: said } : { type, text: said });
  return before ? next : { ...next, thoughts: thinkOn(node, index, type === 'reasoning', now) };
}

function callTool(node: Node, event: Extract<RunEvent, { type: 'tool.delta' | 'tool.call' }>): Node {
  const before = node.message.parts[event.part];
  const written = before?.type === 'tool_call' ? before.arguments : '';
  return setPart(node, event.part, {
    type: 'tool_call',
    call_id: event.call_id,
    name: event.name,
    // The call at the end says everything again, the fragments before it one piece each.
    arguments: event.type === 'tool.call' ? event.arguments : written + event.arguments,
    title: event.type === 'tool.call' ? event.title : null
  });
}

function setPart(node: Node, index: number, part: Part): Node {
  const parts = node.message.parts.slice();
  parts[Math.min(index, parts.length)] = part;
  return withParts(node, parts);
}

/** Close the thought that is open, and open one if a reasoning part begins. */
function thinkOn(node: Node, part: number, begins: boolean, now: number): Node['thoughts'] {
  const thoughts: Record<number, Thought> = {};
  for (const [index, thought] of Object.entries(node.thoughts)) {
    thoughts[Number(index)] = thought.ms === null ? { ...thought, ms: now - thought.from } : thought;
  }
  if (begins) {
    thoughts[part] = { from: now, ms: null };
  }
  return thoughts;
}

function mergeUsage(before: Usage | null | undefined, event: Extract<RunEvent, { type: 'usage' }>): Usage {
  const { run_id: _run, seq: _seq, type: _type, ...usage } = event;
  return { ...before, ...usage };
}

function finish(node: Node, event: Extract<RunEvent, { type: 'run.finished' }>, now: number): Node {
  const { status, finish_reason, error, usage } = event;
  const ended = withMessage(node, { status, finish_reason, error, usage: usage ?? node.message.usage });
  return { ...ended, wait: null, progress: {}, thoughts: thinkOn(node, -1, false, now) };
}
