import {
  ILabShell,
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette, WidgetTracker } from '@jupyterlab/apputils';
import { settingsIcon } from '@jupyterlab/ui-components';

import { CommandIDs, IPageServices } from '../tokens';
import { SettingsTab } from '../widgets/SettingsTab';

const EDITOR = 'settingeditor:open';

/** The server's settings as a tab of the main area. */
export const settingsTabPlugin: JupyterFrontEndPlugin<void> = {
  id: '@llmhub/lab:settings-tab',
  description: 'Shows what is configured, where it came from, and what a person may change.',
  autoStart: true,
  requires: [IPageServices],
  optional: [ILabShell, ILayoutRestorer, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    page: IPageServices,
    labShell: ILabShell | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null
  ): void => {
    const { trans } = page;
    const { commands } = app;
    const tracker = new WidgetTracker<SettingsTab>({ namespace: 'llmhub-settings' });
    const make = (): SettingsTab =>
      new SettingsTab(page, {
        onProviders: () => {
          void commands.execute(CommandIDs.providers);
        },
        onLook: commands.hasCommand(EDITOR)
          ? () => {
              void commands.execute(EDITOR, { query: 'llmhub' });
            }
          : null
      });
    commands.addCommand(CommandIDs.openSettings, {
      label: trans.__('Chat settings'),
      caption: trans.__('What is configured, where it came from, and what you may change'),
      icon: settingsIcon,
      describedBy: { args: { type: 'object', properties: {}, additionalProperties: false } },
      isVisible: () => labShell !== null,
      execute: () => {
        if (!labShell) {
          // Jupyter Notebook has no tabs: the providers are what the panel itself can show.
          return commands.execute(CommandIDs.providers);
        }
        let tab = tracker.currentWidget;
        if (!tab || tab.isDisposed) {
          tab = make();
          void tracker.add(tab);
          app.shell.add(tab, 'main', { type: 'Chat settings' });
        }
        app.shell.activateById(tab.id);
        return tab;
      }
    });
    if (labShell) {
      palette?.addItem({ command: CommandIDs.openSettings, category: trans.__('Chat') });
    }
    void restorer?.restore(tracker, { command: CommandIDs.openSettings, name: tab => tab.id });
  }
};
