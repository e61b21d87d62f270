import { act, cleanup, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '../../src/api/errors';
import type { Message } from '../../src/api/schema';
import { ErrorCard } from '../../src/components/message/ErrorCard';
import { waitWords } from '../../src/components/message/WaitWords';
import type { Wait } from '../../src/model/node';
import { page, type Page } from '../support/services';
import { asked, message, said } from '../support/values';
import { question, showLast, under } from '../support/shown';

let here: Page;

beforeEach(async () => {
  here = await page();
});
afterEach(cleanup);

describe('an error', () => {
  const failed = (code: string, details = {}): Message =>
    message('m2', {
      ...under,
      status: 'failed',
      created_at: new Date().toISOString(),
      error: { code, message: 'It did not work.', hint: 'Try this.', details }
    });

  it('says what happened and what to do, and is tried again in its place', async () => {
    await showLast(here, question, failed('a_new_code'));
    const card = screen.getByTestId('llmhub-error');
    expect(card.textContent).toContain('It did not work.');
    expect(card.textContent).toContain('Try this.');
    await userEvent.click(within(card).getByTestId('llmhub-retry'));
    await waitFor(() => {
      expect(here.session.chat.node('m2')?.message.status).toBe('running');
    });
    expect(here.session.chat.tree.path).toEqual(['m1', 'm2']);
  });

  it.each([
    ['key_rejected', 'openai does not accept the key', 'llmhub-fix-key'],
    ['key_missing', 'openai needs a key', 'llmhub-fix-key'],
    ['model_not_found', 'openai does not have this model', 'llmhub-other-model'],
    ['context_too_long', 'The conversation is too long for this model', 'llmhub-ask-anew'],
    ['content_refused', 'openai refused to answer this', 'llmhub-edit-question'],
    ['request_rejected', 'openai did not accept the request', 'llmhub-edit-question'],
    ['bad_answer', 'openai answered something that cannot be read', 'llmhub-check-provider'],
    ['unavailable', 'openai cannot be reached', 'llmhub-check-provider'],
    ['timed_out', 'openai took too long', 'llmhub-retry'],
    ['rate_limited', 'openai allows no more requests for now', 'llmhub-other-model']
  ])('%s names who it was, and has the button that helps', async (code, title, button) => {
    await showLast(here, question, failed(code, { provider: 'openai' }));
    const card = screen.getByTestId('llmhub-error');
    expect(card.textContent).toContain(title);
    expect(card.textContent).toContain('It did not work.');
    expect(within(card).getByTestId(button)).toBeTruthy();
  });

  it('about a question that is too long leads to a chat of its own, with the question in the draft', async () => {
    await showLast(here, question, failed('context_too_long'));
    await userEvent.click(screen.getByTestId('llmhub-ask-anew'));
    expect(here.session.chat.id).toBeNull();
    expect(here.hub.drafts.get(here.session.writing.key).text).toBe('question');
  });

  it('about a conversation that is too long has the older messages summarised and the question sent again', async () => {
    const [answer, second] = [said('m2', 'answer', under), asked('m3', 'and now?', { parent_id: 'm2' })];
    await showLast(here, question, answer, second, {
      ...failed('context_too_long'),
      id: 'm4',
      parent_id: 'm3'
    });
    const refusal = new ApiError(409, 'conflict', 'There is nothing to summarise yet.', '');
    here.server.refusal = refusal;
    await userEvent.click(screen.getByTestId('llmhub-fold'));
    await waitFor(() => {
      expect(here.session.chat.failure?.error.message).toBe(refusal.message);
    });
    expect(here.session.chat.node('m4')?.message.status).toBe('failed');
    here.server.refusal = null;
    await userEvent.click(screen.getByTestId('llmhub-fold'));
    await waitFor(() => {
      expect(here.session.chat.node('m4')?.message.status).toBe('running');
    });
    expect(here.server.summaryDrafts.map(({ leaf }) => leaf)).toEqual(['m3', 'm3']);
  });

  it('about the question leads to the question', async () => {
    await showLast(here, question, failed('content_refused'));
    await userEvent.click(screen.getByTestId('llmhub-edit-question'));
    expect(here.session.chat.edits.has('m1')).toBe(true);
  });

  it('about a provider that rests says that it does, and not that its address is wrong', async () => {
    await showLast(
      here,
      question,
      failed('unavailable', { provider: 'openai', reason: 'resting', retry_after: 12 })
    );
    const card = screen.getByTestId('llmhub-error');
    expect(card.textContent).toContain('openai failed again and again and is left alone for a while');
    expect(card.textContent).not.toContain('address');
    expect(within(card).getByTestId('llmhub-check-provider')).toBeTruthy();
  });

  it('about money does not ask to wait', async () => {
    await showLast(here, question, failed('rate_limited', { provider: 'openai', reason: 'no_credit' }));
    expect(screen.getByTestId('llmhub-error').textContent).toContain(
      'The account at openai has no credit left'
    );
  });

  it('tells when it is possible again', async () => {
    const at = new Date(Date.now() + 30_000);
    await showLast(here, question, failed('rate_limited', { retry_after: 30, retry_at: at.toISOString() }));
    const clock = at.toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' });
    expect(screen.getByTestId('llmhub-wait-until').textContent).toBe(`Possible again at ${clock}.`);
  });

  it('counts down to when the provider wants to be asked again', async () => {
    await showLast(here, question, failed('rate_limited', { retry_after: 30 }));
    const retry = screen.getByTestId<HTMLButtonElement>('llmhub-retry');
    expect(retry.textContent).toMatch(/Retry in (30|29) s/);
    expect(retry.disabled).toBe(true);
  });

  it('counts down by a clock that nobody can set, and goes on after a sleep', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance', 'setInterval', 'clearInterval'] });
    try {
      await showLast(here, question, {
        ...failed('rate_limited', { retry_after: 3600 }),
        run_id: 'jumps',
        created_at: new Date().toISOString()
      });
      const retry = () => screen.getByTestId<HTMLButtonElement>('llmhub-retry');
      expect(retry().textContent).toBe('Retry in 60 min');
      vi.setSystemTime(Date.now() - 86_400_000);
      act(() => void vi.advanceTimersByTime(1_800_000));
      expect(retry().textContent).toBe('Retry in 30 min');
      vi.setSystemTime(Date.now() + 3 * 86_400_000);
      act(() => void vi.advanceTimersByTime(1000));
      expect(retry().textContent).toBe('Retry');
      expect(retry().disabled).toBe(false);
    } finally {
      vi.useRealTimers();
    }
  });

  it('is said aloud without its countdown, and not where it stands with an answer', async () => {
    const error = failed('rate_limited', { retry_after: 30 }).error!;
    here.show(<ErrorCard error={error} onRetry={() => undefined} />);
    const alert = screen.getByRole('alert');
    expect(alert.textContent).toContain('allows no more requests');
    expect(within(alert).queryByRole('button')).toBeNull();
    cleanup();
    // With an answer, whose end the panel says.
    await showLast(here, question, failed('rate_limited', { retry_after: 30 }));
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('about a key leads to the key', async () => {
    await showLast(here, question, failed('key_rejected', { provider: 'openai' }));
    await userEvent.click(screen.getByTestId('llmhub-fix-key'));
    expect(here.session.screen.view).toBe('providers');
    expect(here.session.screen.providerWanted).toBe('openai');
  });
});

describe('a wait', () => {
  it.each([
    ['connecting', {}, 'Connecting'],
    ['server', {}, 'Waiting for the Jupyter server'],
    ['login', {}, 'Waiting for you to log in'],
    ['rate_limit', { seconds: 4.2 }, 'Waiting 4 s for the provider’s rate limit'],
    ['unwell', { seconds: 2, provider: 'lab' }, 'Waiting 2 s: “lab” is not well'],
    ['falling_back', { model: 'a/x', next: 'b/y' }, '“a/x” cannot answer now; asking “b/y”'],
    ['answered_by', { model: 'b/y' }, 'Answered by b/y'],
    ['shortened', {}, 'The oldest messages do not fit into the model’s window and are left out'],
    [
      'not_stored',
      { code: 'store_full' },
      'The answer is not stored yet, it is tried again. The disk is full'
    ],
    ['of_tomorrow', {}, 'as the server says it'],
    [null, {}, 'as the server says it']
  ])('of the kind %s is said in words of the page', (code, details, words) => {
    const wait = { code, details, text: 'as the server says it' } as Wait;
    expect(waitWords(wait, here.services.trans)).toBe(words);
  });
});
