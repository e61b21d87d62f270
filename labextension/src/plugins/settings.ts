import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ISettingRegistry } from '@jupyterlab/settingregistry';

import { ILLMHub } from '../tokens';

const ID = '@llmhub/lab:settings';

/** JupyterLab's settings, handed to the models. */
export const settingsPlugin: JupyterFrontEndPlugin<void> = {
  id: ID,
  description: 'Settings of the chat panel.',
  autoStart: true,
  requires: [ILLMHub],
  optional: [ISettingRegistry],
  activate: (_app: JupyterFrontEnd, hub: ILLMHub, registry: ISettingRegistry | null): void => {
    const apply = (settings: ISettingRegistry.ISettings): void => {
      hub.preferences.set({
        sendOnEnter: settings.composite['sendOnEnter'] !== false,
        unfoldReasoning: settings.composite['unfoldReasoning'] === true
      });
    };
    registry
      ?.load(ID)
      .then(settings => {
        apply(settings);
        settings.changed.connect(apply);
      })
      .catch((reason: unknown) => {
        console.warn('llmhub: the settings cannot be read, so the defaults are used.', reason);
      });
  }
};
