import { cleanup, fireEvent, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { Composer } from '../../src/components/composer/Composer';
import { FileFinder } from '../../src/model/finder';
import { Variables } from '../../src/model/live/variables';
import type { Nearby } from '../../src/model/nearby';
import { textOf } from '../../src/model/node';
import type { Entry, Workspace } from '../../src/model/workspace';
import { page, type Page } from '../support/services';
import { conversation, model, said } from '../support/values';

afterEach(cleanup);

const FILES: Record<string, string[]> = {
  '': ['notes.md', 'work/'],
  work: ['analysis.ipynb', 'data.csv', 'deep/'],
  'work/deep': ['needle.txt']
};

const workspace: Workspace = {
  recent: () => ['work/analysis.ipynb'],
  folder: () => 'work',
  list: folder => Promise.resolve((FILES[folder] ?? []).map(name => entry(folder, name))),
  stat: path => Promise.resolve(entry('', path)),
  read: path => Promise.resolve(new File([`content of ${path}`], path.slice(path.lastIndexOf('/') + 1)))
};

function entry(folder: string, name: string): Entry {
  const bare = name.replace('/', '');
  const path = folder ? `${folder}/${bare}` : name.endsWith('/') ? bare : name;
  return { path, name: bare, isFolder: name.endsWith('/'), size: 10 };
}

async function open(client: Parameters<typeof page>[0] = {}): Promise<Page & { field: HTMLTextAreaElement }> {
  const here = await page({
    models: () => Promise.resolve({ items: [model('lab/echo'), model('lab/qwen3-32b')], next: null }),
    upload: (file, name) =>
      Promise.resolve({ id: 'f1', name, media_type: file.type, size: file.size, created_at: '' }),
    ...client
  });
  Object.assign(here.services, { workspace, files: new FileFinder(workspace) });
  here.show(<Composer />);
  return { ...here, field: screen.getByTestId<HTMLTextAreaElement>('llmhub-composer') };
}

const options = (): (string | null)[] =>
  screen.queryAllByTestId('llmhub-menu-option').map(option => option.textContent);

describe('commands', () => {
  it('are found by typing and done by keyboard', async () => {
    const { field, session } = await open();
    await userEvent.type(field, '/');
    expect(options()).toHaveLength(10);
    await userEvent.type(field, 'mo');
    expect(options()[0]).toContain('/model [name]');
    expect(field.getAttribute('aria-activedescendant')).toBe(
      screen.getAllByTestId('llmhub-menu-option')[0]!.id
    );
    await userEvent.type(field, '{Enter}');
    expect(field.value).toBe('/model ');
    await userEvent.type(field, 'qw{Enter}');
    expect(session.model).toBe('lab/qwen3-32b');
    expect(field.value).toBe('');
    expect(screen.getByTestId('llmhub-note').textContent).toContain('qwen3-32b answers from now on');
  });

  it('that cannot be done now say why', async () => {
    const { field } = await open();
    await userEvent.type(field, '/copy{Enter}');
    expect(screen.getByTestId('llmhub-note').textContent).toContain('Nothing has been said yet.');
  });

  it('that nobody knows are said to be so, and are sent as they stand', async () => {
    const { field, session } = await open();
    await userEvent.type(field, '/foo bar');
    expect(screen.getByTestId('llmhub-menu-saying').textContent).toBe(
      'There is no command /foo. Enter sends this as it stands.'
    );
    await userEvent.type(field, '{Enter}');
    await waitFor(() => {
      expect(textOf(session.chat.node('u1')!.message.parts)).toBe('/foo bar');
    });
  });

  it.each(['/usr/bin', '/new/path is missing'])('are not what %s is', async text => {
    const { field, session } = await open();
    await userEvent.type(field, text);
    expect(screen.queryByTestId('llmhub-menu')).toBeNull();
    await userEvent.type(field, '{Enter}');
    await waitFor(() => {
      expect(textOf(session.chat.node('u1')!.message.parts)).toBe(text);
    });
  });

  it('are text after Escape', async () => {
    const { field, session } = await open();
    await userEvent.type(field, '/new{Escape}');
    expect(screen.queryByTestId('llmhub-menu')).toBeNull();
    await userEvent.type(field, '{Enter}');
    await waitFor(() => {
      expect(textOf(session.chat.node('u1')!.message.parts)).toBe('/new');
    });
  });

  it('of others come through the same door', async () => {
    const { field, services } = await open();
    const asked: string[] = [];
    const undo = services.slash.register({
      name: 'cite',
      label: 'Find a source',
      argument: '[words]',
      run: argument => {
        asked.push(argument);
        return 'Found it.';
      }
    });
    await userEvent.type(field, '/cite black holes{Enter}');
    expect(asked).toEqual(['black holes']);
    expect(screen.getByTestId('llmhub-note').textContent).toContain('Found it.');
    undo();
    expect(services.slash.get('cite')).toBeNull();
  });

  it('leave the keys of a composition to the input method', async () => {
    const { field, session } = await open();
    fireEvent.change(field, { target: { value: '/n' } });
    const before = field.getAttribute('aria-activedescendant');
    fireEvent.keyDown(field, { key: 'ArrowDown', isComposing: true });
    fireEvent.keyDown(field, { key: 'Enter', isComposing: true });
    fireEvent.keyDown(field, { key: 'Enter', keyCode: 229 });
    expect(field.getAttribute('aria-activedescendant')).toBe(before);
    expect(field.value).toBe('/n');
    expect(session.chat.tree.path).toEqual([]);
  });
});

describe('instructions', () => {
  it('are set for a chat that does not exist yet, shown, and hold when it is made', async () => {
    const { field, server, session } = await open();
    await userEvent.type(field, '/system Be brief.{Enter}');
    expect(screen.getByTestId('llmhub-instructed').textContent).toContain('Be brief.');
    await userEvent.type(field, 'Hello{Enter}');
    await waitFor(() => {
      expect(server.drafts).toContainEqual(expect.objectContaining({ params: { system: 'Be brief.' } }));
    });
    expect(session.hub.drafts.get(null).params).toBeNull();
  });

  it('of a conversation are changed in place and taken away', async () => {
    const changes: object[] = [];
    const { session } = await open({
      parameters: () =>
        Promise.resolve({ items: [{ name: 'system', type: 'text', choices: [] }], next: null }),
      conversation: id => Promise.resolve(conversation(id, { params: { system: 'Be brief.' } })),
      updateConversation: (id, change) => {
        changes.push(change);
        return Promise.resolve(conversation(id, { params: change.params as Record<string, unknown> }));
      }
    });
    await session.open('c7');
    await userEvent.click(await screen.findByTestId('llmhub-instructed'));
    const text = await screen.findByTestId<HTMLTextAreaElement>('llmhub-instructions-text');
    expect(text.value).toBe('Be brief.');
    expect(document.activeElement).toBe(text);
    await userEvent.click(screen.getByTestId('llmhub-reset-system'));
    await userEvent.click(screen.getByTestId('llmhub-parameters-save'));
    await waitFor(() => {
      expect(screen.queryByTestId('llmhub-instructed')).toBeNull();
    });
    expect(changes).toEqual([{ params: {} }]);
  });
});

describe('mentions', () => {
  it('find files that are open, near and deep, and attach them', async () => {
    const { field, hub } = await open();
    await userEvent.type(field, 'Look at @');
    await waitFor(() => {
      expect(options()).toEqual([
        'echolab',
        'qwen3-32blab',
        'analysis.ipynbwork',
        'data.csvwork',
        'notes.md',
        'needle.txtwork/deep'
      ]);
    });
    await userEvent.type(field, 'need{Enter}');
    expect(field.value).toBe('Look at needle.txt ');
    await waitFor(() => {
      expect(hub.drafts.get(null).files).toMatchObject([{ type: 'file', name: 'needle.txt' }]);
    });
  });

  it('let another model answer this one message', async () => {
    const { field, server, session } = await open();
    await userEvent.type(field, '@qwen{Tab}');
    expect(field.value).toBe('');
    expect(screen.getByTestId('llmhub-answerer').textContent).toContain('qwen3-32b answers this');
    await userEvent.type(field, 'Hi{Enter}');
    await waitFor(() => {
      expect(server.bodies[0]?.model).toBe('lab/qwen3-32b');
    });
    expect(session.model).toBe('lab/echo');
    expect(screen.queryByTestId('llmhub-answerer')).toBeNull();
  });

  it('that fit nothing say so and are sent as they stand; addresses are none', async () => {
    const { field, session } = await open();
    await userEvent.type(field, 'me@example');
    expect(screen.queryByTestId('llmhub-menu')).toBeNull();
    await userEvent.type(field, ' and @zzzz');
    await waitFor(() => {
      expect(screen.getByTestId('llmhub-menu-saying').textContent).toContain('Nothing is called “zzzz”');
    });
    await userEvent.type(field, '{Enter}');
    await waitFor(() => {
      expect(textOf(session.chat.node('u1')!.message.parts)).toBe('me@example and @zzzz');
    });
  });
});

/** A notebook with an error and no output, and a Python kernel with a variable. */
function nearby(): Nearby {
  const variables = new Variables(() => ({
    key: 'k',
    language: 'python',
    project: 'study',
    isBusy: false,
    evaluate: expression =>
      Promise.resolve(
        expression.includes('Answer(names(space))')
          ? '[{"name":"df","type":"pandas.DataFrame","size":"2 × 2"}]'
          : '{"name":"df","type":"pandas.DataFrame","size":"","text":"as it is"}'
      ),
    inspect: () => Promise.resolve(null),
    complete: () => Promise.resolve([])
  }));
  return {
    offers: () => [
      { kind: 'cell', label: 'Active cell', detail: 'a.ipynb, cell 1', whyNot: null },
      { kind: 'output', label: 'Output of the active cell', detail: '', whyNot: 'The active cell has none' },
      { kind: 'error', label: 'Last error', detail: 'KeyError', whyNot: null }
    ],
    take: kind => Promise.resolve([new File([kind], `${kind}.py`, { type: 'text/x-python' })]),
    dragged: () => null,
    variables
  };
}

describe('the paperclip', () => {
  it('offers what @ offers and files of this computer, and says what cannot be now and why', async () => {
    const { services, field } = await open();
    Object.assign(services, { nearby: nearby() });
    await userEvent.type(field, '@');
    await waitFor(() => {
      expect(options()).toContain('dfpandas.DataFrame · 2 × 2');
    });
    const mentioned = options().filter(option => !option?.endsWith('lab'));
    expect(mentioned).not.toContain('Output of the active cellThe active cell has none');
    await userEvent.clear(field);
    await userEvent.click(screen.getByTestId('llmhub-attach'));
    const offered = options();
    expect(offered[0]).toBe('A file from this computer…');
    expect(offered).toEqual(expect.arrayContaining(mentioned));
    expect(offered).toContain('Output of the active cellThe active cell has none');
    expect(document.activeElement).toBe(screen.getByTestId('llmhub-attach-search'));
    await userEvent.keyboard('{Escape}');
    expect(screen.queryByTestId('llmhub-attach-menu')).toBeNull();
    expect(document.activeElement).toBe(screen.getByTestId('llmhub-attach'));
  });

  it('attaches by keyboard, and never what cannot be', async () => {
    const { services, hub } = await open();
    Object.assign(services, { nearby: nearby() });
    await userEvent.click(screen.getByTestId('llmhub-attach'));
    await userEvent.keyboard('output{Enter}');
    expect(screen.getByTestId('llmhub-attach-menu')).toBeTruthy();
    await userEvent.clear(screen.getByTestId('llmhub-attach-search'));
    await userEvent.keyboard('last{Enter}');
    expect(screen.queryByTestId('llmhub-attach-menu')).toBeNull();
    await waitFor(() => {
      expect(hub.drafts.get(null).files).toMatchObject([{ type: 'file', name: 'error.py' }]);
      expect(document.activeElement).toBe(screen.getByTestId('llmhub-composer'));
    });
  });

  it('shows a variable before it goes along', async () => {
    const { services, session } = await open();
    Object.assign(services, { nearby: nearby() });
    await userEvent.click(screen.getByTestId('llmhub-attach'));
    await screen.findByText('df');
    await userEvent.keyboard('df{Enter}');
    await waitFor(() => {
      expect(session.desk.preview?.snapshot.text).toBe('as it is');
    });
  });

  it('opens the window of the browser for files of this computer', async () => {
    await open();
    const opened = vi.spyOn(screen.getByTestId<HTMLInputElement>('llmhub-attach-input'), 'click');
    await userEvent.click(screen.getByTestId('llmhub-attach'));
    await userEvent.keyboard('{Enter}');
    expect(opened).toHaveBeenCalledOnce();
  });
});

describe('several models', () => {
  it('are chosen by keyboard with Ctrl+Enter, and remembered', async () => {
    const { field, server, session } = await open();
    await userEvent.type(field, 'Compare{Control>}{Enter}{/Control}');
    await userEvent.type(screen.getByTestId('llmhub-several-search'), 'qw {Enter}');
    await waitFor(() => {
      expect(server.bodies.map(body => body.model)).toEqual(['lab/echo', 'lab/qwen3-32b']);
    });
    expect(screen.queryByTestId('llmhub-several')).toBeNull();
    expect(session.hub.catalogue.several).toEqual(['lab/echo', 'lab/qwen3-32b']);
  });
});

describe('several of thousands', () => {
  it('are drawn where one looks', async () => {
    const items = Array.from({ length: 4000 }, (_, at) => model(`lab/model-${String(at)}`));
    const { field } = await open({ models: () => Promise.resolve({ items, next: null }) });
    await userEvent.type(field, 'Compare{Control>}{Enter}{/Control}{ArrowUp}');
    const options = screen.getAllByTestId('llmhub-several-option');
    expect(options.length).toBeLessThan(100);
    expect(options.at(-1)?.dataset['active']).toBe('true');
    expect(options.at(-1)?.getAttribute('aria-posinset')).toBe('4000');
  });
});

describe('the context', () => {
  it('is told where the window is known, and turns amber, then red', async () => {
    const small = model('lab/small', { context_window: 1000, price: { input: 1, output: 2 } });
    const { field, session, server } = await open({
      models: () => Promise.resolve({ items: [small, model('lab/unknown')], next: null })
    });
    server.add(said('a0', 'x', { usage: { input_tokens: 500, output_tokens: 100 } }));
    await session.open('c1');
    const ring = await screen.findByTestId('llmhub-context');
    expect([ring.dataset['percent'], ring.dataset['level']]).toEqual(['60', 'quiet']);
    expect(ring.title).toBe('60 % of the context used · $0.0008 – $0.0011');
    fireEvent.change(field, { target: { value: 'word'.repeat(120) } });
    expect(ring.dataset['level']).toBe('amber');
    fireEvent.change(field, { target: { value: 'word'.repeat(320) } });
    expect(ring.dataset['level']).toBe('red');
    await userEvent.click(ring);
    expect(screen.getByTestId('llmhub-context-details').textContent).toContain('The model takes1,000');
    session.setModel('lab/unknown');
    await waitFor(() => {
      expect(screen.queryByTestId('llmhub-context')).toBeNull();
    });
  });
});
