import { cleanup, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, it } from 'vitest';

import { ApiError } from '../../src/api/errors';
import type { Parameter } from '../../src/api/schema';
import { Composer } from '../../src/components/composer/Composer';
import { page, type Page } from '../support/services';
import { conversation, model } from '../support/values';

afterEach(cleanup);

const taken: Parameter[] = [
  { name: 'system', type: 'text', choices: [] },
  { name: 'temperature', type: 'number', min: 0, max: 1, step: 0.05, choices: [], default: 1 as never },
  { name: 'reasoning_effort', type: 'choice', choices: ['low', 'high'] },
  { name: 'max_tokens', type: 'integer', min: 1, max: 99, choices: [] },
  { name: 'json_schema', type: 'schema', choices: [] }
];

async function open(client: Parameters<typeof page>[0] = {}): Promise<Page> {
  const here = await page({
    models: () => Promise.resolve({ items: [model('lab/echo'), model('lab/other')], next: null }),
    ...client
  });
  here.server.taken = taken;
  here.show(<Composer />);
  return here;
}

const field = (name: string): HTMLInputElement => screen.getByTestId(`llmhub-parameter-${name}`);

it('what a model takes is shown with its defaults, changed, and holds for the conversation that is made', async () => {
  const { server, session } = await open();
  await userEvent.click(screen.getByTestId('llmhub-parameters-button'));
  await screen.findByTestId('llmhub-parameter-temperature');
  expect(server.parametersAsked).toEqual(['lab/echo']);
  expect(field('temperature').placeholder).toBe('1');
  expect(screen.queryByTestId('llmhub-parameter-seed')).toBeNull();
  await userEvent.type(field('temperature'), '0.3');
  await userEvent.selectOptions(field('reasoning_effort'), 'high');
  await userEvent.click(screen.getByTestId('llmhub-parameters-save'));
  expect(session.writing.params).toEqual({ temperature: 0.3, reasoning_effort: 'high' });
  expect(screen.getByTestId('llmhub-parameters-button').getAttribute('aria-label')).toContain('0.3');
  await userEvent.type(screen.getByTestId('llmhub-composer'), 'Hello{Enter}');
  await waitFor(() => {
    expect(server.drafts).toContainEqual(
      expect.objectContaining({ params: { temperature: 0.3, reasoning_effort: 'high' } })
    );
  });
});

it('a value that cannot be is said at once, and cannot be saved', async () => {
  await open();
  await userEvent.click(screen.getByTestId('llmhub-parameters-button'));
  await screen.findByTestId('llmhub-parameter-temperature');
  const save = screen.getByTestId<HTMLButtonElement>('llmhub-parameters-save');
  const says = async (name: string, text: string, words: string): Promise<void> => {
    await userEvent.click(field(name));
    await userEvent.paste(text);
    expect(field(name).getAttribute('aria-invalid')).toBe('true');
    expect(field(name).closest('[data-parameter]')?.textContent).toContain(words);
    expect(save.disabled).toBe(true);
    await userEvent.click(screen.getByTestId(`llmhub-reset-${name}`));
    expect(field(name).value).toBe('');
  };
  await says('temperature', '1.5', 'Between 0 and 1.');
  await says('max_tokens', '2.5', 'whole number');
  await says('json_schema', '{"type": ', 'Line 1, column 10: a value is missing');
  await says('json_schema', '[1]', 'is an object');
});

it('what the server refuses is said, and nothing that was written is lost', async () => {
  const refusal = new ApiError(422, 'invalid', 'params.json_schema is no JSON schema.', 'Correct it.');
  const { session } = await open({ updateConversation: () => Promise.reject(refusal) });
  await session.open('c7');
  await userEvent.click(screen.getByTestId('llmhub-parameters-button'));
  await screen.findByTestId('llmhub-parameter-json_schema');
  await userEvent.click(field('json_schema'));
  await userEvent.paste('{"type": "strin"}');
  await userEvent.click(screen.getByTestId('llmhub-parameters-save'));
  expect((await screen.findByTestId('llmhub-parameters-problem')).textContent).toContain('no JSON schema');
  expect(field('json_schema').value).toBe('{"type": "strin"}');
});

it('what another model had been given is kept and said', async () => {
  const params = { seed: 7, temperature: 0.2 };
  const { session } = await open({ conversation: id => Promise.resolve(conversation(id, { params })) });
  await session.open('c7');
  await userEvent.click(screen.getByTestId('llmhub-parameters-button'));
  expect((await screen.findByTestId('llmhub-parameters-idle')).textContent).toContain('Seed');
  expect(field('temperature').value).toBe('0.2');
});

it('presets are saved, used by name, renamed, made the default, deleted and had back', async () => {
  const { server, session, hub } = await open();
  await userEvent.click(screen.getByTestId('llmhub-parameters-button'));
  await screen.findByTestId('llmhub-parameter-temperature');
  await userEvent.type(field('temperature'), '0.3');
  await userEvent.click(screen.getByTestId('llmhub-preset-new'));
  await userEvent.type(screen.getByTestId('llmhub-preset-name'), 'Exact{Enter}');
  await screen.findByTestId('llmhub-preset-rename');
  expect(server.presetList).toMatchObject([
    { name: 'Exact', model: 'lab/echo', params: { temperature: 0.3 } }
  ]);
  await userEvent.click(screen.getByTestId('llmhub-preset-default'));
  await userEvent.click(screen.getByTestId('llmhub-preset-rename'));
  await userEvent.clear(screen.getByTestId('llmhub-preset-name'));
  await userEvent.type(screen.getByTestId('llmhub-preset-name'), 'Very exact{Enter}');
  await waitFor(() => {
    expect(server.presetList).toMatchObject([{ name: 'Very exact', default: true }]);
  });
  await userEvent.click(await screen.findByTestId('llmhub-preset-delete'));
  await userEvent.click(await screen.findByText('Undo'));
  await waitFor(() => {
    expect(server.presetList).toMatchObject([
      { name: 'Very exact', default: true, params: { temperature: 0.3 } }
    ]);
  });
  await userEvent.keyboard('{Escape}');
  // A new chat begins with the default.
  session.setModel('lab/other');
  session.newChat();
  expect([session.model, session.writing.params]).toEqual(['lab/echo', { temperature: 0.3 }]);
  expect(hub.presets.named('very EXACT')).toBeDefined();
  // It is in the list of models too.
  session.setModel('lab/other');
  await userEvent.click(screen.getByTestId('llmhub-model-picker'));
  await userEvent.type(screen.getByTestId('llmhub-model-search'), 'very{Enter}');
  await waitFor(() => {
    expect(session.model).toBe('lab/echo');
  });
});

it('a preset whose model is gone says so; its parameters are used with the model that is chosen', async () => {
  const { server, session, hub } = await open();
  server.presetList = [
    {
      id: 'p',
      name: 'Old',
      model: 'lab/gone',
      params: { temperature: 1.8 },
      tools: [],
      default: false,
      locked: true
    }
  ];
  await hub.presets.load();
  const composer = screen.getByTestId('llmhub-composer');
  await userEvent.type(composer, '/preset old{Enter}');
  await waitFor(() => {
    expect(session.writing.params).toEqual({ temperature: 1 });
  });
  expect(session.model).toBe('lab/echo');
  expect(session.desk.note?.text).toContain('lab/gone');
  await userEvent.click(screen.getByTestId('llmhub-parameters-button'));
  await userEvent.selectOptions(await screen.findByTestId('llmhub-preset'), 'p');
  expect((await screen.findByTestId('llmhub-preset-gone')).textContent).toContain('lab/gone');
  expect(screen.queryByTestId('llmhub-preset-delete')).toBeNull();
});
