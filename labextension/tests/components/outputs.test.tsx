import { cleanup, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { page, type Page } from '../support/services';
import { message } from '../support/values';
import { question, showLast, under } from '../support/shown';

let here: Page;

beforeEach(async () => {
  here = await page();
});
afterEach(cleanup);

describe('an output', () => {
  async function showOutput(mime_bundle: Record<string, unknown>, metadata = {}): Promise<HTMLElement> {
    const parts = [{ type: 'output' as const, mime_bundle, metadata }];
    await showLast(here, question, message('m2', { ...under, parts }));
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
