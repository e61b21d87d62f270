import { beforeEach, describe, expect, it, vi } from 'vitest';

import { page } from '../support/services';

describe('the list beside the thread', () => {
  beforeEach(() => {
    localStorage.clear();
  });

  it('takes the place of the thread where there is no room', async () => {
    const { session } = await page();
    session.toggleList();
    expect([session.view, session.hasList]).toEqual(['conversations', true]);
    session.toggleList();
    expect([session.view, session.hasList]).toEqual(['thread', false]);
  });

  it('leaves the thread where it is when there is room, and is there in the next panel, too', async () => {
    const { hub, session } = await page();
    session.setWide(true);
    expect(session.hasList).toBe(false);
    session.toggleList();
    expect([session.view, session.hasList]).toEqual(['thread', true]);
    session.setWide(false);
    expect([session.view, session.hasList]).toEqual(['thread', false]);
    const next = hub.session({ name: 'tab', get: () => null, set: () => undefined });
    next.setWide(true);
    expect(next.hasList).toBe(true);
    next.toggleList();
    expect(next.hasList).toBe(false);
    const { session: later } = await page();
    later.setWide(true);
    expect(later.hasList).toBe(false);
  });

  it('moves aside when the panel becomes wide', async () => {
    const { session } = await page();
    session.show('conversations');
    session.setWide(true);
    expect([session.view, session.hasList]).toEqual(['thread', true]);
  });

  it('is where one looks for a title: the cursor goes there, at once or when it is drawn', async () => {
    const { session } = await page();
    const find = vi.fn();
    session.show('conversations');
    session.onFind(find);
    expect(find).toHaveBeenCalledTimes(1);
    session.show('conversations');
    expect(find).toHaveBeenCalledTimes(2);
  });
});
