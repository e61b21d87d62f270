import { act, cleanup, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DeletedBar } from '../../src/components/message/DeletedBar';
import { instructions } from '../../src/components/message/instructions';
import { MessageView } from '../../src/components/message/MessageView';
import { page, type Page } from '../support/services';
import { answering, message, said } from '../support/values';
import { question, showLast, under } from '../support/shown';

let here: Page;

beforeEach(async () => {
  here = await page();
});
afterEach(cleanup);

describe('the toolbar', () => {
  const answer = said('m2', 'Some answer', { ...under, model: 'lab/echo' });

  it('is drawn without having the page styled for it: a thread has many of them', async () => {
    const look = vi.spyOn(window, 'getComputedStyle');
    await showLast(here, question, answer);
    expect(look).not.toHaveBeenCalled();
    look.mockRestore();
  });

  it('is one stop for Tab, and the arrow keys go through it', async () => {
    await showLast(here, question, answer);
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
    await showLast(here, question, answer);
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
    await showLast(here, question, answer);
    await userEvent.click(screen.getByTestId('llmhub-quote'));
    expect(here.hub.drafts.get(here.session.writing.key).files).toEqual([
      { type: 'quote', message_id: 'm2', text: 'Some answer' }
    ]);
  });

  it('lets an answer be corrected, as a branch', async () => {
    await showLast(here, question, answer);
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
    await showLast(here, question, { ...answer, instruction: shorter });
    expect(screen.getByTestId('llmhub-instruction').textContent).toBe('Shorter');
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
