import { beforeEach, describe, expect, it, vi } from 'vitest';

import { ApiError } from '../../src/api/errors';
import type { Conversation, Folder, ManyDone, ManyRequest } from '../../src/api/schema';
import type { ConversationQuery } from '../../src/api/types';
import { Conversations } from '../../src/model/conversations';
import { Ephemeral } from '../../src/model/ephemeral';
import { Filing } from '../../src/model/filing';
import { Folders } from '../../src/model/folders';
import { ConversationSearch } from '../../src/model/search';
import { Selection } from '../../src/model/selection';
import { FakeClock } from '../support/socket';
import { conversation } from '../support/values';

beforeEach(() => {
  window.localStorage.clear();
});

const missing = (details: Record<string, unknown>) => ({
  code: 'not_found',
  message: 'There is no such thing.',
  hint: '',
  details
});

/** A server that files conversations as ours does. */
class Shelf {
  readonly all: Map<string, Conversation>;
  readonly asked: ConversationQuery[] = [];
  readonly requests: ManyRequest[] = [];
  folderIds = new Set(['f1', 'f2']);

  constructor(count: number, changes: (at: number) => Partial<Conversation> = () => ({})) {
    const made = Array.from({ length: count }, (_, at) =>
      conversation(`c${at}`, {
        updated_at: new Date(Date.UTC(2026, 0, 1) - at * 1000).toISOString(),
        ...changes(at)
      })
    );
    this.all = new Map(made.map(one => [one.id, one]));
  }

  readonly client = {
    conversations: (query: ConversationQuery = {}) => {
      this.asked.push(query);
      const start = Number(query.cursor ?? 0);
      const found = [...this.all.values()].filter(
        one =>
          (query.archived === undefined || one.archived === query.archived) &&
          (query.tag === undefined || one.tags.includes(query.tag ?? ''))
      );
      const end = start + (query.limit ?? 50);
      return Promise.resolve({
        items: found.slice(start, end),
        next: end < found.length ? String(end) : null
      });
    },
    changeMany: vi.fn((body: ManyRequest): Promise<ManyDone> => {
      this.requests.push(body);
      const { tag } = body.filter ?? {};
      const which = tag
        ? [...this.all.values()].filter(one => one.tags.includes(tag)).map(one => one.id)
        : (body.ids ?? []);
      const each = body.each ?? which.map(id => ({ id, changes: body.changes ?? {} }));
      const items = each.map(({ id, changes: { add_tags = [], remove_tags = [], ...rest } }) => {
        const before = this.all.get(id);
        if (!before) {
          return { id, error: missing({ conversation_id: id }) };
        }
        if (rest.folder_id && !this.folderIds.has(rest.folder_id)) {
          return { id, before: former(before), error: missing({ folder_id: rest.folder_id }) };
        }
        const tags = [...new Set([...before.tags, ...add_tags])].filter(one => !remove_tags.includes(one));
        this.all.set(id, { ...before, ...rest, tags });
        return { id, before: former(before) };
      });
      return Promise.resolve({ items, failed: items.filter(item => 'error' in item).length });
    }),
    tags: () => Promise.resolve({ items: [], next: null }),
    folders: () => Promise.resolve({ items: [] as Folder[], next: null })
  };

  async open() {
    const clock = new FakeClock();
    const client = this.client as never;
    const conversations = new Conversations(client, clock.later);
    const folders = new Folders(client, window.localStorage, undefined, clock.later);
    const filing = new Filing(client, conversations, folders, clock.later);
    await conversations.refresh();
    return { clock, conversations, folders, filing };
  }
}

function former({ folder_id = null, tags, pinned, archived, unread, model = null }: Conversation) {
  return { folder_id, tags, pinned, archived, unread, model };
}

describe('putting conversations in order', () => {
  it('takes back what it changed, and leaves what somebody else has changed since', async () => {
    const shelf = new Shelf(2, at => ({ tags: at === 0 ? ['old'] : [] }));
    const { filing } = await shelf.open();
    await filing.archive(['c0', 'c1'], true);
    shelf.all.set('c0', { ...shelf.all.get('c0')!, folder_id: 'f1', pinned: true, tags: ['old', 'new'] });
    await filing.undo();
    expect(shelf.all.get('c0')).toMatchObject({
      archived: false,
      folder_id: 'f1',
      pinned: true,
      tags: ['old', 'new']
    });

    await filing.tag(['c0', 'c1'], 'old', true);
    expect(filing.done).toMatchObject({ what: 'tagged', count: 1 });
    shelf.all.get('c1')!.tags.push('theirs');
    await filing.undo();
    expect([...shelf.all.values()].map(one => one.tags)).toEqual([['old', 'new'], ['theirs']]);
  });

  it('says why something cannot be taken back, and takes back the rest', async () => {
    const shelf = new Shelf(3, at => ({ folder_id: at === 1 ? 'f2' : 'f1' }));
    const { filing } = await shelf.open();
    await filing.move(['c0', 'c1', 'c2'], null);
    shelf.folderIds.delete('f2');
    shelf.all.delete('c2');
    await filing.undo();
    expect(shelf.all.get('c0')?.folder_id).toBe('f1');
    expect(filing.error?.details).toEqual({ folder_id: 'f2' });
    await filing.move(['c0', 'c2'], null);
    expect(filing.error).toBe(null);
  });

  it('shows many as changed at once, in so many requests as the server takes', async () => {
    const shelf = new Shelf(2500);
    const { filing, conversations } = await shelf.open();
    expect(await conversations.whole()).toBe(true);
    const ids = conversations.items.map(one => one.id);
    expect(ids).toHaveLength(2500);
    const told = vi.fn();
    conversations.subscribe(told);
    const archiving = filing.archive(ids, true);
    expect(told).toHaveBeenCalledOnce();
    expect(conversations.items.every(one => one.archived)).toBe(true);
    await archiving;
    expect(shelf.requests.map(({ ids: some }) => some?.length)).toEqual([1000, 1000, 500]);
    await filing.undo();
    expect([...shelf.all.values()].some(one => one.archived)).toBe(false);
    expect(conversations.items.some(one => one.archived)).toBe(false);
  });

  it('renames a tag wherever it is, also into another one, and deletes one, each with a way back', async () => {
    const tags = [['sea'], ['sea', 'moon'], ['moon'], []];
    const shelf = new Shelf(4, at => ({ tags: tags[at] ?? [] }));
    const { filing } = await shelf.open();
    const now = (): string[][] => [...shelf.all.values()].map(one => [...one.tags].sort());
    await filing.renameTag('sea', 'moon');
    expect(now()).toEqual([['moon'], ['moon'], ['moon'], []]);
    expect(filing.done).toMatchObject({ what: 'tag-renamed', count: 2, name: 'moon' });
    await filing.undo();
    expect(now()).toEqual([['sea'], ['moon', 'sea'], ['moon'], []]);
    await filing.deleteTag('moon');
    expect(now()).toEqual([['sea'], ['sea'], [], []]);
    await filing.undo();
    expect(now()).toEqual([['sea'], ['moon', 'sea'], ['moon'], []]);
    await filing.renameTag('sea', 'sea');
    expect(filing.done).toBe(null);
  });

  it('knows of those that only a narrowed list has shown', async () => {
    const shelf = new Shelf(1, () => ({ archived: true, pinned: true, tags: ['x'] }));
    const { conversations, filing } = await shelf.open();
    expect(conversations.get('c0')).toBeUndefined();
    const search = new ConversationSearch(shelf.client, conversations);
    search.narrow({ archived: true });
    await vi.waitFor(() => {
      expect(search.items.map(one => one.id)).toEqual(['c0']);
    });
    expect(conversations.get('c0')).toMatchObject({ pinned: true, tags: ['x'] });
    const untagging = filing.tag(['c0'], 'x', false);
    expect(search.items[0]?.tags).toEqual([]);
    await untagging;
  });

  it('cannot be taken back for ever', async () => {
    const { filing, clock } = await new Shelf(1).open();
    await filing.pin(['c0'], true);
    expect(filing.done?.what).toBe('pinned');
    clock.pass(60_000);
    expect(filing.done).toBe(null);
  });
});

describe('a long list', () => {
  it('is looked at again as a whole when many may be different, and has no gaps then', async () => {
    const shelf = new Shelf(1800);
    const { conversations } = await shelf.open();
    await conversations.more();
    await conversations.more();
    expect(conversations.items).toHaveLength(600);
    for (const one of shelf.all.values()) {
      shelf.all.set(one.id, { ...one, archived: Number(one.id.slice(1)) % 2 === 1 });
    }
    const onTheWay = conversations.more();
    await conversations.refresh({ isDeep: true });
    await onTheWay;
    await conversations.whole();
    expect(conversations.items.map(one => one.id)).toEqual(
      [...shelf.all.values()].filter(one => !one.archived).map(one => one.id)
    );
  });

  it('stays where it is when its beginning is looked at again, in any order', async () => {
    const clock = new FakeClock();
    const shelf = new Shelf(2600);
    const { conversations } = await shelf.open();
    const search = new ConversationSearch(shelf.client, conversations, clock.later);
    search.narrow({ sort: 'title' });
    await vi.waitFor(() => {
      expect(search.items).toHaveLength(50);
    });
    expect(await search.whole()).toBe(true);
    expect(search.items).toHaveLength(2600);
    const before = shelf.asked.length;
    conversations.put('c3', { pinned: true });
    clock.pass(1000);
    await vi.waitFor(() => {
      expect(shelf.asked.length).toBe(before + 1);
      expect(search.items).toHaveLength(2600);
    });
    expect(search.hasMore).toBe(false);
  });
});

describe('folders', () => {
  const folder = (id: string, parent_id: string | null = null, changes: Partial<Folder> = {}): Folder => ({
    id,
    name: id,
    parent_id,
    position: 0,
    instructions: null,
    model: null,
    conversations: 0,
    archived: 0,
    unread: 0,
    running: 0,
    created_at: '2026-01-01T00:00:00Z',
    ...changes
  });
  async function open(items: Folder[]) {
    const clock = new FakeClock();
    const client = {
      folders: vi.fn(() => Promise.resolve({ items, next: null })),
      updateFolder: vi.fn((id: string, changes: object) => Promise.resolve({ ...folder(id), ...changes })),
      deleteFolder: vi.fn(() => Promise.resolve()),
      createFolder: vi.fn()
    };
    const folders = new Folders(client, window.localStorage, undefined, clock.later);
    await folders.load();
    return { folders, client, clock };
  }
  const lines = (folders: Folders): string[] =>
    folders.rows.map(({ folder: { name }, level }) => `${level} ${name}`);

  it('are lines of a tree, and a closed one tells what is below it', async () => {
    const { folders } = await open([
      folder('b', null, { position: 1 }),
      folder('a', null, { unread: 1 }),
      folder('a1', 'a', { unread: 2, running: 1 })
    ]);
    expect(lines(folders)).toEqual(['1 a', '1 b']);
    expect(folders.rows[0]).toMatchObject({ unread: 3, running: 1, isOpen: false, hasChildren: true });
    folders.setOpen('a', true);
    expect(lines(folders)).toEqual(['1 a', '2 a1', '1 b']);
    expect(folders.rows[0]).toMatchObject({ unread: 1, running: 0 });
    const again = new Folders({} as never, window.localStorage);
    again.items = folders.items;
    expect(lines(again)).toEqual(lines(folders));
  });

  it('give what is in them the nearest model, and instructions from the outside in', async () => {
    const { folders } = await open([
      folder('a', null, { model: 'lab/a', instructions: 'Outer.' }),
      folder('b', 'a', { instructions: 'Inner.' })
    ]);
    expect(folders.modelOf('b')).toBe('lab/a');
    expect(folders.instructionsOf('b')).toBe('Outer.\n\nInner.');
    expect(folders.pathName('b')).toBe('a / b');
  });

  it('can be had back for a while; what was in one stands above it meanwhile, or is away too', async () => {
    const { folders, client, clock } = await open([folder('a'), folder('b', 'a'), folder('c')]);
    folders.remove('a', 'move');
    expect(lines(folders)).toEqual(['1 b', '1 c']);
    folders.undoRemoval();
    folders.remove('a', 'delete');
    expect(lines(folders)).toEqual(['1 c']);
    expect(client.deleteFolder).not.toHaveBeenCalled();
    clock.pass(60_000);
    expect(client.deleteFolder).toHaveBeenCalledExactlyOnceWith('a', 'delete');
  });

  it('are where they were when the server refuses to move them, and it is said why', async () => {
    const { folders, client } = await open([folder('a'), folder('b', 'a')]);
    client.updateFolder.mockRejectedValueOnce(new ApiError(409, 'conflict', 'Not into itself.'));
    expect(await folders.change('a', { parent_id: 'b' })).toBe(false);
    expect(folders.error?.message).toBe('Not into itself.');
    expect(lines(folders)).toEqual(['1 a']);
    expect(await folders.change('b', { parent_id: null })).toBe(true);
  });
});

describe('what is chosen', () => {
  const order = ['a', 'b', 'c', 'd', 'e'];

  it('is a stretch from where the last one was chosen', () => {
    const selection = new Selection();
    selection.toggle('b');
    selection.extend('d', order);
    expect(selection.ids).toEqual(['b', 'c', 'd']);
    selection.extend('a', order);
    expect(selection.ids).toEqual(['a', 'b']);
    selection.toggle('e');
    selection.extend('d', order);
    expect(selection.ids).toEqual(['d', 'e']);
  });

  it('is a line alone when something is done with one that is not chosen', () => {
    const selection = new Selection();
    selection.all(['a', 'b']);
    expect(selection.around('b')).toEqual(['a', 'b']);
    expect(selection.around('c')).toEqual(['c']);
  });

  it('is still in the list, or not chosen', () => {
    const selection = new Selection();
    selection.all(order);
    selection.keep(new Set(['b', 'c']));
    expect(selection.ids).toEqual(['b', 'c']);
    selection.extend('zzz', order);
    expect(selection.ids).toEqual(['b', 'c']);
  });
});

describe('the storage of a browser', () => {
  it('gets nothing of what is temporary, by whatever key', () => {
    const storage = new Ephemeral(window.localStorage);
    storage.keepOut('temporary-');
    storage.keepOut('t1');
    storage.setItem('llmhub:draft:temporary-', 'secret');
    storage.setItem('llmhub:queue:t1', 'secret');
    storage.setItem('llmhub:draft:c1', 'kept');
    expect(JSON.stringify(window.localStorage)).not.toContain('secret');
    expect(storage.getItem('llmhub:draft:temporary-')).toBe('secret');
    expect(storage.getItem('llmhub:draft:c1')).toBe('kept');
    storage.removeItem('llmhub:queue:t1');
    expect(storage.getItem('llmhub:queue:t1')).toBe(null);
  });
});
