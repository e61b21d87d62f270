import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator, type TranslationBundle } from '@jupyterlab/translation';
import type { PartialJSONObject } from '@lumino/coreutils';

import { DEFAULTS } from '../model/preferences';
import { ILLMHub } from '../tokens';

const ID = '@llmhub/lab:settings';

/** JupyterLab's settings, handed to the models. */
export const settingsPlugin: JupyterFrontEndPlugin<void> = {
  id: ID,
  description: 'Settings of the chat panel.',
  autoStart: true,
  requires: [ILLMHub],
  optional: [ISettingRegistry, ITranslator],
  activate: (
    _app: JupyterFrontEnd,
    hub: ILLMHub,
    registry: ISettingRegistry | null,
    translator: ITranslator | null
  ): void => {
    if (!registry) {
      return;
    }
    const trans = (translator ?? nullTranslator).load('llmhub');
    registry.transform(ID, { fetch: plugin => ({ ...plugin, schema: translated(plugin.schema, trans) }) });
    const apply = ({ composite }: ISettingRegistry.ISettings): void => {
      const values = Object.entries(DEFAULTS).map(([name, fallback]): [string, unknown] => {
        const value: unknown = composite[name];
        return [name, isLike(value, fallback) ? value : fallback];
      });
      hub.preferences.set(Object.fromEntries(values));
    };
    registry
      .load(ID)
      .then(settings => {
        apply(settings);
        hub.preferences.keep = (name, value) => settings.set(name, value);
        settings.changed.connect(apply);
      })
      .catch((reason: unknown) => {
        console.warn('llmhub: the settings cannot be read, so the defaults are used.', reason);
      });
  }
};

function isLike(value: unknown, fallback: unknown): boolean {
  return Array.isArray(fallback)
    ? Array.isArray(value) && value.every(item => typeof item === 'string')
    : typeof value === typeof fallback;
}

/**
 * The schema in the language of the page. JupyterLab's server would translate it from an installed language pack only, not
 * from what a package brings itself; the contexts are those of its `translation_utils`.
 */
function translated(schema: ISettingRegistry.ISchema, trans: TranslationBundle): ISettingRegistry.ISchema {
  // The catalogue has these texts from the schema itself (scripts/catalogue.mjs).
  const say = (context: string, text: string): string => trans.dcnpgettext('llmhub', context, text, '', 0);
  const walk = (value: unknown, context: string): unknown => {
    if (Array.isArray(value)) {
      return value.map((item: unknown): unknown => walk(item, context));
    }
    if (value === null || typeof value !== 'object') {
      return value;
    }
    const entries = Object.entries(value as PartialJSONObject).map(([key, item]) => {
      const isText = (key === 'title' || key === 'description') && typeof item === 'string';
      return [key, isText ? say(context, item) : walk(item, 'settings')];
    });
    return Object.fromEntries(entries) as unknown;
  };
  const result = walk(schema, 'schema') as ISettingRegistry.ISchema;
  const label = schema['jupyter.lab.setting-icon-label'];
  return label === undefined
    ? result
    : { ...result, 'jupyter.lab.setting-icon-label': say('settings', label) };
}
