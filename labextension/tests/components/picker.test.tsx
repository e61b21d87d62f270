import { cleanup, fireEvent, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';

import type { ModelInfo, ProviderInfo } from '../../src/api/schema';
import { Composer } from '../../src/components/composer/Composer';
import { page, type Page } from '../support/services';
import { conversation, model } from '../support/values';

afterEach(cleanup);

async function open(models: ModelInfo[]): Promise<Page> {
  const here = await page({ models: () => Promise.resolve({ items: models, next: null }) });
  here.show(<Composer />);
  await userEvent.click(screen.getByTestId('llmhub-model-picker'));
  return here;
}

const many = (count: number): ModelInfo[] =>
  Array.from({ length: count }, (_, at) => model(`p${at % 10}/model-${at}`));
const inGroup = (name: string): (string | undefined)[] =>
  within(screen.getByRole('group', { name }))
    .getAllByTestId('llmhub-model-option')
    .map(option => option.dataset['modelId']);

describe('the list of models', () => {
  it('begins with the favourites, which are kept where JupyterLab keeps settings', async () => {
    const { hub } = await open(many(3));
    const keep = vi.fn(() => Promise.resolve());
    hub.preferences.keep = keep;
    expect(screen.queryByRole('group', { name: 'Favourites' })).toBeNull();
    await userEvent.click(screen.getAllByTestId('llmhub-favourite')[2]!);
    expect(keep).toHaveBeenLastCalledWith('favouriteModels', ['p2/model-2']);
    expect(inGroup('Favourites')).toEqual(['p2/model-2']);
    expect(screen.getByTestId('llmhub-models')).toBeTruthy();
    await userEvent.type(screen.getByTestId('llmhub-model-search'), 'model-1{Control>}d{/Control}');
    expect(keep).toHaveBeenLastCalledWith('favouriteModels', ['p2/model-2', 'p1/model-1']);
    await userEvent.keyboard('{Control>}d{/Control}');
    expect(hub.preferences.values.favouriteModels).toEqual(['p2/model-2']);
  });

  it('has those used last on top where it is long, and chooses there by keyboard', async () => {
    const { session } = await open(many(20));
    for (const name of ['model-7', 'model-12']) {
      await userEvent.type(screen.getByTestId('llmhub-model-search'), `${name}{Enter}`);
      await userEvent.click(screen.getByTestId('llmhub-model-picker'));
    }
    expect(inGroup('Used last')).toEqual(['p2/model-12', 'p7/model-7']);
    await userEvent.keyboard('{ArrowDown}{Enter}');
    expect(session.model).toBe('p7/model-7');
  });

  it('has those that were asked last on top in a browser that has chosen none', async () => {
    const { hub } = await open(many(20));
    await userEvent.keyboard('{Escape}');
    hub.conversations.learn(conversation('c7', { model: 'p7/model-7' }));
    await userEvent.click(screen.getByTestId('llmhub-model-picker'));
    expect(inGroup('Used last')[0]).toBe('p7/model-7');
  });

  it('of thousands draws what one looks at: what is seen first, and what the keyboard has come to', async () => {
    await open(many(4000));
    const options = () => screen.getAllByTestId('llmhub-model-option');
    expect(options().length).toBeLessThan(200);
    expect(options()[0]!.getAttribute('aria-setsize')).toBe('4000');
    await userEvent.keyboard('{ArrowUp}');
    const last = options().at(-1)!;
    expect(last.dataset['modelId']).toBe('p9/model-3999');
    expect(last.getAttribute('aria-posinset')).toBe('4000');
    expect(last.dataset['active']).toBe('true');
    await userEvent.type(screen.getByTestId('llmhub-model-search'), 'model-3998');
    expect(options().map(option => option.dataset['modelId'])).toEqual(['p8/model-3998']);
  });

  it('draws what is scrolled to, and keeps what the keyboard stands on', async () => {
    await open(many(4000));
    const list = screen.getByRole('listbox', { name: 'Models' });
    const first = screen.getAllByTestId('llmhub-model-option')[0]!;
    Object.defineProperty(list, 'clientHeight', { value: 350 });
    list.scrollTop = 40_000;
    fireEvent.scroll(list);
    const ids = screen.getAllByTestId('llmhub-model-option').map(option => option.dataset['modelId']);
    expect(ids[0]).toBe('p0/model-0');
    expect(first.isConnected && first.dataset['active']).toBe('true');
    // Groups of 400: where 40,000 px are, those of the fourth provider are drawn, and none between.
    expect(ids.slice(1).every(id => id?.startsWith('p3/'))).toBe(true);
    expect(ids.length).toBeGreaterThan(20);
    expect(ids.length).toBeLessThan(80);
  });

  it('keeps the keyboard on a model that becomes a favourite', async () => {
    const { hub } = await open(many(3));
    await userEvent.keyboard('{ArrowDown}{Control>}d{/Control}{ArrowDown}{Control>}d{/Control}');
    expect(hub.preferences.values.favouriteModels).toEqual(['p1/model-1', 'p2/model-2']);
  });

  it('keeps the keyboard when it is opened again before the composer has taken it', async () => {
    const { session } = await open(many(3));
    await userEvent.keyboard('{Enter}');
    session.screen.chooseModel();
    const field = await screen.findByTestId('llmhub-model-search');
    await new Promise(requestAnimationFrame);
    await new Promise(requestAnimationFrame);
    expect(document.activeElement).toBe(field);
  });

  it('tells of each model what is known: what it can do, takes and costs, and where it runs', async () => {
    await open([
      model('lab/able', {
        capabilities: ['vision', 'tools', 'reasoning'],
        context_window: 128_000,
        price: { input: 3, output: 15 },
        local: true
      }),
      model('lab/unknown')
    ]);
    const [able, unknown] = screen.getAllByTestId('llmhub-model-option') as [HTMLElement, HTMLElement];
    const signs = within(able).getAllByRole('img', { hidden: true });
    expect(signs.map(sign => sign.getAttribute('aria-label')).filter(Boolean)).toEqual([
      'Sees images',
      'Uses tools',
      'Thinks before it answers'
    ]);
    expect(able.textContent).toBe('able128klocal$3.00 / $15.00');
    expect(unknown.textContent).toBe('unknown');
  });

  it('leads from a model that cannot answer to where that is set right', async () => {
    const { session } = await open([
      model('lab/echo'),
      model('openai/gpt-x', { available: false, why_not: 'No key for OpenAI.' })
    ]);
    await userEvent.click(screen.getByText('No key for OpenAI.'));
    expect(session.screen.view).toBe('providers');
    expect(session.screen.providerWanted).toBe('openai');
  });

  it('stands under the headings of llmhub.yaml, with its icons, descriptions and aliases', async () => {
    await open([
      model('fast', { label: 'Fast', icon: '⚡', alias_of: 'lab/echo', provider: 'lab' }),
      model('lab/echo', { group: 'Our machines', description: 'Says what you say.', family: 'Llama' }),
      model('lab/other', { icon: 'data:image/png;base64,AA==', capabilities: ['vision', 'json_schema'] })
    ]);
    expect(inGroup('Our machines')).toEqual(['lab/echo']);
    const option = (id: string): HTMLElement =>
      screen.getAllByTestId('llmhub-model-option').find(one => one.dataset['modelId'] === id)!;
    expect(option('fast').textContent).toContain('⚡Fast → lab/echo');
    expect(option('lab/echo').textContent).toContain('Says what you say.');
    expect(option('lab/other').querySelector('img')?.getAttribute('src')).toBe('data:image/png;base64,AA==');
    expect(option('lab/other').title.split('\n')).toEqual([
      'lab/other',
      'Sees images',
      'Answers in JSON of a given schema'
    ]);
    await userEvent.type(screen.getByTestId('llmhub-model-search'), 'llama');
    expect(screen.getAllByTestId('llmhub-model-option').map(one => one.dataset['modelId'])).toEqual([
      'lab/echo'
    ]);
  });

  it('takes a name that no list has, at the provider that is typed or at those that are set up', async () => {
    const { hub, session } = await open([model('lab/echo')]);
    const provider = { configured: true, kind: 'openai', has_key: true, needs_key: true, local: false };
    hub.providers.items = [
      { ...provider, name: 'lab' },
      { ...provider, name: 'other' },
      { ...provider, name: 'keyless', has_key: false },
      { ...provider, name: 'groq', configured: false }
    ] as ProviderInfo[];
    const offered = (): (string | undefined)[] => inGroup('In no list, as typed');
    const search = screen.getByTestId('llmhub-model-search');
    await userEvent.type(search, 'brand-new');
    expect(offered()).toEqual(['lab/brand-new', 'other/brand-new']);
    await userEvent.clear(search);
    await userEvent.type(search, 'lab/ech');
    expect(offered()).toEqual(['lab/ech']);
    await userEvent.type(search, 'o');
    expect(screen.queryByRole('group', { name: 'In no list, as typed' })).toBeNull();
    await userEvent.type(search, '-2/x{ArrowDown}{ArrowUp}{Enter}');
    expect(session.model).toBe('lab/echo-2/x');
  });
});
