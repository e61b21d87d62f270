import { cleanup, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ApiError } from '../../src/api/errors';
import { textOf } from '../../src/model/node';
import { MessageView } from '../../src/components/message/MessageView';
import { page, type Page } from '../support/services';
import { asked, message, said } from '../support/values';
import { question, showLast, under } from '../support/shown';

let here: Page;

beforeEach(async () => {
  here = await page();
});
afterEach(cleanup);

describe('a message of the user', () => {
  it('is text, not Markdown', async () => {
    await showLast(here, asked('m1', '# not a heading <b>x</b>'));
    expect(screen.getByText('# not a heading <b>x</b>')).toBeTruthy();
  });

  it('can be said in other words, which makes a branch', async () => {
    await showLast(here, question);
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
    await showLast(here, question);
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
    await showLast(here, question);
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
    await showLast(here, question);
    await userEvent.click(screen.getByTestId('llmhub-edit'));
    await userEvent.keyboard('{Escape}');
    expect(screen.queryByTestId('llmhub-unsent-edit')).toBeNull();
  });

  it('can be kept in other words without asking, and answered later', async () => {
    await showLast(here, question);
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
    await showLast(here, asked('m1', '', { parts: [image, { type: 'text', text: 'look' }] }));
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
    await showLast(here, question);
    expect(screen.getByTestId('llmhub-answer')).toBeTruthy();
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

it('a quote leads to the message that is quoted', async () => {
  const quote = { type: 'quote' as const, message_id: 'm2', text: 'Some' };
  await showLast(
    here,
    question,
    said('m2', 'Some answer', under),
    asked('m3', '', { parent_id: 'm2', parts: [quote, { type: 'text', text: 'Why?' }] })
  );
  const shown: unknown[] = [];
  here.session.chat.onGo(where => shown.push(where));
  await userEvent.click(screen.getByTestId('llmhub-quoted'));
  expect(shown).toEqual([{ id: 'm2' }]);
});
