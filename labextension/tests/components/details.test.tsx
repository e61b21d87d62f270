import { cleanup, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ApiError } from '../../src/api/errors';
import type { Exchange } from '../../src/api/schema';
import { ExchangeView } from '../../src/components/message/Exchange';
import { page, type Page } from '../support/services';
import { said } from '../support/values';
import { question, showLast, under } from '../support/shown';

let here: Page;

beforeEach(async () => {
  here = await page();
});
afterEach(cleanup);

describe('the details of an answer', () => {
  it('tell who answered, how quickly, for how much, and why it ended', async () => {
    await showLast(
      here,
      question,
      said('m2', 'Some answer', {
        ...under,
        model: 'lab/echo',
        finish_reason: 'stop',
        usage: {
          input_tokens: 1200,
          cached_tokens: 1000,
          output_tokens: 300,
          reasoning_tokens: 100,
          cost_usd: 0.0034,
          first_token_ms: 500,
          duration_ms: 6500
        }
      })
    );
    await userEvent.click(screen.getByTestId('llmhub-model-note'));
    const rows = [...screen.getByTestId('llmhub-details').querySelectorAll('dl > div')].map(row =>
      [...row.children].map(cell => cell.textContent).join(': ')
    );
    expect(rows.slice(0, 9)).toEqual([
      'Model: lab/echo',
      'Provider: lab',
      'First token after: 0.5 s',
      'Time: 6.5 s',
      'Speed: 50 tokens/s',
      'Tokens in: 1,200 (1,000 cached)',
      'Tokens out: 300 (100 reasoning)',
      'Price: $0.0034',
      'Ended: by itself'
    ]);
    await userEvent.keyboard('{Escape}');
    expect(screen.queryByTestId('llmhub-details')).toBeNull();
    expect(document.activeElement).toBe(screen.getByTestId('llmhub-model-note'));
  });

  it('do not make up what the provider did not say', async () => {
    await showLast(
      here,
      question,
      said('m2', 'x', { ...under, model: 'lab/echo', usage: { output_tokens: 3 } })
    );
    await userEvent.click(screen.getByTestId('llmhub-model-note'));
    const { textContent } = screen.getByTestId('llmhub-details');
    expect(textContent).not.toContain('Speed');
    expect(textContent).toContain('Pricenot known');
    expect(textContent).toContain('Endedthe provider did not say why');
  });
});

describe('the details of an answer, without a click', () => {
  it('come when the keyboard rests on the model, and go with it', async () => {
    await showLast(here, question, said('m2', 'Some answer', { ...under, model: 'lab/echo' }));
    screen.getByTestId('llmhub-more').focus();
    await userEvent.keyboard('{ArrowRight}');
    expect(document.activeElement).toBe(screen.getByTestId('llmhub-model-note'));
    expect(await screen.findByTestId('llmhub-details')).toBeTruthy();
    expect(document.activeElement).toBe(screen.getByTestId('llmhub-model-note'));
    await userEvent.keyboard('{Escape}');
    expect(screen.queryByTestId('llmhub-details')).toBeNull();
    await userEvent.keyboard('{Enter}');
    expect(screen.getByTestId('llmhub-details').contains(document.activeElement)).toBe(true);
  });
});

describe('what went over the wire', () => {
  const exchange: Exchange = {
    provider: 'lab',
    method: 'POST',
    url: 'http://10.0.0.5/v1/chat/completions',
    request_headers: { authorization: 'Bearer ••••' },
    request_body: { model: 'echo' },
    status: 200,
    response_headers: {},
    response_body: '{"a":1}',
    truncated: true,
    started_at: '2026-11-20T12:00:00Z',
    duration_ms: 1200,
    error: null
  };

  it('is shown as readable JSON, an attempt at a time', async () => {
    here = await page({
      exchange: () => Promise.resolve({ items: [exchange, { ...exchange, status: null }] })
    });
    here.show(<ExchangeView runId="r1" />);
    const shown = (await screen.findByText('Attempt 1 of 2', { exact: false })).closest('section')!;
    expect(shown.textContent).toContain('POST http://10.0.0.5/v1/chat/completions');
    expect(shown.textContent).toContain('"model": "echo"');
    expect(shown.textContent).toContain('"a": 1');
    expect(shown.textContent).toContain('only its beginning and its end were kept');
  });

  it('that is gone says so', async () => {
    here = await page({ exchange: () => Promise.reject(new ApiError(404, 'exchange_gone', 'gone')) });
    here.show(<ExchangeView runId="r1" />);
    await waitFor(() => {
      expect(screen.getByTestId('llmhub-exchange').textContent).toContain('This one is gone.');
    });
  });
});
