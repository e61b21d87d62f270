import { act, cleanup, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Message, RunEvent } from '../../src/api/schema';
import { Markdown } from '../../src/components/markdown/Markdown';
import { MessageView } from '../../src/components/message/MessageView';
import { page, type Page } from '../support/services';
import { answering, message, said } from '../support/values';
import { question, showLast, under } from '../support/shown';

let here: Page;

beforeEach(async () => {
  here = await page();
});
afterEach(cleanup);

describe('an answer', () => {
  it('is drawn while it is written', async () => {
    const events = answering(['Hello ', 'world']);
    await showLast(here, question, message('m2', { ...under, status: 'running', run_id: 'r1' }));
    expect(screen.getByText('Thinking')).toBeTruthy();
    here.server.say(...events.slice(0, 3));
    await waitFor(() => {
      expect(screen.getByTestId('llmhub-message').textContent).toContain('Hello');
    });
    here.server.say(...events.slice(3));
    await waitFor(() => {
      expect(screen.getByTestId('llmhub-message').textContent).toContain('Hello world');
    });
    expect(screen.getByTestId('llmhub-message').dataset['status']).toBe('complete');
  });

  it('shows its first words as they come, also where an empty part stood before them', () => {
    let say: (text: string) => void = () => undefined;
    const Growing = () => {
      const [text, setText] = useState('');
      say = setText;
      return <Markdown text={text} done={false} />;
    };
    here.show(<Growing />);
    act(() => {
      say('The first words');
    });
    expect(document.querySelector('.jp-llmhub-markdown')?.textContent).toContain('The first words');
  });

  it('of many blocks is drawn from both ends, and whole a few frames later; what was drawn stays', async () => {
    const many = Array.from({ length: 80 }, (_, index) => `paragraph ${index}`);
    const shown = () => [...document.querySelectorAll('.jp-llmhub-prose')].map(one => one.textContent.trim());
    here.show(<Markdown text={many.join('\n\n')} done />);
    expect(shown()).toContain('paragraph 0');
    expect(shown()).toContain('paragraph 79');
    expect(shown().length).toBeLessThan(20);
    const drawn = [...document.querySelectorAll('.jp-llmhub-prose')];
    await waitFor(() => {
      expect(shown()).toEqual(many);
    });
    expect(drawn.every(({ isConnected }) => isConnected)).toBe(true);
  });

  it('that was continued reads without a seam', async () => {
    const parts = [
      { type: 'text' as const, text: 'one sen' },
      { type: 'text' as const, text: 'tence' }
    ];
    await showLast(here, question, message('m2', { ...under, parts }));
    await waitFor(() => {
      expect(screen.getByTestId('llmhub-message').textContent).toContain('one sentence');
    });
  });

  it.each([
    ['stopped', 'Stopped'],
    ['interrupted', 'Interrupted']
  ] as const)('that was %s says so and can go on', async (status, words) => {
    await showLast(here, question, said('m2', 'half', { ...under, status }));
    expect(screen.getByText(words)).toBeTruthy();
    await userEvent.click(screen.getByTestId('llmhub-continue'));
    expect(here.session.chat.node('m2')?.message.status).toBe('running');
  });

  it('that reached its length limit can go on', async () => {
    await showLast(here, question, said('m2', 'half', { ...under, finish_reason: 'length' }));
    expect(screen.getByTestId('llmhub-continue')).toBeTruthy();
  });

  it('shows its reasoning when asked', async () => {
    const parts = [
      { type: 'reasoning' as const, text: 'hm, well' },
      { type: 'text' as const, text: 'yes' }
    ];
    await showLast(here, question, message('m2', { ...under, parts }));
    expect(screen.queryByText('hm, well')).toBeNull();
    await userEvent.click(screen.getByText('Thoughts'));
    expect(await screen.findByText('hm, well')).toBeTruthy();
  });

  it('shows a tool call as a line, with the request one click deeper', async () => {
    const parts = [
      { type: 'tool_call' as const, call_id: 'x', name: 'get_weather', arguments: '{"city":"Bern"}' }
    ];
    await showLast(here, question, message('m2', { ...under, parts }));
    await userEvent.click(screen.getByText('Asked for get_weather'));
    expect(screen.getByText(/"city": "Bern"/)).toBeTruthy();
  });

  it('shows a part that nobody knows as readable JSON', async () => {
    const parts = [{ type: 'hologram', depth: 3 }] as unknown as Message['parts'];
    await showLast(here, question, message('m2', { ...under, parts }));
    expect(screen.getByText(/"depth": 3/)).toBeTruthy();
    await userEvent.click(screen.getByText('Content of the type “hologram”'));
    expect(screen.queryByText(/"depth": 3/)).toBeNull();
  });

  it('shows what a tool gave back beside text as what it is', async () => {
    const result = {
      type: 'tool_result' as const,
      call_id: 'x',
      ok: true,
      parts: [{ type: 'output' as const, mime_bundle: { 'image/png': 'iVBORw0KGgo=' }, metadata: {} }]
    };
    const call = { type: 'tool_call' as const, call_id: 'x', name: 'plot', arguments: '{}' };
    await showLast(here, question, message('m2', { ...under, parts: [call, result] }));
    await userEvent.click(screen.getByText('Used plot'));
    expect(screen.getByRole('img', { name: 'Output' }).getAttribute('src')).toBe(
      'data:image/png;base64,iVBORw0KGgo='
    );
  });
});

describe('a turn with several steps', () => {
  const call = {
    type: 'tool_call' as const,
    call_id: 'x',
    name: 'get_weather',
    arguments: '{"city":"Bern"}'
  };
  const result = {
    type: 'tool_result' as const,
    call_id: 'x',
    ok: true,
    parts: [{ type: 'text' as const, text: 'sunny' }]
  };
  const thought = { type: 'reasoning' as const, text: 'hm', duration_ms: 12_000 };
  const words = { type: 'text' as const, text: 'It is sunny.' };

  it('is one line when it is finished, and stays open once it was opened', async () => {
    const usage = { duration_ms: 48_000 };
    const turn = message('m2', { ...under, parts: [thought, call, result, thought, words], usage });
    await showLast(here, question, turn);
    expect(screen.queryByText('Used get_weather')).toBeNull();
    await userEvent.click(screen.getByText('Worked 48 s, 3 steps'));
    expect(screen.getByText('Used get_weather')).toBeTruthy();
    expect(screen.getAllByText('Thought for 12 s')).toHaveLength(2);
    cleanup();
    here.show(<MessageView chat={here.session.chat} id="m2" isLast />);
    expect(screen.getByText('Used get_weather')).toBeTruthy();
  });

  it('shows its steps while it is written', async () => {
    await showLast(
      here,
      question,
      message('m2', {
        ...under,
        status: 'running',
        run_id: 'r1',
        parts: [thought, call, result, thought, words]
      })
    );
    expect(screen.getByText('Used get_weather')).toBeTruthy();
  });

  it('tells how long a tool took, as the server measured it', async () => {
    const done = { ...result, duration_ms: 1300 };
    await showLast(here, question, message('m2', { ...under, parts: [call, done] }));
    expect(screen.getByTestId('llmhub-tool').textContent).toContain('done1.3 s');
  });

  it('tells what a tool does now', async () => {
    await showLast(here, question, message('m2', { ...under, status: 'running', run_id: 'r1' }));
    const events: object[] = [
      {
        type: 'run.started',
        conversation_id: 'c1',
        user_message_id: 'm1',
        message_id: 'm2',
        model: 'lab/echo'
      },
      { type: 'tool.call', part: 0, call_id: 'x', name: 'get_weather', arguments: '{}' }
    ];
    events.forEach((event, at) => {
      here.server.say({ run_id: 'r1', seq: at + 1, ...event } as RunEvent);
    });
    expect(await screen.findByText('Using get_weather')).toBeTruthy();
    expect(screen.getByText('running')).toBeTruthy();
  });
});
