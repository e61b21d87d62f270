import {
  ILabShell,
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette, WidgetTracker } from '@jupyterlab/apputils';
import { ILauncher } from '@jupyterlab/launcher';
import { UUID } from '@lumino/coreutils';

import { chatIcon } from '../icons';
import { CommandIDs, IPageServices, PANEL_ID } from '../tokens';
import { ChatTab } from '../widgets/ChatTab';

const TAB = {
  type: 'object',
  properties: {
    conversation: {
      type: 'string',
      description: 'Id of the conversation to show; a new chat when it is left out'
    },
    name: { type: 'string', description: 'Name of the tab, by which the layout is restored' },
    title: { type: 'string', description: 'What the tab is called until more is known' },
    isShort: { type: 'boolean', description: 'Be called by one word, as menus and the launcher want it' }
  },
  additionalProperties: false
} as const;

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** Conversations as tabs of the main area, several side by side. */
export const tabsPlugin: JupyterFrontEndPlugin<void> = {
  id: '@llmhub/lab:tabs',
  description: 'Opens conversations as tabs in the main area.',
  autoStart: true,
  requires: [IPageServices],
  optional: [ILabShell, ILayoutRestorer, ICommandPalette, ILauncher],
  activate: (
    app: JupyterFrontEnd,
    page: IPageServices,
    labShell: ILabShell | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    launcher: ILauncher | null
  ): void => {
    const { hub, trans } = page;
    const tracker = new WidgetTracker<ChatTab>({ namespace: 'llmhub' });
    const save = (tab: ChatTab): void => {
      if (tracker.has(tab)) {
        void tracker.save(tab);
      }
    };
    app.commands.addCommand(CommandIDs.openTab, {
      label: args =>
        args['isShort']
          ? trans.__('Chat')
          : args['conversation']
            ? trans.__('Open in a tab')
            : trans.__('New chat in a tab'),
      icon: chatIcon,
      caption: trans.__('Open a conversation in the main area, beside others'),
      describedBy: { args: TAB },
      isVisible: () => labShell !== null,
      execute: args => {
        const conversation = text(args['conversation']);
        if (!labShell) {
          // Jupyter Notebook has no tabs: the panel is where conversations are.
          app.shell.activateById(PANEL_ID);
          if (conversation) {
            void hub.side.open(conversation);
          } else {
            hub.side.newChat();
          }
          return;
        }
        const name = text(args['name']) ?? UUID.uuid4();
        const there = tracker.find(tab => conversation !== null && tab.state.conversation === conversation);
        const tab =
          there && !args['name']
            ? there
            : new ChatTab(page, { name, conversation, title: text(args['title']) }, save);
        if (tab !== there) {
          void tracker.add(tab);
          app.shell.add(tab, 'main', { type: 'Chat' });
        }
        app.shell.activateById(tab.id);
        return tab;
      }
    });
    if (labShell) {
      const category = trans.__('Chat');
      palette?.addItem({ command: CommandIDs.openTab, category });
      launcher?.add({ command: CommandIDs.openTab, args: { isShort: true }, category, rank: 1 });
    }
    void restorer?.restore(tracker, {
      command: CommandIDs.openTab,
      args: ({ state }) => ({
        name: state.name,
        ...(state.conversation ? { conversation: state.conversation } : {}),
        ...(state.title ? { title: state.title } : {})
      }),
      name: tab => tab.id
    });
  }
};
