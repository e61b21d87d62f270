import {
  ILabShell,
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette, WidgetTracker } from '@jupyterlab/apputils';

import { usageIcon } from '../icons';
import { CommandIDs, IPageServices } from '../tokens';
import { UsageTab } from '../widgets/UsageTab';

/** What was used and what it cost, as a tab. */
export const usagePlugin: JupyterFrontEndPlugin<void> = {
  id: '@llmhub/lab:usage',
  description: 'Shows what models have used and what it cost.',
  autoStart: true,
  requires: [IPageServices],
  optional: [ILabShell, ILayoutRestorer, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    { hub, trans }: IPageServices,
    labShell: ILabShell | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null
  ): void => {
    const tracker = new WidgetTracker<UsageTab>({ namespace: 'llmhub-usage' });
    const openConversation = labShell
      ? (conversation: string): void => {
          void app.commands.execute(CommandIDs.openTab, { conversation });
        }
      : null;
    app.commands.addCommand(CommandIDs.openUsage, {
      label: trans.__('Usage and costs'),
      caption: trans.__('What models have used, and what it cost'),
      icon: usageIcon,
      describedBy: { args: { type: 'object', properties: {}, additionalProperties: false } },
      execute: () => {
        let tab = tracker.currentWidget;
        if (!tab || tab.isDisposed) {
          tab = new UsageTab({ hub, trans, openConversation });
          void tracker.add(tab);
        }
        if (!tab.isAttached) {
          app.shell.add(tab, labShell ? 'main' : 'right', { type: 'Usage' });
        }
        app.shell.activateById(tab.id);
        return tab;
      }
    });
    palette?.addItem({ command: CommandIDs.openUsage, category: trans.__('Chat') });
    void restorer?.restore(tracker, { command: CommandIDs.openUsage, name: () => 'usage' });
  }
};
