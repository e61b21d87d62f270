import { cleanup, fireEvent, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';

import type { Client } from '../../src/api/client';
import { Composer } from '../../src/components/composer/Composer';
import { textOf } from '../../src/model/node';
import { page, type Page } from '../support/services';
import { answering, model } from '../support/values';

afterEach(cleanup);

async function open(client: Parameters<typeof page>[0] = {}): Promise<Page & { field: HTMLTextAreaElement }> {
  const here = await page({
    models: () => Promise.resolve({ items: [model('lab/echo')], next: null }),
    ...client
  });
  here.show(<Composer />);
  return { ...here, field: screen.getByTestId<HTMLTextAreaElement>('llmhub-composer') };
}

/** What a browser says of a clipboard. */
function clipboard(files: File[], text = ''): { files: File[]; getData: () => string } {
  return { files, getData: () => text };
}

/** A server that keeps what was attached. */
function store(): { upload: Client['upload']; fileText: Client['fileText'] } {
  const files: Blob[] = [];
  return {
    upload: (file, name) => {
      files.push(file);
      const id = `f${files.length}`;
      return Promise.resolve({ id, name, media_type: file.type, size: file.size, created_at: '' });
    },
    fileText: id => files[Number(id.slice(1)) - 1]!.text()
  };
}

describe('the composer', () => {
  it('sends with Enter and breaks the line with Shift+Enter', async () => {
    const { field, session } = await open();
    await userEvent.type(field, 'one{Shift>}{Enter}{/Shift}two');
    expect(field.value).toBe('one\ntwo');
    await userEvent.type(field, '{Enter}');
    await waitFor(() => {
      expect(session.chat.tree.path).toEqual(['u1', 'a1']);
    });
    expect(field.value).toBe('');
    expect(textOf(session.chat.node('u1')!.message.parts)).toBe('one\ntwo');
  });

  it('asks who shall answer when no model is chosen, and keeps what was written', async () => {
    const { field, session } = await open({ models: () => Promise.resolve({ items: [], next: null }) });
    await userEvent.type(field, 'Is anybody there?{Enter}');
    expect(session.screen.isChoosingModel).toBe(true);
    expect(field.value).toBe('Is anybody there?');
  });

  it('breaks the line with Enter and sends with Ctrl+Enter when that is set', async () => {
    const { field, hub, session } = await open();
    hub.preferences.set({ sendOnEnter: false });
    await userEvent.type(field, 'one{Enter}two');
    expect(field.value).toBe('one\ntwo');
    await userEvent.type(field, '{Control>}{Enter}{/Control}');
    await waitFor(() => {
      expect(session.chat.tree.path).toHaveLength(2);
    });
  });

  it('leaves the Enter that ends a composition to the input method', async () => {
    const { field, session } = await open();
    fireEvent.change(field, { target: { value: 'にほん' } });
    fireEvent.keyDown(field, { key: 'Enter', isComposing: true });
    fireEvent.keyDown(field, { key: 'Enter', keyCode: 229 });
    expect(session.chat.tree.path).toEqual([]);
    expect(field.value).toBe('にほん');
  });

  it('has stop where send was while an answer is written; what is typed meanwhile can be sent too', async () => {
    const { field, session, server } = await open();
    await userEvent.type(field, 'hello{Enter}');
    const stop = await screen.findByTestId('llmhub-stop');
    expect(screen.queryByTestId('llmhub-send')).toBeNull();
    await waitFor(() => {
      expect(session.chat.isPosting).toBe(false);
    });
    await userEvent.type(field, 'next');
    expect(screen.getByTestId('llmhub-send').title).toBe('Send when the answer is complete');
    expect(screen.getByTestId('llmhub-stop')).toBe(stop);
    await userEvent.keyboard('{Escape}');
    expect(server.stopped).toEqual([]);
    await userEvent.click(stop);
    expect(server.stopped).toEqual(['r1']);
    expect(field.value).toBe('next');
    server.say(...answering(['done'], { message: 'a1' }));
    await waitFor(() => {
      expect(screen.queryByTestId('llmhub-stop')).toBeNull();
    });
  });

  it('queues what is sent while an answer is written: it waits above, and can be edited or deleted', async () => {
    const { field, session } = await open();
    await userEvent.type(field, 'hello{Enter}');
    await waitFor(() => {
      expect(session.chat.running?.message.run_id).toBe('r1');
    });
    await userEvent.type(field, 'second{Enter}third{Enter}');
    expect(field.value).toBe('');
    expect(screen.getAllByTestId('llmhub-queued').map(item => item.textContent)).toEqual(['second', 'third']);
    await userEvent.click(screen.getAllByTestId('llmhub-queued-delete')[1]!);
    await userEvent.type(field, 'on top');
    await userEvent.click(screen.getByTestId('llmhub-queued-edit'));
    expect(field.value).toBe('on top\n\nsecond');
    expect(screen.queryByTestId('llmhub-queue')).toBeNull();
  });

  it('keeps what is typed while the conversation is still being made', async () => {
    const { field, session } = await open();
    await userEvent.type(field, 'hello');
    fireEvent.keyDown(field, { key: 'Enter' });
    expect(session.chat.id).toBeNull();
    fireEvent.change(field, { target: { value: 'and' } });
    await waitFor(() => {
      expect(session.chat.running?.message.run_id).toBe('r1');
    });
    expect(field.value).toBe('and');
  });

  it('has the draft back after a reload', async () => {
    const first = await open();
    await userEvent.type(first.field, 'not sent yet');
    cleanup();
    const second = await open();
    expect(second.field.value).toBe('not sent yet');
  });

  it('keeps a draft for each conversation', async () => {
    const { hub, session, field } = await open();
    hub.drafts.set('c9', { text: 'for nine' });
    await userEvent.type(field, 'for the new one');
    await session.open('c9');
    await waitFor(() => {
      expect(field.value).toBe('for nine');
    });
    session.newChat();
    await waitFor(() => {
      expect(field.value).toBe('for the new one');
    });
  });

  it('uploads a pasted image and sends it with the message', async () => {
    const upload = vi.fn((file: Blob, name: string) =>
      Promise.resolve({ id: 'f1', name, media_type: file.type, size: file.size, created_at: '' })
    );
    const { field, session } = await open({ upload });
    const image = new File(['x'], 'plot.png', { type: 'image/png' });
    fireEvent.paste(field, { clipboardData: clipboard([image]) });
    expect(await screen.findByAltText('Attached image')).toBeTruthy();
    await userEvent.type(field, 'what is this?{Enter}');
    await waitFor(() => {
      expect(session.chat.node('u1')?.message.parts[0]).toEqual({
        type: 'image',
        file_id: 'f1',
        media_type: 'image/png'
      });
    });
  });

  it('says why a file is refused, before sending it anywhere', async () => {
    const upload = vi.fn();
    const { field } = await open({ upload });
    const large = new File([new Uint8Array(21 * 2 ** 20)], 'big.png', { type: 'image/png' });
    fireEvent.paste(field, {
      clipboardData: clipboard([large, new File(['PK\0\0'], 'a.zip', { type: 'application/zip' })])
    });
    expect(await screen.findByText('big.png has 21 MB; at most 20 MB can be attached.')).toBeTruthy();
    expect(await screen.findByText('a.zip is neither text nor a PNG, JPEG, GIF or WebP image.')).toBeTruthy();
    expect(upload).not.toHaveBeenCalled();
    await userEvent.type(field, 'Without them, then{Enter}');
    expect(screen.queryByTestId('llmhub-upload')).toBeNull();
  });
});

describe('a long paste', () => {
  const long = 'A line of a log.\n'.repeat(200);

  it('becomes a chip that says what it costs, and is sent as a text file', async () => {
    const { field, session } = await open(store());
    fireEvent.paste(field, { clipboardData: clipboard([], long) });
    const chip = await screen.findByTestId('llmhub-chip');
    expect(chip.textContent).toBe('Pasted text3.3 KB · ~850 tokens');
    expect(field.value).toBe('');
    await userEvent.type(field, 'Why?{Enter}');
    await waitFor(() => {
      expect(session.chat.node('u1')?.message.parts).toEqual([
        { type: 'file', file_id: 'f1', name: 'pasted text.txt', media_type: 'text/plain' },
        { type: 'text', text: 'Why?' }
      ]);
    });
  });

  it('opens, can be changed, and moves back into the text', async () => {
    const { field, hub } = await open(store());
    fireEvent.paste(field, { clipboardData: clipboard([], long) });
    await userEvent.click(await screen.findByTestId('llmhub-chip-open'));
    const text = await screen.findByTestId<HTMLTextAreaElement>('llmhub-paste-text');
    await waitFor(() => {
      expect(text.value).toBe(long);
    });
    fireEvent.change(text, { target: { value: 'short now' } });
    await userEvent.click(screen.getByTestId('llmhub-paste-done'));
    await waitFor(() => {
      expect(hub.drafts.get(null).files).toMatchObject([
        { file_id: 'f2', about: { size: 9, isPaste: true } }
      ]);
    });
    await userEvent.click(screen.getByTestId('llmhub-chip-open'));
    await waitFor(() => {
      expect(screen.getByTestId<HTMLTextAreaElement>('llmhub-paste-text').value).toBe('short now');
    });
    await userEvent.click(screen.getByTestId('llmhub-paste-inline'));
    expect(field.value).toBe('short now');
    expect(screen.queryByTestId('llmhub-chip')).toBeNull();
  });

  it('stands in the text when the server does not take it', async () => {
    const { field } = await open({ upload: () => Promise.reject(new Error('disk full')) });
    fireEvent.paste(field, { clipboardData: clipboard([], long) });
    await waitFor(() => {
      expect(field.value).toBe(long);
    });
    expect(screen.getByTestId('llmhub-upload').textContent).toContain('disk full');
  });

  it('of ordinary length is text', async () => {
    const { field } = await open();
    expect(fireEvent.paste(field, { clipboardData: clipboard([], 'x'.repeat(2500)) })).toBe(true);
    expect(screen.queryByTestId('llmhub-upload')).toBeNull();
  });
});

describe('the model picker', () => {
  const models = [
    model('lab/echo'),
    model('openai/gpt-x', { available: false, why_not: 'No key for OpenAI.' }),
    model('lab/qwen3')
  ];

  it('finds by typing and chooses with the keyboard', async () => {
    const { session } = await open({ models: () => Promise.resolve({ items: models, next: null }) });
    await userEvent.click(screen.getByTestId('llmhub-model-picker'));
    await userEvent.type(screen.getByTestId('llmhub-model-search'), 'qw{Enter}');
    expect(session.model).toBe('lab/qwen3');
    expect(screen.queryByTestId('llmhub-models')).toBeNull();
  });

  it('says why a model cannot answer, and does not choose it', async () => {
    const { session } = await open({ models: () => Promise.resolve({ items: models, next: null }) });
    await userEvent.click(screen.getByTestId('llmhub-model-picker'));
    await userEvent.click(screen.getByText('No key for OpenAI.'));
    expect(session.model).toBe('lab/echo');
  });

  it('closes with Escape and gives the focus back', async () => {
    await open();
    await userEvent.click(screen.getByTestId('llmhub-model-picker'));
    await userEvent.keyboard('{Escape}');
    expect(screen.queryByTestId('llmhub-models')).toBeNull();
    expect(document.activeElement).toBe(screen.getByTestId('llmhub-model-picker'));
  });
});
