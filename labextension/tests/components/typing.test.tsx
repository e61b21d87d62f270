import { cleanup, fireEvent, screen, waitFor } from '@testing-library/react';
import { Profiler } from 'react';
import { afterEach, expect, it, vi } from 'vitest';

import { Composer } from '../../src/components/composer/Composer';
import { ConversationList } from '../../src/components/conversations/ConversationList';
import { Header } from '../../src/components/Header';
import { Thread } from '../../src/components/thread/Thread';
import { page } from '../support/services';
import { asked, model, said } from '../support/values';
import { FakeServer } from '../support/server';

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

it('a key that is pressed draws the composer, and nothing else of a conversation of 5,000 messages', async () => {
  vi.spyOn(Element.prototype, 'clientHeight', 'get').mockReturnValue(800);
  const server = new FakeServer();
  let parent_id: string | null = null;
  for (let at = 0; at < 5000; at++) {
    const id = `m${String(at).padStart(5, '0')}`;
    server.add((at % 2 ? said : asked)(id, `message ${at}`, { parent_id, sibling_ids: [] }));
    parent_id = id;
  }
  const models = { items: [model('lab/echo', { context_window: 128_000 })], next: null };
  const here = await page({ models: () => Promise.resolve(models) }, server);
  await here.session.open('c1');
  const drawn: string[] = [];
  const count = (id: string): void => {
    drawn.push(id);
  };
  here.show(
    <>
      {[
        ['header', <Header key="header" />],
        ['list', <ConversationList key="list" />],
        ['thread', <Thread key="thread" chat={here.session.chat} />],
        ['composer', <Composer key="composer" />]
      ].map(([id, element]) => (
        <Profiler key={id as string} id={id as string} onRender={count}>
          {element}
        </Profiler>
      ))}
    </>
  );
  await waitFor(
    () => {
      expect(here.session.chat.tree.path).toHaveLength(5000);
      expect(screen.getAllByTestId('llmhub-message').length).toBeGreaterThan(4);
    },
    { timeout: 20_000 }
  );
  const field = screen.getByTestId('llmhub-composer');
  // What the thread still had to draw is drawn with it; from here on no timer runs, so what is drawn is drawn by the keys.
  fireEvent.change(field, { target: { value: 'O' } });
  drawn.length = 0;
  const look = vi.spyOn(here.session.chat.tree, 'get');
  for (const text of ['W', 'Wh', 'Why', 'Why?', '/', '/m', '@', '@e']) {
    fireEvent.change(field, { target: { value: text } });
  }
  expect(new Set(drawn)).toEqual(new Set(['composer']));
  expect(look.mock.calls.length / 8).toBeLessThan(200);
}, 40_000);
