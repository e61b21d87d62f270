import { describe, expect, it, vi } from 'vitest';

import type { SearchHit } from '../../src/api/schema';
import type { SearchHits } from '../../src/api/types';
import { plain } from '../../src/components/search/plain';
import { piecesOf } from '../../src/components/search/snippet';
import { Finding } from '../../src/model/finding';
import { FIXED, suggestions } from '../../src/model/operators';
import { FakeClock } from '../support/socket';

const hit = (id: string, conversation = 'c1'): SearchHit => ({
  conversation_id: conversation,
  message_id: id,
  title: conversation,
  snippet: id,
  score: 1,
  created_at: '2026-01-01T00:00:00Z',
  archived: false
});

const page = (items: SearchHit[], next: string | null = null): SearchHits => ({
  items,
  next,
  notes: [],
  unindexed: 0
});

describe('finding messages', () => {
  function finding(answer: (q: string, cursor: string | null) => Promise<SearchHits>) {
    const clock = new FakeClock();
    const search = vi.fn((query: { q: string; cursor?: string | null }, _signal?: AbortSignal) =>
      answer(query.q, query.cursor ?? null)
    );
    return { clock, search, model: new Finding({ search }, clock.later, 'Europe/Zurich') };
  }

  it('asks once somebody has stopped typing, and for nothing when nothing is typed', async () => {
    const { model, clock, search } = finding(q => Promise.resolve(page([hit(q)])));
    for (const text of ['t', 'ti', 'tid']) {
      model.find(text);
      clock.pass(50);
    }
    expect(search).not.toHaveBeenCalled();
    clock.pass(150);
    await vi.waitFor(() => {
      expect(model.items.map(item => item.message_id)).toEqual(['tid']);
    });
    expect(search.mock.calls.map(([query]) => query)).toEqual([
      { q: 'tid', limit: 30, cursor: null, zone: 'Europe/Zurich' }
    ]);
    model.find('');
    expect(model.items).toEqual([]);
    expect(model.isBehind).toBe(false);
  });

  it('cancels what it asked before, whose answer then changes nothing', async () => {
    const answers = new Map<string, (found: SearchHits) => void>();
    const { model, clock, search } = finding(q => new Promise(resolve => answers.set(q, resolve)));
    model.find('old');
    clock.pass(150);
    model.find('new');
    expect(search.mock.calls[0]?.[1]?.aborted).toBe(true);
    clock.pass(150);
    answers.get('new')?.(page([hit('new')]));
    answers.get('old')?.(page([hit('old')]));
    await vi.waitFor(() => {
      expect(model.isBehind).toBe(false);
    });
    expect(model.items.map(item => item.message_id)).toEqual(['new']);
  });

  it('goes on page by page, each hit once, grouped by conversation where the best one stands', async () => {
    const { model, clock } = finding((_q, cursor) =>
      Promise.resolve(
        cursor === null
          ? page([hit('a', 'c1'), hit('b', 'c2')], 'more')
          : page([hit('b', 'c2'), hit('c', 'c1')])
      )
    );
    model.find('tide');
    clock.pass(150);
    await vi.waitFor(() => {
      expect(model.hasMore).toBe(true);
    });
    await model.more();
    expect(model.groups.map(group => [group.id, group.hits.map(one => one.message_id)])).toEqual([
      ['c1', ['a', 'c']],
      ['c2', ['b']]
    ]);
    expect(model.hasMore).toBe(false);
  });

  it('says what went wrong, and keeps what it had', async () => {
    const { model, clock } = finding(q =>
      q === 'bad' ? Promise.reject(new Error('no')) : Promise.resolve(page([hit(q)]))
    );
    model.find('good');
    clock.pass(150);
    await vi.waitFor(() => {
      expect(model.items).toHaveLength(1);
    });
    model.find('bad');
    clock.pass(150);
    await vi.waitFor(() => {
      expect(model.error).not.toBeNull();
    });
    expect(model.items).toHaveLength(1);
  });
});

describe('completions', () => {
  const labels = (text: string): string[] =>
    suggestions(text, { ...FIXED, in: ['Deep sea', 'Tides'], tag: ['sea', 'to do'] }).map(one => one.label);

  it.each([
    ['ro', ['role:']],
    ['tide ha', ['has:']],
    ['t', []],
    ['tide', []],
    ['role:', ['role:user', 'role:assistant', 'role:system', 'role:tool']],
    ['x -has:im', ['-has:image']],
    ['has:image', []],
    ['tag:do', ['tag:"to do"']],
    ['tide in:dee', ['in:"Deep sea"']],
    ['-in:"deep s', ['-in:"Deep sea"']],
    ['in:', ['in:"Deep sea"', 'in:Tides']],
    ['is:star', ['is:starred']],
    ['http:', []],
    ['role:user ', []]
  ])('of “%s”', (text, expected) => {
    expect(labels(text)).toEqual(expected);
  });

  it('put what was meant in place of what was typed', () => {
    expect(suggestions('tide -ha', FIXED)[0]?.text).toBe('tide -has:');
    expect(suggestions('tide has:co', FIXED)[0]?.text).toBe('tide has:code ');
    const known = { in: ['The "best" ones', 'a"b'] };
    expect(suggestions('in:best', known)[0]?.text).toBe('in:"The \\"best\\" ones" ');
    expect(suggestions('in:"the \\"be', known)[0]?.text).toBe('in:"The \\"best\\" ones" ');
    expect(suggestions('in:a', known)[0]?.text).toBe('in:"a\\"b" ');
  });
});

describe('a snippet', () => {
  it('is text in which only what was found is marked', () => {
    expect(piecesOf('… &lt;b&gt; &amp;amp; <mark>tide</mark> &#x27;<mark>moon</mark>&#x27;')).toEqual([
      { text: '… <b> &amp; ', isMatch: false },
      { text: 'tide', isMatch: true },
      { text: " '", isMatch: false },
      { text: 'moon', isMatch: true },
      { text: "'", isMatch: false }
    ]);
  });

  it.each([
    ['**<mark>Tides</mark>:** they **rise** twice', '[Tides]: they rise twice'],
    ['# <mark>Tides</mark> and the ## Moon', '[Tides] and the Moon'],
    ['… use `pd.<mark>read_csv</mark>` or `<mark>read</mark>`s', '… use pd.[read_csv] or [read]s'],
    ['**`<mark>a</mark>`** is [the **<mark>sea</mark>**](https://sea.example/a)', '[a] is the [sea]'],
    ['So: ```python import <mark>tide</mark> ``` Done', 'So: import [tide] Done'],
    ['![<mark>Chart</mark>](attachment:a.png)', '[Chart]'],
    ['the *Bay of <mark>Fundy</mark>*, twice', 'the Bay of [Fundy], twice'],
    // What was found stays, also in an address.
    [
      'the [sea](https://<mark>sea</mark>.example) **<mark>sea</mark>**',
      'the [sea](https://[sea].example) [sea]'
    ],
    // Code, and what was cut in two.
    ['f(**<mark>tide</mark>, **rest) and 2**3**4', 'f(**[tide], **rest) and 2**3**4'],
    ['__<mark>init__</mark> a[0](x) [=](x) a * b * c # why', '__[init__] a[0](x) [=](x) a * b * c # why'],
    [
      'f(*<mark>tide</mark>, *rest) int *p, *q and *.py, x* a *b',
      'f(*[tide], *rest) int *p, *q and *.py, x* a *b'
    ],
    ['… bold** and **<mark>tide</mark> …', '… bold** and **[tide] …'],
    ['&lt;b&gt; **&lt;<mark>i</mark>&gt;** &amp;amp;', '<b> <[i]> &amp;']
  ])('of Markdown reads as text: %s', (snippet, shown) => {
    const pieces = plain(piecesOf(snippet));
    expect(pieces.map(({ text, isMatch }) => (isMatch ? `[${text}]` : text)).join('')).toBe(shown);
  });
});
