import { beforeEach, describe, expect, it } from 'vitest';

import type { Conversation } from '../../src/api/schema';
import type { Hub } from '../../src/model/hub';
import type { Session } from '../../src/model/session';
import { page, type Page } from '../support/services';
import { answering, conversation, model } from '../support/values';

beforeEach(() => {
  window.localStorage.clear();
});

/** Until everything that was promised has happened. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 30; turn++) {
    await Promise.resolve();
  }
}

/** A conversation with `lab/one`, in a page whose looks at the list and changes are answered when a test says so. */
async function shown(): Promise<
  Page & { look: () => (models: string) => Promise<void>; change: { done: () => void; refuse: () => void } }
> {
  const known = conversation('c1', { model: 'lab/one' });
  const listed = (one: Conversation) => ({ items: [one], next: null });
  let answer: ((model: string) => void) | null = null;
  const change = { done: (): void => undefined, refuse: (): void => undefined };
  const here = await page({
    models: () => Promise.resolve({ items: [model('lab/one'), model('lab/two')], next: null }),
    conversations: () =>
      new Promise(resolve => {
        answer = name => {
          resolve(listed({ ...known, model: name }));
        };
      }),
    updateConversation: (_id, changes) =>
      new Promise((resolve, reject) => {
        change.done = () => {
          resolve({ ...known, ...changes } as Conversation);
        };
        change.refuse = () => {
          reject(new Error('no'));
        };
      })
  });
  here.server.head = null;
  here.hub.conversations.learn(known);
  await here.session.open('c1');
  const look = () => {
    void here.hub.conversations.refresh();
    return async (name: string) => {
      answer?.(name);
      await settled();
    };
  };
  return { ...here, look, change };
}

describe('a model that was just picked', () => {
  it('stays when a look at the list from before the pick comes late', async () => {
    const { session, look, change } = await shown();
    const late = look();
    session.setModel('lab/two');
    change.done();
    await settled();
    await late('lab/one');
    expect(session.model).toBe('lab/two');
  });

  it('stays when the list is looked at before the server has taken it', async () => {
    const { session, look, change } = await shown();
    session.setModel('lab/two');
    await look()('lab/one');
    expect(session.model).toBe('lab/two');
    const late = look();
    change.done();
    await settled();
    await late('lab/one');
    expect(session.model).toBe('lab/two');
    await look()('lab/one');
    expect(session.model, 'somebody picked another one elsewhere').toBe('lab/one');
  });

  it('is what the list says again when the server refuses it', async () => {
    const { session, look, change } = await shown();
    session.setModel('lab/two');
    change.refuse();
    await settled();
    await look()('lab/one');
    expect(session.model).toBe('lab/one');
  });
});

describe('a conversation in two panels of one page', () => {
  function beside(hub: Hub): Session {
    return hub.session({ name: 'tab', get: () => null, set: () => undefined });
  }

  function write(session: Session, text: string): void {
    session.hub.drafts.set(session.writing.key, { text });
    session.writing.send();
  }

  it('is written in where the person writes: below the message that they chose there', async () => {
    const { hub, session, server } = await page({
      models: () => Promise.resolve({ items: [model('lab/one')], next: null })
    });
    session.start();
    await settled();
    for (const run of ['r1', 'r2']) {
      write(session, run);
      await settled();
      server.say(...answering(['x'], { run, message: run.replace('r', 'a') }));
      await settled();
    }
    const tab = beside(hub);
    await tab.open('c1');
    tab.chat.branchFrom('a1');
    write(tab, 'another way');
    await settled();
    expect(server.bodies.at(-1)?.parent_id).toBe('a1');
    expect(tab.chat.branchPoint).toBeNull();
  });
});

describe('a provider that was just set up', () => {
  it('answers with a model it is known to have, though the list of models does not know yet', async () => {
    const { session } = await page({ models: () => Promise.resolve({ items: [], next: null }) });
    session.begin('ollama', 'qwen3');
    expect(session.model).toBe('ollama/qwen3');
  });
});
