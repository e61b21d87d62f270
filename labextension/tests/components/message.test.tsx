import { cleanup, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { ApiError } from '../../src/api/errors';
import type { Message } from '../../src/api/schema';
import { MessageView } from '../../src/components/thread/MessageView';
import { page, type Page } from '../support/services';
import { answering, asked, message, said } from '../support/values';

let here: Page;

beforeEach(async () => {
  here = await page();
});
afterEach(cleanup);

/** Show the last of `messages`, which are a path. */
async function showLast(...messages: Message[]): Promise<void> {
  here.server.add(...messages);
  await here.session.open('c1');
  here.show(<MessageView chat={here.session.chat} id={messages.at(-1)!.id} isLast />);
}

const question = asked('m1', 'question');
const under = { parent_id: 'm1' };

describe('an answer', () => {
  it('is drawn while it is written', async () => {
    const events = answering(['Hello ', 'world']);
    await showLast(question, message('m2', { ...under, status: 'running', run_id: 'r1' }));
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

  it('that was continued reads without a seam', async () => {
    const parts = [
      { type: 'text' as const, text: 'one sen' },
      { type: 'text' as const, text: 'tence' }
    ];
    await showLast(question, message('m2', { ...under, parts }));
    await waitFor(() => {
      expect(screen.getByTestId('llmhub-message').textContent).toContain('one sentence');
    });
  });

  it.each([
    ['stopped', 'Stopped'],
    ['interrupted', 'Interrupted']
  ] as const)('that was %s says so and can go on', async (status, words) => {
    await showLast(question, said('m2', 'half', { ...under, status }));
    expect(screen.getByText(words)).toBeTruthy();
    await userEvent.click(screen.getByTestId('llmhub-continue'));
    expect(here.session.chat.node('m2')?.message.status).toBe('running');
  });

  it('that reached its length limit can go on', async () => {
    await showLast(question, said('m2', 'half', { ...under, finish_reason: 'length' }));
    expect(screen.getByTestId('llmhub-continue')).toBeTruthy();
  });

  it('shows its reasoning when asked', async () => {
    const parts = [
      { type: 'reasoning' as const, text: 'hm, well' },
      { type: 'text' as const, text: 'yes' }
    ];
    await showLast(question, message('m2', { ...under, parts }));
    expect(screen.queryByText('hm, well')).toBeNull();
    await userEvent.click(screen.getByText('Thoughts'));
    expect(await screen.findByText('hm, well')).toBeTruthy();
  });

  it('shows a tool call as a line, with the request one click deeper', async () => {
    const parts = [
      { type: 'tool_call' as const, call_id: 'x', name: 'get_weather', arguments: '{"city":"Bern"}' }
    ];
    await showLast(question, message('m2', { ...under, parts }));
    await userEvent.click(screen.getByText('get_weather'));
    expect(screen.getByText(/"city": "Bern"/)).toBeTruthy();
  });

  it('shows a part that nobody knows as readable JSON', async () => {
    const parts = [{ type: 'hologram', depth: 3 }] as unknown as Message['parts'];
    await showLast(question, message('m2', { ...under, parts }));
    expect(screen.getByText(/"depth": 3/)).toBeTruthy();
  });
});

describe('an error', () => {
  const failed = (code: string, details = {}): Message =>
    message('m2', {
      ...under,
      status: 'failed',
      created_at: new Date().toISOString(),
      error: { code, message: 'It did not work.', hint: 'Try this.', details }
    });

  it('says what happened and what to do, and can be tried again beside it', async () => {
    await showLast(question, failed('unavailable'));
    const card = screen.getByTestId('llmhub-error');
    expect(card.textContent).toContain('It did not work.');
    expect(card.textContent).toContain('Try this.');
    await userEvent.click(within(card).getByTestId('llmhub-retry'));
    await waitFor(() => {
      expect(here.session.chat.tree.path).toEqual(['m1', 'a1']);
    });
  });

  it('counts down to when the provider wants to be asked again', async () => {
    await showLast(question, failed('rate_limited', { retry_after: 30 }));
    const retry = screen.getByTestId<HTMLButtonElement>('llmhub-retry');
    expect(retry.textContent).toMatch(/Retry in (30|29) s/);
    expect(retry.disabled).toBe(true);
  });

  it('about a key leads to the key', async () => {
    await showLast(question, failed('key_rejected', { provider: 'openai' }));
    await userEvent.click(screen.getByTestId('llmhub-fix-key'));
    expect(here.session.view).toBe('providers');
    expect(here.session.providerWanted).toBe('openai');
  });
});

describe('a message of the user', () => {
  it('is text, not Markdown', async () => {
    await showLast(asked('m1', '# not a heading <b>x</b>'));
    expect(screen.getByText('# not a heading <b>x</b>')).toBeTruthy();
  });

  it('can be said in other words, which makes a branch', async () => {
    await showLast(question);
    await userEvent.click(screen.getByTestId('llmhub-edit'));
    const box = screen.getByTestId('llmhub-edit-input');
    await userEvent.clear(box);
    await userEvent.type(box, 'better question');
    await userEvent.click(screen.getByTestId('llmhub-edit-save'));
    await waitFor(() => {
      expect(here.session.chat.tree.path).toEqual(['u1', 'a1']);
    });
    expect(here.session.chat.node('u1')?.message.sibling_ids).toEqual(['m1', 'u1']);
  });

  it('stays as it was with Escape', async () => {
    await showLast(question);
    await userEvent.click(screen.getByTestId('llmhub-edit'));
    await userEvent.keyboard('{Escape}');
    expect(screen.queryByTestId('llmhub-edit-input')).toBeNull();
    expect(here.server.runs.size).toBe(0);
  });
});

describe('branches', () => {
  it('are picked, also while one is being answered', async () => {
    here.server.add(
      question,
      said('m2', 'first', under),
      message('m3', { ...under, status: 'running', run_id: 'r1' })
    );
    await here.session.open('c1');
    const view = here.show(<MessageView chat={here.session.chat} id="m3" isLast />);
    expect(screen.getByTestId('llmhub-branch-label').textContent).toBe('2/2');
    await userEvent.click(screen.getByTestId('llmhub-branch-prev'));
    await waitFor(() => {
      expect(here.session.chat.tree.path).toEqual(['m1', 'm2']);
    });
    view.unmount();
    here.server.say(...answering(['meanwhile'], { message: 'm3' }).map(event => event));
    await here.session.chat.switchTo('m3');
    expect(here.session.chat.node('m3')?.message.parts).toEqual([{ type: 'text', text: 'meanwhile' }]);
  });
});

it('an edit that the server refuses is not lost', async () => {
  here.server.add(question);
  await here.session.open('c1');
  const view = here.show(<MessageView chat={here.session.chat} id="m1" isLast />);
  await userEvent.click(screen.getByTestId('llmhub-edit'));
  await userEvent.type(screen.getByTestId('llmhub-edit-input'), ' again');
  here.server.refusal = new ApiError(500, 'internal', 'No.');
  await userEvent.click(screen.getByTestId('llmhub-edit-save'));
  await waitFor(() => {
    expect(here.session.chat.failure?.error.message).toBe('No.');
  });
  view.unmount();
  here.show(<MessageView chat={here.session.chat} id="m1" isLast />);
  expect(screen.getByTestId<HTMLTextAreaElement>('llmhub-edit-input').value).toBe('question again');
});
