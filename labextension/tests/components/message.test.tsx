import { act, cleanup, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { ApiError } from '../../src/api/errors';
import { textOf } from '../../src/model/node';
import type { Exchange, Message, RunEvent } from '../../src/api/schema';
import { DeletedBar } from '../../src/components/message/DeletedBar';
import { ExchangeView } from '../../src/components/message/Exchange';
import { ErrorCard } from '../../src/components/message/ErrorCard';
import { instructions } from '../../src/components/message/instructions';
import { Markdown } from '../../src/components/markdown/Markdown';
import { MessageView } from '../../src/components/message/MessageView';
import { waitWords } from '../../src/components/message/WaitWords';
import type { Wait } from '../../src/model/node';
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
    await userEvent.click(screen.getByText('Asked for get_weather'));
    expect(screen.getByText(/"city": "Bern"/)).toBeTruthy();
  });

  it('shows a part that nobody knows as readable JSON', async () => {
    const parts = [{ type: 'hologram', depth: 3 }] as unknown as Message['parts'];
    await showLast(question, message('m2', { ...under, parts }));
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
    await showLast(question, message('m2', { ...under, parts: [call, result] }));
    await userEvent.click(screen.getByText('Used plot'));
    expect(screen.getByRole('img', { name: 'Output' }).getAttribute('src')).toBe(
      'data:image/png;base64,iVBORw0KGgo='
    );
  });
});

describe('an output', () => {
  async function showOutput(mime_bundle: Record<string, unknown>, metadata = {}): Promise<HTMLElement> {
    const parts = [{ type: 'output' as const, mime_bundle, metadata }];
    await showLast(question, message('m2', { ...under, parts }));
    return screen.getByTestId('llmhub-message');
  }

  it('is the picture that came with a text', async () => {
    await showOutput(
      { 'text/plain': '<Figure>', 'image/png': ['iVBORw0K\n', 'Ggo='] },
      { 'image/png': { width: 320, height: 200 } }
    );
    const picture = screen.getByRole('img', { name: 'Output' });
    expect(picture.getAttribute('src')).toBe('data:image/png;base64,iVBORw0KGgo=');
    expect(picture.getAttribute('width')).toBe('320');
    expect(screen.queryByText('<Figure>')).toBeNull();
  });

  it('is a drawing only as an image, in which nothing runs', async () => {
    const shown = await showOutput({ 'image/svg+xml': '<svg onload="evil()"><script>evil()</script></svg>' });
    expect(screen.getByRole('img', { name: 'Output' }).getAttribute('src')).toMatch(
      /^data:image\/svg\+xml,%3Csvg/
    );
    expect(shown.querySelector('script')).toBeNull();
  });

  it('is a table of pandas with the tools of tables, and cleaned', async () => {
    const shown = await showOutput({
      'text/plain': 'a 1',
      'text/html': [
        '<div><style scoped>.x { color: red }</style><table class="dataframe" onclick="evil()">',
        '<thead><tr><th>a</th></tr></thead>\n\n<tbody><tr><td>1</td></tr><tr><td>2</td></tr></tbody></table>',
        '<img src="http://evil.example/x.png"></div>'
      ]
    });
    expect(screen.getByRole('columnheader', { name: 'a' })).toBeTruthy();
    expect(await screen.findByTestId('llmhub-table-copy')).toBeTruthy();
    expect(shown.querySelector('style, img, [onclick]')).toBeNull();
    expect(screen.getByText('Load images from evil.example')).toBeTruthy();
  });

  it('that is only a script is its text', async () => {
    const shown = await showOutput({
      'text/html': '<script>draw()</script><div id="plot"></div>',
      'text/plain': 'A plot'
    });
    expect(screen.getByText('A plot')).toBeTruthy();
    expect(shown.querySelector('script')).toBeNull();
  });

  it('has the colours of its terminal, and only the last state of a progress bar', async () => {
    const shown = await showOutput({
      'application/vnd.jupyter.stdout':
        '10 %\r100 %\n\u001b[1;31mred\u001b[0m plain\u001b]0;title\u0007\u001b[2K <b>'
    });
    expect(screen.getByText('red').className).toBe('ansi-bold ansi-red-fg');
    expect(shown.querySelector('pre')?.textContent).toBe('100 %\nred plain <b>');
  });

  it('is the trace of an error', async () => {
    const shown = await showOutput({
      'application/vnd.jupyter.error': {
        ename: 'ZeroDivisionError',
        evalue: 'no',
        traceback: ['\u001b[31mline 1\u001b[39m', 'no']
      }
    });
    expect(shown.querySelector('[data-error] pre')?.textContent).toBe('line 1\nno');
  });

  it('that only an extension could draw is JSON, which can be folded', async () => {
    await showOutput({ 'application/vnd.vegalite.v5+json': { mark: 'bar' } });
    expect(screen.getByText(/"mark": "bar"/)).toBeTruthy();
    await userEvent.click(screen.getByText('application/vnd.vegalite.v5+json'));
    expect(screen.queryByText(/"mark": "bar"/)).toBeNull();
  });

  it('that is long shows its end', async () => {
    const shown = await showOutput({ 'text/plain': `${'x'.repeat(100_000)}the end` });
    expect(shown.textContent).toContain('the end');
    expect(shown.textContent).toContain('7 characters before this are left out');
  });

  it('without anything in it says so', async () => {
    await showOutput({});
    expect(screen.getByText('An output without content')).toBeTruthy();
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

  it('says what happened and what to do, and is tried again in its place', async () => {
    await showLast(question, failed('a_new_code'));
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
    await showLast(question, failed(code, { provider: 'openai' }));
    const card = screen.getByTestId('llmhub-error');
    expect(card.textContent).toContain(title);
    expect(card.textContent).toContain('It did not work.');
    expect(within(card).getByTestId(button)).toBeTruthy();
  });

  it('about a question that is too long leads to a chat of its own, with the question in the draft', async () => {
    await showLast(question, failed('context_too_long'));
    await userEvent.click(screen.getByTestId('llmhub-ask-anew'));
    expect(here.session.chat.id).toBeNull();
    expect(here.hub.drafts.get(here.session.writing.key).text).toBe('question');
  });

  it('about a conversation that is too long has the older messages summarised and the question sent again', async () => {
    const [answer, second] = [said('m2', 'answer', under), asked('m3', 'and now?', { parent_id: 'm2' })];
    await showLast(question, answer, second, { ...failed('context_too_long'), id: 'm4', parent_id: 'm3' });
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
    await showLast(question, failed('content_refused'));
    await userEvent.click(screen.getByTestId('llmhub-edit-question'));
    expect(here.session.chat.edits.has('m1')).toBe(true);
  });

  it('about a provider that rests says that it does, and not that its address is wrong', async () => {
    await showLast(
      question,
      failed('unavailable', { provider: 'openai', reason: 'resting', retry_after: 12 })
    );
    const card = screen.getByTestId('llmhub-error');
    expect(card.textContent).toContain('openai failed again and again and is left alone for a while');
    expect(card.textContent).not.toContain('address');
    expect(within(card).getByTestId('llmhub-check-provider')).toBeTruthy();
  });

  it('about money does not ask to wait', async () => {
    await showLast(question, failed('rate_limited', { provider: 'openai', reason: 'no_credit' }));
    expect(screen.getByTestId('llmhub-error').textContent).toContain(
      'The account at openai has no credit left'
    );
  });

  it('tells when it is possible again', async () => {
    const at = new Date(Date.now() + 30_000);
    await showLast(question, failed('rate_limited', { retry_after: 30, retry_at: at.toISOString() }));
    const clock = at.toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' });
    expect(screen.getByTestId('llmhub-wait-until').textContent).toBe(`Possible again at ${clock}.`);
  });

  it('counts down to when the provider wants to be asked again', async () => {
    await showLast(question, failed('rate_limited', { retry_after: 30 }));
    const retry = screen.getByTestId<HTMLButtonElement>('llmhub-retry');
    expect(retry.textContent).toMatch(/Retry in (30|29) s/);
    expect(retry.disabled).toBe(true);
  });

  it('counts down by a clock that nobody can set, and goes on after a sleep', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance', 'setInterval', 'clearInterval'] });
    try {
      await showLast(question, {
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
    await showLast(question, failed('rate_limited', { retry_after: 30 }));
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('about a key leads to the key', async () => {
    await showLast(question, failed('key_rejected', { provider: 'openai' }));
    await userEvent.click(screen.getByTestId('llmhub-fix-key'));
    expect(here.session.screen.view).toBe('providers');
    expect(here.session.screen.providerWanted).toBe('openai');
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

  it('that a ceiling refused goes out as it stands then, and its box closes', async () => {
    await showLast(question);
    await userEvent.click(screen.getByTestId('llmhub-edit'));
    await userEvent.type(screen.getByTestId('llmhub-edit-input'), ' two');
    here.server.refusal = new ApiError(429, 'quota_exceeded', 'Spent.');
    await userEvent.click(screen.getByTestId('llmhub-edit-save'));
    await userEvent.type(await screen.findByTestId('llmhub-edit-input'), ' three');
    here.server.refusal = null;
    here.session.chat.failure?.retry?.();
    await waitFor(() => {
      expect(here.session.chat.tree.path).toEqual(['u1', 'a1']);
    });
    expect(textOf(here.session.chat.node('u1')!.message.parts)).toBe('question two three');
    expect(screen.queryByTestId('llmhub-edit-input')).toBeNull();
  });

  it('stays as it was with Escape, and what was written can be gone on with', async () => {
    await showLast(question);
    await userEvent.click(screen.getByTestId('llmhub-edit'));
    await userEvent.type(screen.getByTestId('llmhub-edit-input'), ' or');
    await userEvent.keyboard('{Escape}');
    expect(screen.queryByTestId('llmhub-edit-input')).toBeNull();
    expect(here.server.runs.size).toBe(0);
    await userEvent.click(screen.getByTestId('llmhub-resume-edit'));
    expect(screen.getByTestId<HTMLTextAreaElement>('llmhub-edit-input').value).toBe('question or');
    await userEvent.click(screen.getByTestId('llmhub-edit-cancel'));
    expect(screen.queryByTestId('llmhub-unsent-edit')).toBeNull();
  });

  it('leaves nothing behind when an edit that changed nothing is left', async () => {
    await showLast(question);
    await userEvent.click(screen.getByTestId('llmhub-edit'));
    await userEvent.keyboard('{Escape}');
    expect(screen.queryByTestId('llmhub-unsent-edit')).toBeNull();
  });

  it('can be kept in other words without asking, and answered later', async () => {
    await showLast(question);
    await userEvent.click(screen.getByTestId('llmhub-edit'));
    expect(screen.getByTestId<HTMLButtonElement>('llmhub-edit-keep').disabled).toBe(true);
    await userEvent.type(screen.getByTestId('llmhub-edit-input'), '?');
    await userEvent.click(screen.getByTestId('llmhub-edit-keep'));
    await waitFor(() => {
      expect(here.session.chat.tree.path).toEqual(['s1']);
    });
    expect(here.server.runs.size).toBe(0);
    expect(here.server.messagesById.get('s1')?.parts).toEqual([{ type: 'text', text: 'question?' }]);
  });

  it('loses an image that was taken off in the edit', async () => {
    const image = { type: 'image' as const, file_id: 'f1', media_type: 'image/png' };
    await showLast(asked('m1', '', { parts: [image, { type: 'text', text: 'look' }] }));
    await userEvent.click(screen.getByTestId('llmhub-edit'));
    await userEvent.click(within(screen.getByTestId('llmhub-chip')).getByRole('button', { name: /Remove/ }));
    await userEvent.click(screen.getByTestId('llmhub-edit-save'));
    await waitFor(() => {
      expect(here.server.messagesById.get('u1')?.parts).toEqual([{ type: 'text', text: 'look' }]);
    });
  });

  it('can be said in other words while its answer is being written, which goes on', async () => {
    here.server.add(question, message('m2', { ...under, status: 'running', run_id: 'r0' }));
    await here.session.open('c1');
    here.show(<MessageView chat={here.session.chat} id="m1" isLast={false} />);
    await userEvent.click(screen.getByTestId('llmhub-edit'));
    await userEvent.type(screen.getByTestId('llmhub-edit-input'), '?');
    await userEvent.click(screen.getByTestId('llmhub-edit-save'));
    await waitFor(() => {
      expect(here.session.chat.tree.path).toEqual(['u1', 'a1']);
    });
    expect(here.server.stopped).toEqual([]);
    expect(here.session.chat.node('m2')?.message.status).toBe('running');
  });

  it('without an answer offers to get one', async () => {
    here.hub.catalogue.prefer('lab/echo');
    await showLast(question);
    expect(screen.getByTestId('llmhub-answer')).toBeTruthy();
  });
});

describe('the toolbar', () => {
  const answer = said('m2', 'Some answer', { ...under, model: 'lab/echo' });

  it('is drawn without having the page styled for it: a thread has many of them', async () => {
    const look = vi.spyOn(window, 'getComputedStyle');
    await showLast(question, answer);
    expect(look).not.toHaveBeenCalled();
    look.mockRestore();
  });

  it('is one stop for Tab, and the arrow keys go through it', async () => {
    await showLast(question, answer);
    const bar = screen.getByRole('toolbar');
    const buttons = within(bar).getAllByRole('button');
    expect(buttons.filter(button => button.tabIndex === 0)).toHaveLength(1);
    buttons[0]!.focus();
    await userEvent.keyboard('{ArrowRight}');
    expect(document.activeElement).toBe(buttons[1]);
    expect(buttons.filter(button => button.tabIndex === 0)).toEqual([buttons[1]]);
    await userEvent.keyboard('{End}');
    expect(document.activeElement).toBe(buttons.at(-1));
    await userEvent.keyboard('{ArrowRight}');
    expect(document.activeElement).toBe(buttons[0]);
  });

  it('has one order', async () => {
    await showLast(question, answer);
    const names = [...screen.getByRole('toolbar').querySelectorAll('[data-testid]')].map(
      one => (one as HTMLElement).dataset['testid']
    );
    expect(names).toEqual([
      'llmhub-copy',
      'llmhub-edit',
      'llmhub-regenerate',
      'llmhub-regenerate-menu',
      'llmhub-quote',
      'llmhub-rate-good',
      'llmhub-rate-bad',
      'llmhub-more',
      'llmhub-model-note'
    ]);
  });

  it('quotes a message into the draft', async () => {
    await showLast(question, answer);
    await userEvent.click(screen.getByTestId('llmhub-quote'));
    expect(here.hub.drafts.get(here.session.writing.key).files).toEqual([
      { type: 'quote', message_id: 'm2', text: 'Some answer' }
    ]);
  });

  it('lets an answer be corrected, as a branch', async () => {
    await showLast(question, answer);
    await userEvent.click(screen.getByTestId('llmhub-edit'));
    expect(screen.queryByTestId('llmhub-edit-save')).toBeNull();
    await userEvent.type(screen.getByTestId('llmhub-edit-input'), '!');
    await userEvent.click(screen.getByTestId('llmhub-edit-keep'));
    await waitFor(() => {
      expect(here.server.messagesById.get('s1')).toMatchObject({
        role: 'assistant',
        model: 'lab/echo',
        parts: [{ type: 'text', text: 'Some answer!' }]
      });
    });
  });

  it('says how an answer was asked for, in words that a person knows', async () => {
    const { said: shorter } = instructions(here.services.trans)[0]!;
    await showLast(question, { ...answer, instruction: shorter });
    expect(screen.getByTestId('llmhub-instruction').textContent).toBe('Shorter');
  });
});

describe('the details of an answer', () => {
  it('tell who answered, how quickly, for how much, and why it ended', async () => {
    await showLast(
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
    await showLast(question, said('m2', 'x', { ...under, model: 'lab/echo', usage: { output_tokens: 3 } }));
    await userEvent.click(screen.getByTestId('llmhub-model-note'));
    const { textContent } = screen.getByTestId('llmhub-details');
    expect(textContent).not.toContain('Speed');
    expect(textContent).toContain('Pricenot known');
    expect(textContent).toContain('Endedthe provider did not say why');
  });
});

describe('the details of an answer, without a click', () => {
  it('come when the keyboard rests on the model, and go with it', async () => {
    await showLast(question, said('m2', 'Some answer', { ...under, model: 'lab/echo' }));
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
    await showLast(question, turn);
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
    await showLast(question, message('m2', { ...under, parts: [call, done] }));
    expect(screen.getByTestId('llmhub-tool').textContent).toContain('done1.3 s');
  });

  it('tells what a tool does now', async () => {
    await showLast(question, message('m2', { ...under, status: 'running', run_id: 'r1' }));
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

it('a quote leads to the message that is quoted', async () => {
  const quote = { type: 'quote' as const, message_id: 'm2', text: 'Some' };
  await showLast(
    question,
    said('m2', 'Some answer', under),
    asked('m3', '', { parent_id: 'm2', parts: [quote, { type: 'text', text: 'Why?' }] })
  );
  const shown: unknown[] = [];
  here.session.chat.onGo(where => shown.push(where));
  await userEvent.click(screen.getByTestId('llmhub-quoted'));
  expect(shown).toEqual([{ id: 'm2' }]);
});

it('deleting says how many messages are gone, and brings them back', async () => {
  here.server.add(question, said('m2', 'answer', under));
  await here.session.open('c1');
  here.show(<DeletedBar chat={here.session.chat} />);
  expect(screen.queryByTestId('llmhub-deleted')).toBeNull();
  await act(() => here.session.chat.remove('m1'));
  expect(screen.getByTestId('llmhub-deleted').textContent).toContain('Deleted 2 messages');
  await userEvent.click(screen.getByTestId('llmhub-undelete'));
  await waitFor(() => {
    expect(here.session.chat.tree.path).toEqual(['m1', 'm2']);
  });
});

describe('branches', () => {
  it('are gone through with Alt and the arrow keys', async () => {
    here.server.add(question, said('m2', 'first', under), said('m3', 'second', under));
    await here.session.open('c1');
    here.show(<MessageView chat={here.session.chat} id="m3" isLast />);
    screen.getByTestId('llmhub-copy').focus();
    await userEvent.keyboard('{Alt>}{ArrowLeft}{/Alt}');
    await waitFor(() => {
      expect(here.session.chat.tree.path).toEqual(['m1', 'm2']);
    });
  });

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
