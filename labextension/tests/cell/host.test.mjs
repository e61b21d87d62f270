/* global Buffer, document, Element */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { fireEvent, waitFor, within } from '@testing-library/react';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';

/** What the wheel brings; `jlpm build:cell` makes it. */
const BUILT = resolve(import.meta.dirname, '../../../llmhub/hosts/notebook/widgets/static/chat.js');

let built;

beforeAll(async () => {
  // jsdom has none.
  vi.stubGlobal('CSS', { escape: text => text });
  // As it is, past vite, which would only take what stands in its root.
  const code = Buffer.from(`${readFileSync(BUILT, 'utf8')}\n//# sourceURL=chat.js`).toString('base64');
  built = await import(/* @vite-ignore */ `data:text/javascript;base64,${code}`);
});

afterEach(() => {
  vi.restoreAllMocks();
  document.body.replaceChildren();
});

/** A page with anywidget's model and nothing else: no JupyterLab, no server. */
function host() {
  const sent = [];
  const listeners = new Set();
  const model = {
    get: name => (name === 'key' ? 'k1' : undefined),
    send: content => sent.push(content),
    on: (event, hear) => {
      expect(event).toBe('msg:custom');
      listeners.add(hear);
    },
    off: (_event, hear) => {
      listeners.delete(hear);
    }
  };
  const el = document.body.appendChild(document.createElement('div'));
  const close = built.default.render({ model, el });
  return {
    el,
    sent,
    close: () => {
      close();
      expect(listeners.size).toBe(0);
    },
    tell: told => {
      listeners.forEach(hear => {
        hear(told);
      });
    }
  };
}

const message = (id, more) => ({
  id,
  role: 'assistant',
  status: 'complete',
  sibling_ids: [id],
  adapted: [],
  parts: [],
  ...more
});
const says = text => ({ parts: [{ type: 'text', text }] });
const question = {
  shown: 'q',
  messages: [message('q', { role: 'user', ...says('Which of you?') })]
};
const answers = shown => ({
  shown,
  messages: [
    message('a', { model: 'lab/one', ...says('from **one**') }),
    message('b', { model: 'lab/two', status: 'running', run_id: 'r', ...says('from two') })
  ]
});
const state = (...turns) => ({ type: 'state', turns, model: 'lab/one', models: [] });

it('is one file that needs nothing of JupyterLab and asks no server', () => {
  const code = readFileSync(BUILT, 'utf8');
  expect(code).not.toMatch(/\bimport\s*[{"'*(]|\bfrom\s*["'](?!\s)[\w@./-]+["']\s*;/);
  expect(code).not.toMatch(/@jupyterlab\/|@lumino\/|\bfetch\(|XMLHttpRequest|new WebSocket|EventSource/);
});

it('draws a conversation with no more than a model, and asks over it', async () => {
  const { el, sent, tell, close } = host();
  expect(sent).toEqual([{ type: 'hello' }]);
  tell(state(question, { shown: 'a', messages: [message('a', says('Hello **you**'))] }));
  await waitFor(() => {
    expect(el.querySelector('strong')?.textContent).toBe('you');
  });
  const written = within(el).getByLabelText('Message');
  fireEvent.change(written, { target: { value: 'And now?' } });
  fireEvent.keyDown(written, { key: 'Enter' });
  expect(sent.at(-1)).toMatchObject({ type: 'ask', text: 'And now?' });
  expect(document.head.textContent).toContain('.llmhub-still-k1');
  close();
  expect(document.head.textContent).not.toContain('.llmhub-still-k1');
});

it('draws the answers of several models side by side; one is gone on with, one is stopped', async () => {
  vi.spyOn(Element.prototype, 'clientWidth', 'get').mockReturnValue(900);
  const { el, sent, tell, close } = host();
  tell({ type: 'models', items: [{ id: 'lab/one', label: 'One' }] });
  tell({ ...state(question, answers('a')), models: ['lab/one', 'lab/two'] });
  const columns = await waitFor(() => {
    const found = within(el).getAllByTestId('llmhub-column');
    expect(found.map(column => column.getAttribute('aria-label'))).toEqual(['One', 'lab/two']);
    return found;
  });
  expect(within(el).getByText('Asks One, lab/two')).toBeTruthy();
  expect(columns.map(column => column.dataset['shown'])).toEqual(['true', undefined]);
  fireEvent.click(within(columns[1]).getByText('Continue with this one'));
  expect(sent.at(-1)).toEqual({ type: 'choose', message_id: 'b' });
  fireEvent.click(within(columns[1]).getByLabelText('Stop lab/two'));
  expect(sent.at(-1)).toEqual({ type: 'stop', message_id: 'b' });
  close();
});

it('shows one of them under tabs where the output is narrow', async () => {
  vi.spyOn(Element.prototype, 'clientWidth', 'get').mockReturnValue(300);
  const { el, tell, close } = host();
  tell({ ...state(question, answers('a')), models: ['lab/one', 'lab/two'] });
  const tabs = await waitFor(() => within(el).getAllByTestId('llmhub-answer-tab'));
  expect(el.querySelector('.jp-llmhub-column')?.textContent).toContain('from one');
  fireEvent.click(tabs[1]);
  await waitFor(() => {
    expect(el.querySelector('.jp-llmhub-column')?.textContent).toContain('from two');
  });
  close();
});
