import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';

import { CommandIDs, ILLMHub } from '../tokens';
import { ActivityItem } from '../widgets/ActivityItem';

const ID = '@llmhub/lab:status-bar';

/** Answers being written and today's cost, in the status bar; hidden when there is nothing to say. */
export const statusBarPlugin: JupyterFrontEndPlugin<void> = {
  id: ID,
  description: 'Shows running answers and what today has cost in the status bar.',
  autoStart: true,
  requires: [ILLMHub],
  optional: [IStatusBar, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    hub: ILLMHub,
    statusBar: IStatusBar | null,
    translator: ITranslator | null
  ): void => {
    if (!statusBar) {
      return;
    }
    const { activity, preferences } = hub;
    const item = new ActivityItem({
      activity,
      trans: (translator ?? nullTranslator).load('llmhub'),
      language: (translator ?? nullTranslator).languageCode,
      onClick: () => {
        void app.commands.execute(activity.answering > 0 ? CommandIDs.showRunning : CommandIDs.openUsage);
      }
    });
    const activeStateChanged = new Signal<ActivityItem, void>(item);
    const tell = (): void => {
      activeStateChanged.emit();
    };
    activity.subscribe(tell);
    preferences.subscribe(tell);
    statusBar.registerStatusItem(ID, {
      item,
      align: 'right',
      rank: 50,
      isActive: () => preferences.values.statusBar && (activity.answering > 0 || activity.costToday > 0),
      activeStateChanged
    });
  }
};
