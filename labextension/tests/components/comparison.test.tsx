import { cleanup, fireEvent, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { ApiError } from '../../src/api/errors';
import type { RunEvent } from '../../src/api/schema';
import { MessagePlace } from '../../src/components/message/Comparison';
import { useModel } from '../../src/components/hooks';
import type { Session } from '../../src/model/session';
import { page, type Page } from '../support/services';
import { answering, model } from '../support/values';

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

/** Draws the last message of what is shown. */
function End({ session }: { session: Session }) {
  const { chat } = useModel(session);
  useModel(chat);
  const id = chat.tree.path.at(-1);
  return id === undefined ? null : <MessagePlace chat={chat} id={id} isLast position={2} count={2} />;
}

/** `lab/one`, `lab/two` and `lab/three` were asked together; `width` is what the panel has for their answers. */
async function compare(width: number): Promise<Page> {
  vi.spyOn(Element.prototype, 'clientWidth', 'get').mockReturnValue(width);
  const names = ['lab/one', 'lab/two', 'lab/three'];
  const here = await page({
    models: () => Promise.resolve({ items: names.map(name => model(name)), next: null })
  });
  here.session.start();
  here.session.setModel('lab/one');
  here.show(<End session={here.session} />);
  here.hub.drafts.set(null, { text: 'Which of you?' });
  here.session.writing.send(names);
  await waitFor(() => {
    expect(here.server.bodies).toHaveLength(3);
  });
  return here;
}

/** What the answer of `lab/<name>` says, the `at`th of them. */
function by(at: 1 | 2 | 3, ...pieces: string[]): RunEvent[] {
  const name = ['one', 'two', 'three'][at - 1] ?? '';
  return answering(pieces, { run: `r${at}`, message: `a${at}`, model: `lab/${name}` });
}

const columns = (): HTMLElement[] => screen.queryAllByTestId('llmhub-column');
const tabs = (): HTMLElement[] => screen.queryAllByTestId('llmhub-answer-tab');

describe('answers of several models', () => {
  it('stand side by side where there is room, each under its name and growing by itself', async () => {
    const { server } = await compare(900);
    await waitFor(() => {
      expect(columns().map(column => column.dataset['model'])).toEqual(['lab/one', 'lab/two', 'lab/three']);
    });
    server.say(...by(2, 'from two'));
    server.say(...by(1, 'from one').slice(0, 3));
    await waitFor(() => {
      expect(columns()[1]!.textContent).toContain('from two');
    });
    expect(columns()[0]!.textContent).toContain('from one');
    expect(
      columns().map(column => column.querySelector('.jp-llmhub-state')?.getAttribute('aria-label'))
    ).toEqual(['is being written', 'complete', 'is being written']);
  });

  it('stand side by side from the first frame on, before the server has answered', async () => {
    vi.spyOn(Element.prototype, 'clientWidth', 'get').mockReturnValue(900);
    const here = await page({
      models: () => Promise.resolve({ items: [model('lab/one'), model('lab/two')], next: null })
    });
    here.hub.drafts.set(null, { text: 'Which of you?' });
    here.session.writing.send(['lab/one', 'lab/two']);
    here.show(<End session={here.session} />);
    expect(columns()).toHaveLength(2);
    expect(here.server.bodies).toEqual([]);
    await waitFor(() => {
      expect(here.server.bodies).toHaveLength(2);
    });
    expect(columns()).toHaveLength(2);
  });

  it('one of them is gone on with: it is the head, its model answers next, and it stands alone', async () => {
    const { server, session } = await compare(900);
    server.say(...by(1, 'from one'), ...by(2, 'from two'), ...by(3, 'from three'));
    await userEvent.click(screen.getAllByTestId('llmhub-choose')[1]!);
    await waitFor(() => {
      expect(columns()).toHaveLength(0);
    });
    expect(session.chat.tree.path).toEqual(['u1', 'a2']);
    expect(server.head).toBe('a2');
    expect(session.model).toBe('lab/two');
    await userEvent.click(screen.getByTestId('llmhub-compare'));
    expect(columns()).toHaveLength(3);
  });

  it('stand under tabs where there is little room; by keyboard, too', async () => {
    const { server } = await compare(300);
    server.say(...by(2, 'from two'));
    await waitFor(() => {
      expect(tabs().map(tab => tab.textContent)).toEqual(['one', 'two', 'three']);
    });
    expect(columns().map(column => column.dataset['model'])).toEqual(['lab/one']);
    tabs()[0]!.focus();
    await userEvent.keyboard('{ArrowRight}');
    expect(tabs()[1]!.getAttribute('aria-selected')).toBe('true');
    expect(document.activeElement).toBe(tabs()[1]);
    expect(columns()[0]!.textContent).toContain('from two');
    expect(columns()[0]!.getAttribute('aria-labelledby')).toBe(tabs()[1]!.id);
    await userEvent.keyboard('{ArrowLeft}{ArrowLeft}');
    expect(columns()[0]!.dataset['model']).toBe('lab/three');
    fireEvent.keyDown(screen.getAllByTestId('llmhub-message')[0]!, { key: 'ArrowLeft', altKey: true });
    expect(columns()[0]!.dataset['model']).toBe('lab/two');
  });

  it('go from one to the next under a finger', async () => {
    await compare(300);
    const comparison = screen.getByTestId('llmhub-comparison');
    const touch = (type: string, clientX: number, clientY: number): void => {
      const event = new MouseEvent(type, { bubbles: true, clientX, clientY });
      fireEvent(comparison, Object.assign(event, { pointerType: 'touch' }));
    };
    const swipe = (from: number, to: number): void => {
      touch('pointerdown', from, 10);
      touch('pointerup', to, 14);
    };
    swipe(200, 100);
    expect(columns()[0]!.dataset['model']).toBe('lab/two');
    swipe(200, 180);
    expect(columns()[0]!.dataset['model']).toBe('lab/two');
    swipe(100, 200);
    expect(columns()[0]!.dataset['model']).toBe('lab/one');
  });

  it('what is written next goes below the one that is looked at', async () => {
    const { server, session, hub } = await compare(300);
    server.say(...by(1, 'done'), ...by(2, 'done'), ...by(3, 'done'));
    await userEvent.click(tabs()[2]!);
    hub.drafts.set('c1', { text: 'And then?' });
    session.writing.send();
    await waitFor(() => {
      expect(server.bodies).toHaveLength(4);
    });
    expect(server.bodies[3]).toMatchObject({ parent_id: 'a3', model: 'lab/three' });
    expect(session.chat.tree.path.slice(0, 2)).toEqual(['u1', 'a3']);
    expect(screen.queryByTestId('llmhub-comparison')).toBeNull();
  });

  it('are stopped one by one, or all together; what is sent meanwhile waits for the last of them', async () => {
    const { server, session, hub } = await compare(900);
    await waitFor(() => {
      expect(screen.getAllByTestId('llmhub-column-stop')).toHaveLength(3);
    });
    server.say(...by(1, 'done'));
    expect(session.outbox.isBusy).toBe(true);
    hub.drafts.set('c1', { text: 'And then?' });
    session.writing.send();
    expect(session.outbox.waiting).toHaveLength(1);
    await waitFor(() => {
      expect(screen.getAllByTestId('llmhub-column-stop')).toHaveLength(2);
    });
    await userEvent.click(screen.getAllByTestId('llmhub-column-stop')[0]!);
    expect(server.stopped).toEqual(['r2']);
    server.say(...by(2, 'done'));
    await session.chat.stop();
    expect(server.stopped).toEqual(['r2', 'r3']);
    server.say(...by(3, 'done'));
    await waitFor(() => {
      expect(server.bodies).toHaveLength(4);
    });
  });

  it('are side by side again after a reload, and those that are being written go on', async () => {
    const { server } = await compare(900);
    server.say(...by(2, 'from two').slice(0, 3));
    cleanup();
    const again = await page(
      { models: () => Promise.resolve({ items: [model('lab/one'), model('lab/two')], next: null }) },
      server
    );
    await again.session.open('c1');
    again.show(<End session={again.session} />);
    await waitFor(() => {
      expect(columns()).toHaveLength(3);
    });
    server.say(...by(2, 'from two', ' and more').slice(3));
    await waitFor(() => {
      expect(columns()[1]!.textContent).toContain('from two and more');
    });
  });

  it('a model that cannot be asked is no column, and is told', async () => {
    vi.spyOn(Element.prototype, 'clientWidth', 'get').mockReturnValue(900);
    const here = await page({
      models: () => Promise.resolve({ items: [model('lab/one'), model('lab/two')], next: null })
    });
    const { server, session, hub } = here;
    const start = server.startRun.bind(server);
    server.startRun = (id, body) =>
      body.model === 'lab/two' ? Promise.reject(new ApiError(422, 'invalid', 'No.')) : start(id, body);
    here.show(<End session={session} />);
    hub.drafts.set(null, { text: 'Which of you?' });
    session.writing.send(['lab/one', 'lab/two']);
    await waitFor(() => {
      expect(session.chat.failure?.error.message).toBe('No.');
    });
    expect(columns()).toHaveLength(0);
    expect(screen.getAllByTestId('llmhub-message')).toHaveLength(1);
  });
});
