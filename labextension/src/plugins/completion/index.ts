import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ICompletionProviderManager } from '@jupyterlab/completer';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStatusBar } from '@jupyterlab/statusbar';
import type { PartialJSONObject } from '@lumino/coreutils';

import { CommandIDs, IPageServices } from '../../tokens';
import { LabCompleter, type Making, PROVIDER } from './provider';

/** JupyterLab's settings of inline completion, where each provider has its own. */
const SETTINGS = '@jupyterlab/completer-extension:inline-completer';

/** Code completed as it is typed. JupyterLab's inline completer does the rest, and has the settings; it is off until somebody wants it. */
export const completionPlugin: JupyterFrontEndPlugin<void> = {
  id: '@llmhub/lab:completion',
  description: 'Completes code in notebooks, files and consoles.',
  autoStart: true,
  requires: [IPageServices, ICompletionProviderManager],
  optional: [ISettingRegistry, IStatusBar, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    { hub, trans }: IPageServices,
    manager: ICompletionProviderManager,
    registry: ISettingRegistry | null,
    statusBar: IStatusBar | null,
    palette: ICommandPalette | null
  ): void => {
    let making: Promise<Making> | null = null;
    const make = async (): Promise<Making> => {
      const [{ Completions }, { Surroundings }, { TroubleItem }] = await Promise.all([
        import('../../model/completion'),
        import('./around'),
        import('./trouble')
      ]);
      const completions = new Completions(hub.client);
      const surroundings = new Surroundings();
      if (statusBar) {
        const onClick = (): void => {
          void app.commands.execute(CommandIDs.openSettings);
        };
        new TroubleItem(completions, trans, onClick).register(statusBar);
      }
      return { completions, around: context => surroundings.of(context) };
    };
    manager.registerInlineProvider(
      new LabCompleter(
        trans.__('Chat (llmhub)'),
        () =>
          (making ??= make().catch((thrown: unknown) => {
            making = null;
            throw thrown;
          }))
      )
    );
    if (!registry) {
      return;
    }
    let isOn = false;
    app.commands.addCommand(CommandIDs.toggleCompletion, {
      label: trans.__('Complete code as it is typed'),
      caption: trans.__('Show in notebooks, files and consoles how the code could go on; Tab takes it'),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            on: { type: 'boolean', description: 'Switch it on or off; the other way round when left out' }
          },
          additionalProperties: false
        }
      },
      isToggled: () => isOn,
      execute: async args => {
        const settings = await registry.load(SETTINGS);
        const providers = (settings.composite['providers'] ?? {}) as PartialJSONObject;
        const enabled = typeof args['on'] === 'boolean' ? args['on'] : !isOn;
        const ours = providers[PROVIDER] as PartialJSONObject | undefined;
        await settings.set('providers', { ...providers, [PROVIDER]: { ...ours, enabled } });
      }
    });
    palette?.addItem({ command: CommandIDs.toggleCompletion, category: trans.__('Chat') });
    void app.restored
      .then(() => registry.load(SETTINGS))
      .then(settings => {
        const look = (): void => {
          const providers = settings.composite['providers'] as PartialJSONObject | undefined;
          isOn = (providers?.[PROVIDER] as PartialJSONObject | undefined)?.['enabled'] === true;
          app.commands.notifyCommandChanged(CommandIDs.toggleCompletion);
          if (!isOn) {
            void making?.then(({ completions }) => {
              completions.dismiss();
            });
          }
        };
        look();
        settings.changed.connect(look);
      })
      .catch((reason: unknown) => {
        console.warn('llmhub: JupyterLab’s settings of inline completion cannot be read.', reason);
      });
  }
};
