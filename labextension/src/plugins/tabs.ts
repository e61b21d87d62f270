import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from '@jupyterlab/application';
import { WidgetTracker } from '@jupyterlab/apputils';
import { UUID } from '@lumino/coreutils';

import { CommandIDs, IPageServices } from '../tokens';
import { ChatWidget } from '../widgets/ChatWidget';

const TAB = {
  type: 'object',
  properties: {
    conversation: {
      type: 'string',
      description: 'Id of the conversation to show; a new chat when it is left out'
    },
    name: { type: 'string', description: 'Name of the tab, by which the layout is restored' }
  },
  additionalProperties: false
} as const;

/** Conversations as tabs of the main area, several side by side. */
export const tabsPlugin: JupyterFrontEndPlugin<void> = {
  id: '@llmhub/lab:tabs',
  description: 'Opens conversations as tabs in the main area.',
  autoStart: true,
  requires: [IPageServices],
  optional: [ILayoutRestorer],
  activate: (app: JupyterFrontEnd, services: IPageServices, restorer: ILayoutRestorer | null): void => {
    const { hub, trans } = services;
    const tracker = new WidgetTracker<ChatWidget>({ namespace: 'llmhub' });
    const open = (name: string, conversation: string | null): ChatWidget => {
      let shown = conversation;
      const session = hub.session({
        name,
        get: () => shown,
        set: id => {
          shown = id;
          void tracker.save(widget);
        }
      });
      const widget = new ChatWidget(services, session);
      widget.id = `llmhub-tab-${name}`;
      widget.title.closable = true;
      const retitle = (): void => {
        widget.title.label = session.chat.conversation?.title ?? trans.__('New chat');
      };
      retitle();
      session.subscribe(retitle);
      hub.conversations.subscribe(retitle);
      void tracker.add(widget);
      return widget;
    };
    app.commands.addCommand(CommandIDs.openTab, {
      label: trans.__('New chat in a tab'),
      caption: trans.__('Open a conversation in the main area, beside others'),
      describedBy: { args: TAB },
      execute: args => {
        const conversation = typeof args['conversation'] === 'string' ? args['conversation'] : null;
        const name = typeof args['name'] === 'string' ? args['name'] : UUID.uuid4();
        const there = tracker.find(
          widget => conversation !== null && widget.session.chat.id === conversation
        );
        const widget = there ?? open(name, conversation);
        if (!widget.isAttached) {
          app.shell.add(widget, 'main', { type: 'Chat' });
        }
        app.shell.activateById(widget.id);
        return widget;
      }
    });
    void restorer?.restore(tracker, {
      command: CommandIDs.openTab,
      args: widget => {
        const name = widget.id.slice('llmhub-tab-'.length);
        const { id } = widget.session.chat;
        return id ? { name, conversation: id } : { name };
      },
      name: widget => widget.id
    });
  }
};
