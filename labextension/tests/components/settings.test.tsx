import { cleanup, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';

import { ApiError } from '../../src/api/errors';
import type { OwnSetting, ServerConfig, SettingsChanges } from '../../src/api/schema';
import { Notes } from '../../src/components/Notes';
import { SettingsView } from '../../src/components/settings/SettingsView';
import { ProvidersView } from '../../src/components/setup/ProvidersView';
import { originOf } from '../../src/model/settings';
import { type Page, page } from '../support/services';

afterEach(cleanup);

const FILE = 'file /etc/jupyter/llmhub.yaml';

const OWN: OwnSetting[] = [
  {
    key: 'default_model',
    kind: 'model',
    description: '',
    value: 'lab/mine',
    source: 'user',
    own: true,
    inherited: { value: 'lab/theirs', source: `${FILE}:3` },
    lock: null
  },
  {
    key: 'kernel_access',
    kind: 'switch',
    description: '',
    value: false,
    source: 'default',
    own: false,
    inherited: { value: false, source: 'default' },
    lock: { name: 'kernel_access', source: `${FILE}:7` }
  },
  {
    key: 'spending.day',
    kind: 'number',
    description: 'A setting that this page has no words for.',
    value: 5,
    source: 'environment LLMHUB_SPENDING__DAY',
    own: false,
    inherited: { value: 5, source: 'environment LLMHUB_SPENDING__DAY' },
    lock: null
  }
];

function config(changes: Partial<ServerConfig> = {}): ServerConfig {
  return {
    features: { compare: true },
    limits: {},
    settings: {
      'features.compare': { value: true, source: 'default' },
      'limits.file_bytes': { value: 1000, source: `${FILE}:4` }
    },
    default_model: 'lab/mine',
    version: '0',
    data_dir: '/data',
    own: OWN,
    locked: [],
    notices: [],
    ...changes
  };
}

interface Shown extends Page {
  changes: SettingsChanges[];
}

async function shown(answer: () => ServerConfig = config, refusal: ApiError | null = null): Promise<Shown> {
  const changes: SettingsChanges[] = [];
  const there = await page({
    config: () => Promise.resolve(answer()),
    updateSettings: change => {
      changes.push(change);
      return refusal ? Promise.reject(refusal) : Promise.resolve();
    }
  });
  const { hub, services } = there;
  there.show(<SettingsView hub={hub} trans={services.trans} onProviders={vi.fn()} onLook={null} />);
  await screen.findByText('Yours');
  return { ...there, changes };
}

const row = (key: string): HTMLElement => screen.getByTestId(`llmhub-setting-${key}`);

describe('the settings page', () => {
  it('says where each value came from, and what would hold without one of one’s own', async () => {
    await shown();
    const origins = screen.getAllByTestId('llmhub-origin').map(node => node.textContent);
    expect(origins[0]).toBe('Yours. Without it: lab/theirs (from /etc/jupyter/llmhub.yaml, line 3)');
    expect(origins[1]).toContain('“kernel_access” is under `locked`, from /etc/jupyter/llmhub.yaml, line 7.');
    expect(origins[2]).toBe('5 (from the environment variable LLMHUB_SPENDING__DAY)');
    expect(screen.getByText('A setting that this page has no words for.')).toBeTruthy();
  });

  it('calls ceilings and the time zone by what they are', async () => {
    const own = ['limits.usd_per_day', 'limits.usd_per_month', 'limits.time_zone'].map(key => ({
      ...OWN[2]!,
      key,
      description: 'absent: all',
      value: null,
      source: 'default',
      inherited: { value: null, source: 'default' }
    }));
    await shown(() => config({ own }));
    screen.getByLabelText('Ceiling of spending per day (US dollars)');
    screen.getByLabelText('Ceiling of spending per month (US dollars)');
    screen.getByLabelText('Time zone');
    expect(screen.getAllByText('no ceiling (default)')).toHaveLength(2);
    expect(screen.queryByText(/absent/)).toBeNull();
  });

  it('keeps a value with Enter, and gives it up for what is inherited', async () => {
    const { changes } = await shown();
    fireEvent.change(row('spending.day'), { target: { value: ' 7.5 ' } });
    fireEvent.submit(row('spending.day'));
    await waitFor(() => {
      expect(changes).toEqual([{ spending: { day: 7.5 } }]);
    });
    fireEvent.click(screen.getByTestId('llmhub-reset'));
    await waitFor(() => {
      expect(changes[1]).toEqual({ default_model: null });
    });
    expect(screen.getAllByTestId('llmhub-reset')).toHaveLength(1); // what is not one's own has nothing to reset
  });

  it('says what cannot be right before it is sent', async () => {
    const { changes } = await shown();
    for (const [key, text, words] of [
      ['default_model', 'gpt', 'This is no model: write provider/model, or choose one from the list.'],
      ['spending.day', 'seven', 'This is no number.']
    ] as const) {
      fireEvent.change(row(key), { target: { value: text } });
      fireEvent.submit(row(key));
      expect(screen.getByRole('alert').textContent).toBe(words);
      expect(row(key).getAttribute('aria-invalid')).toBe('true');
      fireEvent.keyDown(row(key), { key: 'Escape' });
    }
    expect(changes).toEqual([]);
  });

  it('shows what the server refuses beside the setting, and keeps what was typed', async () => {
    await shown(config, new ApiError(403, 'access_denied', 'It is locked.', 'Ask.'));
    fireEvent.change(row('default_model'), { target: { value: 'lab/other' } });
    fireEvent.submit(row('default_model'));
    expect((await screen.findByRole('alert')).textContent).toBe('It is locked. Ask.');
    expect((row('default_model') as HTMLInputElement).value).toBe('lab/other');
  });

  it('locks what is locked', async () => {
    await shown();
    expect((row('kernel_access') as HTMLInputElement).disabled).toBe(true);
    expect((row('spending.day') as HTMLInputElement).disabled).toBe(false);
  });

  it('unfolds all that holds', async () => {
    await shown();
    expect(screen.queryByText('limits.file_bytes')).toBeNull();
    const all = screen.getByTestId('llmhub-everything').closest('details');
    all?.setAttribute('open', '');
    fireEvent(all!, new Event('toggle'));
    const value = (await screen.findByText('limits.file_bytes')).parentElement!;
    expect(within(value).getByText('from /etc/jupyter/llmhub.yaml, line 4')).toBeTruthy();
    const filter = screen.getByTestId('llmhub-everything-filter');
    const names = () => [...all!.querySelectorAll('dt')].map(({ textContent }) => textContent);
    const whole = names().length;
    fireEvent.change(filter, { target: { value: 'YAML file' } });
    expect(names()).toContain('limits.file_bytes');
    expect(names().length).toBeLessThan(whole);
    fireEvent.change(filter, { target: { value: 'nothing is like this' } });
    expect(screen.getByTestId('llmhub-everything-count').textContent).toBe('No setting is like this.');
    fireEvent.keyDown(filter, { key: 'Escape' });
    expect(names().length).toBe(whole);
  });

  it('takes origins apart, with colons and spaces in paths', () => {
    expect(originOf('file C:\\my files\\llmhub.yaml:12')).toEqual({
      kind: 'file',
      path: 'C:\\my files\\llmhub.yaml',
      line: '12'
    });
    expect(originOf('host')).toEqual({ kind: 'host' });
    expect(originOf('default')).toEqual({ kind: 'default' });
  });
});

const BROKEN: ServerConfig['notices'] = [
  {
    code: 'file_broken',
    message:
      'llmhub.yaml was changed and cannot be used; what held before goes on. `limits.file_bytes` is text.',
    hint: 'Correct it.',
    details: { source: FILE, line: 4, key: 'limits.file_bytes' }
  }
];

describe('a configuration that cannot be used', () => {
  it('is said with file and line, in the settings and in the panel, until one waves it away', async () => {
    const { show, services } = await shown(() => config({ notices: BROKEN }));
    const title = '/etc/jupyter/llmhub.yaml cannot be used as it stands (line 4). What held before goes on.';
    const notice = screen.getByTestId('llmhub-config-notice');
    expect(notice.textContent).toBe(`${title}\`limits.file_bytes\` is text. Correct it.`);
    show(<Notes />);
    const line = screen.getByTestId('llmhub-config-note');
    expect(line.textContent).toContain(title);
    fireEvent.click(within(line).getByLabelText(services.trans.__('Dismiss')));
    expect(screen.queryByTestId('llmhub-config-note')).toBeNull();
  });
});

describe('the providers', () => {
  const provider = {
    name: 'openai',
    kind: 'openai',
    label: 'OpenAI',
    configured: true,
    own: true,
    has_key: true,
    key_source: 'an encrypted file',
    own_key: true,
    base_url: null,
    local: false,
    needs_key: true,
    key_url: null
  };
  const providers = (): Promise<never> =>
    Promise.resolve({ items: [provider], kinds: [] }) as unknown as Promise<never>;

  it('forget all keys that were entered, when that is confirmed', async () => {
    const deleteAllKeys = vi.fn(() => Promise.resolve());
    const { show } = await page({ providers, deleteAllKeys });
    show(<ProvidersView />);
    fireEvent.click(screen.getByTestId('llmhub-revoke-all-ask'));
    fireEvent.click(screen.getByText('Keep them'));
    expect(deleteAllKeys).not.toHaveBeenCalled();
    fireEvent.click(screen.getByTestId('llmhub-revoke-all-ask'));
    fireEvent.click(screen.getByTestId('llmhub-revoke-all-now'));
    await waitFor(() => {
      expect(deleteAllKeys).toHaveBeenCalledOnce();
    });
  });

  it('cannot be added where that is switched off', async () => {
    const off = config({ features: { own_providers: false } });
    const { show } = await page({ providers, config: () => Promise.resolve(off) });
    show(<ProvidersView />);
    expect(screen.queryByText('Add a provider')).toBeNull();
    expect(screen.getByTestId('llmhub-providers-locked')).toBeTruthy();
  });
});
