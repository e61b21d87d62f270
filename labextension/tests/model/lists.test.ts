import { describe, expect, it, vi } from 'vitest';

import { Catalogue, type CatalogueClient } from '../../src/model/catalogue';
import { Conversations } from '../../src/model/conversations';
import { Drafts } from '../../src/model/drafts';
import { addressFrom, formFor, nameFrom } from '../../src/model/form';
import { newId } from '../../src/model/ids';
import type { ModelInfo, ProviderInfo, ProviderKind } from '../../src/api/schema';
import { FakeClock } from '../support/socket';
import { conversation, model } from '../support/values';

describe('conversations', () => {
  function list(count: number) {
    let all = Array.from({ length: count }, (_, at) =>
      conversation(`c${at}`, { updated_at: new Date(Date.UTC(2026, 0, 1, 0, 0, -at)).toISOString() })
    );
    const client = {
      conversations: vi.fn(({ limit = 50, cursor }: { limit?: number; cursor?: string | null } = {}) => {
        const start = Number(cursor ?? 0);
        const next = start + limit < all.length ? String(start + limit) : null;
        return Promise.resolve({ items: all.slice(start, start + limit), next });
      }),
      updateConversation: vi.fn((id: string, changes: object) =>
        Promise.resolve({ ...conversation(id), ...changes })
      ),
      changeMany: vi.fn(() => Promise.resolve({ items: [], failed: 0 })),
      deleteConversation: vi.fn((id: string) => {
        all = all.filter(item => item.id !== id);
        return Promise.resolve();
      })
    };
    const clock = new FakeClock();
    return { clock, client, model: new Conversations(client, clock.later) };
  }

  it('come page by page, and pages that were loaded stay when the list is looked at again', async () => {
    const { model: conversations } = list(120);
    await conversations.refresh();
    await conversations.more();
    expect(conversations.items).toHaveLength(100);
    await conversations.refresh();
    await conversations.more();
    expect(new Set(conversations.items.map(item => item.id)).size).toBe(120);
    expect(conversations.hasMore).toBe(false);
  });

  it('are asked for once more, not once each, when many things change at once', async () => {
    const { model: conversations, client } = list(3);
    await Promise.all([conversations.refresh(), conversations.refresh(), conversations.refresh()]);
    await conversations.refresh();
    expect(client.conversations.mock.calls.length).toBeLessThanOrEqual(3);
  });

  it('can be had back for a while after they were deleted', async () => {
    const { model: conversations, client, clock } = list(3);
    await conversations.refresh();
    conversations.remove(conversations.items[1] ?? conversation('c1'));
    expect(conversations.items.map(item => item.id)).toEqual(['c0', 'c2']);
    clock.pass(3000);
    conversations.undoRemoval();
    clock.pass(60_000);
    expect(conversations.items.map(item => item.id)).toEqual(['c0', 'c1', 'c2']);
    expect(client.deleteConversation).not.toHaveBeenCalled();
  });

  it('are deleted when the time is over, and stay away when the list is looked at meanwhile', async () => {
    const { model: conversations, client, clock } = list(3);
    await conversations.refresh();
    conversations.remove(conversations.items[1] ?? conversation('c1'));
    await conversations.refresh();
    expect(conversations.items.map(item => item.id)).toEqual(['c0', 'c2']);
    clock.pass(10_000);
    expect(client.deleteConversation).toHaveBeenCalledWith('c1');
  });

  it('come back, and it is said why, when the server refuses to delete or to rename them', async () => {
    const { model: conversations, client, clock } = list(2);
    await conversations.refresh();
    const forgotten = vi.fn();
    client.deleteConversation.mockRejectedValueOnce(new Error('no'));
    conversations.remove(conversations.items[1] ?? conversation('c1'), forgotten);
    clock.pass(10_000);
    await vi.waitFor(() => {
      expect(conversations.refusal?.what).toBe('delete');
    });
    expect(conversations.items.map(item => item.id)).toEqual(['c0', 'c1']);
    expect(forgotten).not.toHaveBeenCalled();
    const { title } = conversations.items[0] ?? {};
    client.updateConversation.mockRejectedValueOnce(new Error('no'));
    await conversations.rename('c0', 'Another');
    expect(conversations.refusal).toMatchObject({ what: 'rename', title });
    expect(conversations.items[0]?.title).toBe(title);
    await conversations.rename('c0', 'Another');
    expect(conversations.refusal).toBe(null);
  });

  it('are deleted at once when the page goes away', async () => {
    const { model: conversations, client } = list(2);
    await conversations.refresh();
    const forgotten = vi.fn();
    conversations.remove(conversations.items[1] ?? conversation('c1'), forgotten);
    conversations.settleRemovals();
    expect(client.deleteConversation).toHaveBeenCalledWith('c1');
    expect(forgotten).toHaveBeenCalled();
  });
});

describe('the catalogue', () => {
  async function catalogue(models: ModelInfo[], default_model: string | null = null): Promise<Catalogue> {
    const client = {
      models: () => Promise.resolve({ items: models, next: null }),
      config: () => Promise.resolve({ default_model })
    } as unknown as CatalogueClient;
    const made = new Catalogue(client, window.localStorage);
    await made.load();
    return made;
  }
  const demo = model('demo/tour', { kind: 'demo' });
  const away = model('openai/gpt', { available: false, why_not: 'No key.' });

  it('counts a script as no model', async () => {
    const made = await catalogue([demo, away]);
    expect(made.isSetUp).toBe(false);
    expect(made.preferred).toBeNull();
  });

  it('prefers what was used last, then what is configured, then what can answer', async () => {
    const models = [model('a/one'), model('b/two'), demo];
    expect((await catalogue(models)).preferred).toBe('a/one');
    expect((await catalogue(models, 'b/two')).preferred).toBe('b/two');
    const made = await catalogue(models, 'b/two');
    made.prefer('demo/tour');
    expect(made.preferred).toBe('demo/tour');
    expect((await catalogue([away, model('c/three')], 'openai/gpt')).preferred).toBe('c/three');
  });

  it('finds a name without its signs, and the same whether it is typed letter by letter or at once', async () => {
    const made = await catalogue([
      model('a/gpt-4o'),
      model('a/gpt-5 mini'),
      model('b/llama3.3', { group: 'Ours' })
    ]);
    const found = (query: string): string[] =>
      made.find(query).flatMap(({ models }) => models.map(one => one.id));
    for (const query of ['gpt4o', 'a -4o', 'llama33 ours', '', 'gpt5m', 'zzz', 'gpt']) {
      const atOnce = found(query);
      found('');
      const letters = Array.from(query, (_letter, at) => found(query.slice(0, at + 1)));
      expect(letters.at(-1) ?? found('')).toEqual(atOnce);
    }
    expect(found('gpt4o')).toEqual(['a/gpt-4o']);
    expect(found('llama33 ours')).toEqual(['b/llama3.3']);
    expect(found('zzz')).toEqual([]);
  });

  it('finds by words in any order, those that can answer first', async () => {
    const made = await catalogue([away, model('lab/qwen-3'), model('lab/llama')]);
    expect(made.find('').map(group => group.provider)).toEqual(['lab', 'openai']);
    expect(made.find('3 lab').flatMap(group => group.models.map(one => one.id))).toEqual(['lab/qwen-3']);
  });
});

describe('drafts', () => {
  it('stay until the server has them, and are sent again under the same id', () => {
    const drafts = new Drafts(window.localStorage);
    drafts.set('c1', { text: 'hello' });
    const id = drafts.beginSending('c1');
    expect(drafts.get('c1').text).toBe('');
    const reloaded = new Drafts(window.localStorage);
    expect(reloaded.get('c1').text).toBe('hello');
    expect(reloaded.beginSending('c1')).toBe(id);
    reloaded.sent('c1');
    expect(new Drafts(window.localStorage).get('c1').text).toBe('');
  });

  it('get another id when they are changed after an attempt', () => {
    const drafts = new Drafts(window.localStorage);
    drafts.set('c1', { text: 'hello' });
    const id = drafts.beginSending('c1');
    drafts.unsent('c1');
    drafts.set('c1', { text: 'hello there' });
    expect(drafts.beginSending('c1')).not.toBe(id);
  });

  it('keep what is typed while the last one is being sent', () => {
    const drafts = new Drafts(window.localStorage);
    drafts.set('c1', { text: 'first' });
    drafts.beginSending('c1');
    drafts.set('c1', { text: 'second' });
    drafts.sent('c1');
    expect(drafts.get('c1').text).toBe('second');
  });

  it('go to the conversation that was made for them when they could not be sent', () => {
    const drafts = new Drafts(window.localStorage);
    drafts.set(null, { text: 'hello' });
    drafts.beginSending(null);
    drafts.unsent(null, 'c1');
    expect(drafts.get(null).text).toBe('');
    expect(drafts.get('c1').text).toBe('hello');
  });
});

describe('the provider form', () => {
  const kinds = [
    { kind: 'openai', base_url: 'https://api.openai.com/v1', needs_key: true, fields: [] as unknown[] }
  ] as ProviderKind[];
  const keyless = {
    name: 'openai',
    kind: 'openai',
    configured: true,
    has_key: false,
    fields: [] as unknown[]
  } as ProviderInfo;

  it('begins with the kind and its address', () => {
    expect(formFor('openai', kinds, [])).toMatchObject({
      name: 'openai',
      kind: 'openai',
      baseUrl: 'https://api.openai.com/v1'
    });
  });

  it('gives its key to a provider that has none, and makes a second one beside one that has', () => {
    expect(formFor('openai', kinds, [keyless]).name).toBe('openai');
    expect(formFor('openai', kinds, [{ ...keyless, has_key: true }]).name).toBe('openai-2');
  });

  it('asks for an address of any other endpoint', () => {
    expect(formFor('compatible', kinds, [])).toMatchObject({ name: 'endpoint', kind: 'openai', baseUrl: '' });
    expect(nameFrom('My Lab (GPU 2)')).toBe('my-lab-gpu-2');
  });

  it('completes an address that was typed as people say it', () => {
    expect(
      ['localhost:8000/v1', '10.0.0.5/v1', 'gpu:8000', 'api.lab.org/v1', 'http://x/v1', ''].map(addressFrom)
    ).toEqual([
      'http://localhost:8000/v1',
      'http://10.0.0.5/v1',
      'http://gpu:8000',
      'https://api.lab.org/v1',
      'http://x/v1',
      ''
    ]);
  });
});

it('ids are UUIDs, also on a page without https', () => {
  expect(newId()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(newId()).not.toBe(newId());
});
