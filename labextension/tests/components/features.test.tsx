import { act, cleanup, fireEvent, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';

import type { ServerConfig } from '../../src/api/schema';
import { Composer } from '../../src/components/composer/Composer';
import { FileFinder } from '../../src/model/finder';
import { NO_FILES } from '../../src/model/workspace';
import { page, type Page } from '../support/services';
import { model } from '../support/values';

afterEach(cleanup);

const upload = vi.fn();
const walk = vi.fn(() => Promise.resolve([]));

async function open(
  features: Record<string, boolean>
): Promise<Page & { panel: HTMLElement; field: HTMLTextAreaElement }> {
  upload.mockClear();
  const config = { features, limits: {}, settings: {}, default_model: null, own: [], locked: [] };
  const here = await page({
    models: () => Promise.resolve({ items: [model('lab/echo'), model('lab/other')], next: null }),
    config: () => Promise.resolve(config as unknown as ServerConfig),
    upload
  });
  const workspace = { ...NO_FILES, recent: () => ['notes.md'], list: walk };
  Object.assign(here.services, { workspace, files: new FileFinder(workspace) });
  here.show(
    <div className="jp-llmhub-panel" data-testid="panel">
      <Composer />
    </div>
  );
  return { ...here, panel: screen.getByTestId('panel'), field: screen.getByTestId('llmhub-composer') };
}

/** A file is dragged over the panel; what the browser is told of it. */
function drag(panel: HTMLElement, name: 'dragover' | 'drop'): { taken: boolean; effect: string } {
  const dataTransfer = {
    types: ['Files'],
    items: [{ kind: 'file' }],
    files: [file()],
    dropEffect: 'copy',
    getData: () => ''
  };
  const event = new DragEvent(name, { bubbles: true, cancelable: true });
  Object.defineProperty(event, 'dataTransfer', { value: dataTransfer });
  fireEvent(panel, event);
  return { taken: event.defaultPrevented, effect: dataTransfer.dropEffect };
}

const file = (): File => new File(['x'], 'x.txt', { type: 'text/plain' });
const said = (): string => document.body.textContent;

describe('where attachments are switched off', () => {
  it('nothing offers to attach, and what is dropped does not make the browser leave the page', async () => {
    const { panel, field } = await open({ attachments: false });
    expect(screen.queryByTestId('llmhub-attach')).toBeNull();
    expect(screen.queryByTestId('llmhub-attach-input')).toBeNull();
    expect(drag(panel, 'dragover')).toEqual({ taken: true, effect: 'none' });
    expect(screen.queryByTestId('llmhub-drop')).toBeNull();
    expect(drag(panel, 'drop').taken).toBe(true);
    await userEvent.type(field, '@');
    expect(screen.getAllByTestId('llmhub-menu-option').map(option => option.textContent)).toEqual([
      expect.stringContaining('echo'),
      expect.stringContaining('other')
    ]);
    expect(walk).not.toHaveBeenCalled();
    expect(upload).not.toHaveBeenCalled();
  });

  it('a long paste is text as any other, and a pasted picture is refused in words', async () => {
    const { field } = await open({ attachments: false });
    const text = { files: [], getData: () => 'x'.repeat(5000) };
    expect(fireEvent.paste(field, { clipboardData: text })).toBe(true);
    fireEvent.paste(field, { clipboardData: { files: [file()], getData: () => '' } });
    await waitFor(() => {
      expect(said()).toContain('Attachments are switched off on this server.');
    });
    expect(upload).not.toHaveBeenCalled();
  });

  it('all of it is there where they are not', async () => {
    const { panel, field } = await open({});
    expect(screen.getByTestId('llmhub-attach')).toBeTruthy();
    expect(drag(panel, 'dragover').taken).toBe(true);
    expect(screen.getByTestId('llmhub-drop')).toBeTruthy();
    await userEvent.type(field, '@not');
    expect(screen.getByTestId('llmhub-menu').textContent).toContain('notes.md');
  });
});

describe('where asking several models is switched off', () => {
  it('the key says so, and the help does not have it', async () => {
    const { field, session } = await open({ compare: false });
    await userEvent.type(field, 'Which?{Control>}{Enter}{/Control}');
    expect(screen.queryByTestId('llmhub-several')).toBeNull();
    expect(said()).toContain('Asking several models at once is switched off on this server.');
    expect(field.value).toBe('Which?');
    session.desk.open('help');
    expect((await screen.findByTestId('llmhub-help')).textContent).not.toContain('several models');
  });
});

describe('where providers of one’s own are switched off', () => {
  it.each([
    [false, 0],
    [true, 1]
  ])('nothing offers to set one up (%s)', async (own_providers, count) => {
    const { session } = await open({ own_providers });
    await act(async () => {
      session.screen.chooseModel();
      await Promise.resolve();
    });
    await screen.findByTestId('llmhub-models');
    expect(screen.queryAllByText('Set up providers…')).toHaveLength(count);
  });
});

describe('of a model that is not known to see images', () => {
  it.each([
    [true, 'blind does not see images.'],
    [false, 'blind may not see images: nobody says whether it does.']
  ])('it is said how sure that is (%s)', async (sure, words) => {
    const here = await page({
      models: () => Promise.resolve({ items: [model('lab/blind', { sure })], next: null })
    });
    here.show(<Composer />);
    here.session.writing.attachPart({ type: 'image', file_id: 'f1', media_type: 'image/png' });
    expect(await screen.findByText(words)).toBeTruthy();
  });
});
