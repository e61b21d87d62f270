import {
  ILabShell,
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { IStateDB } from '@jupyterlab/statedb';

import type { Storage } from '../model/storage';
import { IPageServices, PANEL_ID } from '../tokens';
import { ChatWidget } from '../widgets/ChatWidget';
import { widen } from './width';

/** Not under `llmhub:`: JupyterLab's restorer takes what is there for tabs of ours, and removes what is none. */
const SHOWN_BEFORE = 'llmhub-panel:shown';

/** Puts the panel into the right side area. */
export const panelPlugin: JupyterFrontEndPlugin<void> = {
  id: '@llmhub/lab:panel',
  description: 'The chat panel.',
  autoStart: true,
  requires: [IPageServices],
  optional: [ILayoutRestorer, IStateDB, ILabShell],
  activate: (
    app: JupyterFrontEnd,
    page: IPageServices,
    restorer: ILayoutRestorer | null,
    state: IStateDB | null,
    labShell: ILabShell | null
  ): void => {
    const panel = new ChatWidget(page, page.hub.side);
    panel.id = PANEL_ID;
    // Without a type: where a person moves it is remembered by type, and tabs of the main area have one of their own.
    app.shell.add(panel, 'right', { rank: 500 });
    restorer?.add(panel, PANEL_ID);
    const { activity } = page.hub;
    activity.subscribe(() => {
      panel.title.className = activity.answering > 0 ? 'jp-llmhub-tab jp-mod-answering' : 'jp-llmhub-tab';
    });
    // Notebook's state does not outlive its page, and JupyterLab's is the server's own, unlike the browser's.
    const memory = labShell && state ? state : keptBy(page.hub.storage);
    void app.restored.then(() => showFirstTime(app, panel, memory));
  }
};

type Memory = Pick<IStateDB, 'fetch' | 'save'>;

/** A memory in the browser, which may be forbidden: then the panel opens anew on each page. */
const keptBy = (storage: Storage): Memory => ({
  fetch: key => Promise.resolve(storage.getItem(key) ?? undefined),
  save: (key, value) => {
    storage.setItem(key, JSON.stringify(value));
    return Promise.resolve();
  }
});

/** A newcomer sees the panel; afterwards the layout is theirs. */
async function showFirstTime(app: JupyterFrontEnd, panel: ChatWidget, memory: Memory): Promise<void> {
  if (await memory.fetch(SHOWN_BEFORE)) {
    return;
  }
  await memory.save(SHOWN_BEFORE, true);
  panel.takesFocus = false;
  app.shell.activateById(panel.id);
  widen(panel);
}
