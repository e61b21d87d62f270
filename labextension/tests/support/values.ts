import type { Conversation, Message, ModelInfo, RunEvent, RunFinished, Summary } from '../../src/api/schema';

export function message(id: string, changes: Partial<Message> = {}): Message {
  return {
    id,
    conversation_id: 'c1',
    parent_id: null,
    role: 'assistant',
    status: 'complete',
    parts: [],
    adapted: [],
    sibling_ids: [id],
    pinned: false,
    starred: false,
    created_at: '2026-11-20T12:00:00Z',
    ...changes
  };
}

export function said(id: string, text: string, changes: Partial<Message> = {}): Message {
  return message(id, { parts: [{ type: 'text', text }], ...changes });
}

export function asked(id: string, text: string, changes: Partial<Message> = {}): Message {
  return said(id, text, { role: 'user', ...changes });
}

export function conversation(id: string, changes: Partial<Conversation> = {}): Conversation {
  return {
    id,
    title: id,
    params: {},
    tags: [],
    pinned: false,
    archived: false,
    temporary: false,
    running: false,
    unread: false,
    created_at: '2026-11-20T12:00:00Z',
    updated_at: '2026-11-20T12:00:00Z',
    ...changes
  };
}

export function model(id: string, changes: Partial<ModelInfo> = {}): ModelInfo {
  const [provider = '', label = ''] = id.split('/');
  return {
    id,
    label,
    provider,
    kind: 'openai',
    available: true,
    capabilities: [],
    local: false,
    sure: false,
    ...changes
  };
}

/** A run that says `pieces`, numbered from 1: started, part, deltas, finished. */
export function answering(
  pieces: string[],
  options: { run?: string; part?: number; message?: string; model?: string } = {}
): RunEvent[] {
  const { run = 'r1', part = 0, message: id = 'm2', model: by = 'lab/echo' } = options;
  const bodies = [
    { type: 'run.started', conversation_id: 'c1', user_message_id: 'm1', message_id: id, model: by },
    { type: 'part.started', part, part_type: 'text' },
    ...pieces.map(text => ({ type: 'text.delta', part, text })),
    { type: 'run.finished', status: 'complete', finish_reason: 'stop' } as Omit<RunFinished, 'run_id' | 'seq'>
  ];
  return bodies.map((body, index) => ({ ...body, run_id: run, seq: index + 1 }) as RunEvent);
}

export function summary(id: string, changes: Partial<Summary> = {}): Summary {
  return {
    id,
    conversation_id: 'c1',
    message_id: 'a1',
    text: '## Goal\nTo count.',
    model: 'lab/echo',
    messages: 2,
    left_out: 0,
    tokens_before: 5300,
    tokens_after: 120,
    automatic: false,
    active: true,
    edited: false,
    created_at: '2026-11-20T12:00:00Z',
    ...changes
  };
}
