import { cleanup, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';

import type { Client } from '../../src/api/client';
import { FilePart } from '../../src/components/parts/FilePart';
import { Images } from '../../src/components/parts/ImagePart';
import { page, type Page } from '../support/services';

const copied = vi.hoisted(() => vi.fn());
vi.mock('../../src/components/clipboard', () => ({ copyText: copied }));

afterEach(cleanup);

async function show(fileText: Client['fileText'], media_type = 'text/plain'): Promise<Page> {
  const here = await page({ fileText });
  const part = { type: 'file' as const, file_id: 'f1', name: 'pasted text.txt', media_type };
  here.show(<FilePart parts={[part]} {...({} as Omit<Parameters<typeof FilePart>[0], 'parts'>)} />);
  return here;
}

describe('a text that was sent along', () => {
  it('unfolds where it stands, and can be copied and folded again', async () => {
    const fileText = vi.fn(() => Promise.resolve('line one\nline two'));
    await show(fileText);
    expect(fileText).not.toHaveBeenCalled();
    await userEvent.click(screen.getByTestId('llmhub-file'));
    await waitFor(() => {
      expect(screen.getByTestId('llmhub-file-text').textContent).toBe('line one\nline two');
    });
    await userEvent.click(screen.getByTestId('llmhub-file-copy'));
    expect(copied).toHaveBeenCalledWith('line one\nline two');
    await userEvent.click(screen.getByTestId('llmhub-file'));
    expect(screen.queryByTestId('llmhub-file-text')).toBeNull();
  });

  it('is drawn as far as a page bears it, and says so', async () => {
    await show(() => Promise.resolve('x'.repeat(250_000)));
    await userEvent.click(screen.getByTestId('llmhub-file'));
    expect(await screen.findByText('The first 100,000 of 250,000 characters')).toBeTruthy();
    expect(screen.getByTestId('llmhub-file-text').textContent).toHaveLength(100_000);
  });

  it('that is gone says why', async () => {
    await show(() => Promise.reject(new Error('There is no such file.')));
    await userEvent.click(screen.getByTestId('llmhub-file'));
    expect((await screen.findByRole('alert')).textContent).toContain('There is no such file.');
  });

  it('that is no text opens elsewhere', async () => {
    await show(() => Promise.resolve(''), 'application/zip');
    expect(screen.getByRole('link').getAttribute('href')).toBe('/files/f1');
  });
});

it('an image is shown large; Escape and a click close it and give the focus back', async () => {
  const here = await page();
  here.show(<Images parts={[{ type: 'image', file_id: 'i1', media_type: 'image/png' }]} />);
  const small = screen.getByTestId('llmhub-enlarge');
  await userEvent.click(small);
  expect(screen.getByTestId('llmhub-lightbox').querySelector('img')?.getAttribute('src')).toBe('/files/i1');
  await userEvent.keyboard('{Escape}');
  expect(screen.queryByTestId('llmhub-lightbox')).toBeNull();
  expect(document.activeElement).toBe(small);
  await userEvent.click(small);
  await userEvent.click(screen.getByTestId('llmhub-lightbox'));
  expect(screen.queryByTestId('llmhub-lightbox')).toBeNull();
});
