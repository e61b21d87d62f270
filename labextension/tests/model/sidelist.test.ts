import { beforeEach, describe, expect, it, vi } from 'vitest';

import { page } from '../support/services';

describe('the list beside the thread', () => {
  beforeEach(() => {
    localStorage.clear();
  });

  it('takes the place of the thread where there is no room', async () => {
    const { session } = await page();
    session.screen.toggleList();
    expect([session.screen.view, session.screen.hasList]).toEqual(['conversations', true]);
    session.screen.toggleList();
    expect([session.screen.view, session.screen.hasList]).toEqual(['thread', false]);
  });

  it('leaves the thread where it is when there is room, and is there in the next panel, too', async () => {
    const { hub, session } = await page();
    session.screen.setWide(true);
    expect(session.screen.hasList).toBe(false);
    session.screen.toggleList();
    expect([session.screen.view, session.screen.hasList]).toEqual(['thread', true]);
    session.screen.setWide(false);
    expect([session.screen.view, session.screen.hasList]).toEqual(['thread', false]);
    const next = hub.session({ name: 'tab', get: () => null, set: () => undefined });
    next.screen.setWide(true);
    expect(next.screen.hasList).toBe(true);
    next.screen.toggleList();
    expect(next.screen.hasList).toBe(false);
    const { session: later } = await page();
    later.screen.setWide(true);
    expect(later.screen.hasList).toBe(false);
  });

  it('moves aside when the panel becomes wide', async () => {
    const { session } = await page();
    session.screen.show('conversations');
    session.screen.setWide(true);
    expect([session.screen.view, session.screen.hasList]).toEqual(['thread', true]);
  });

  it('is where one looks for a title: the cursor goes there, at once or when it is drawn', async () => {
    const { session } = await page();
    const find = vi.fn();
    session.screen.show('conversations');
    session.screen.onFind(find);
    expect(find).toHaveBeenCalledTimes(1);
    session.screen.show('conversations');
    expect(find).toHaveBeenCalledTimes(2);
  });
});
