import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { ICommandPalette } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';
import type { ReadonlyJSONObject, ReadonlyPartialJSONObject } from '@lumino/coreutils';
import type { Widget } from '@lumino/widgets';

import type { Hub } from '../../model/hub';
import type { Session } from '../../model/session';
import { ChatWidget } from '../../widgets/ChatWidget';

type Arguments = ReadonlyPartialJSONObject;

interface Definition {
  /** A function, if what it is called depends on its arguments. */
  readonly label: string | ((args: Arguments) => string);
  readonly caption: string;
  readonly icon?: LabIcon;
  /** JSON schemas of the arguments, by name. */
  readonly args?: ReadonlyJSONObject;
  readonly required?: string[];
  /** Whether it can be done in the panel that was used last. */
  readonly isEnabled?: (session: Session, args: Arguments) => boolean;
  readonly isVisible?: (args: Arguments) => boolean;
  /** False: it is of no use without arguments, so the palette has it not. */
  readonly palette?: boolean;
  readonly execute: (session: Session, args: Arguments) => unknown;
}

/** Adds our commands to JupyterLab, each about the panel that was used last, with what they all have in common. */
export class Commander {
  private readonly ids: string[] = [];
  private isTelling = false;
  private unfollow: () => void = () => undefined;

  constructor(
    readonly app: JupyterFrontEnd,
    readonly hub: Hub,
    readonly trans: TranslationBundle,
    private readonly palette: ICommandPalette | null
  ) {
    hub.subscribe(() => {
      this.follow();
    });
    const tell = (): void => {
      this.tell();
    };
    hub.conversations.subscribe(tell);
    hub.activity.subscribe(tell);
    hub.drafts.subscribe(tell);
    hub.catalogue.subscribe(tell);
    this.follow();
  }

  add(id: string, definition: Definition): void {
    const { label, caption, icon, args, required, isEnabled, isVisible, palette, execute } = definition;
    this.ids.push(id);
    this.app.commands.addCommand(id, {
      label: typeof label === 'function' ? given => label(given) : label,
      caption,
      icon,
      describedBy: {
        args: {
          type: 'object',
          properties: args ?? {},
          ...(required ? { required } : {}),
          additionalProperties: false
        }
      },
      isEnabled: given => isEnabled?.(this.hub.active, given) ?? true,
      isVisible: given => isVisible?.(given) ?? true,
      execute: given => execute(this.hub.active, given)
    });
    if (palette !== false) {
      this.palette?.addItem({ command: id, category: this.trans.__('Chat') });
    }
  }

  /** Show the panel that was used last. The cursor goes to its message field only when it should. */
  show({ takesFocus = false } = {}): Session {
    const session = this.hub.active;
    const widget = this.widgetOf(session);
    if (widget) {
      widget.takesFocus = takesFocus;
      this.app.shell.activateById(widget.id);
    }
    return session;
  }

  /** Show a conversation where it is shown already, else in the side panel; the list of them when there is none. */
  showConversation(id: string | null): void {
    const session = this.hub.sessions.find(({ chat }) => id !== null && chat.id === id) ?? this.hub.side;
    this.hub.activate(session);
    this.show();
    if (id === null) {
      session.screen.show('conversations');
    } else {
      void session.open(id);
    }
  }

  /** The tab or panel on whose handle the context menu was opened. */
  clicked(): ChatWidget | null {
    const handle = this.app.contextMenuHitTest(node => node.classList.contains('lm-TabBar-tab'));
    const widget = this.widgets().find(one => one.id === handle?.dataset['id']);
    return widget instanceof ChatWidget ? widget : null;
  }

  /** The conversation in the list on which the context menu was opened. */
  clickedConversation(): string | null {
    const item = this.app.contextMenuHitTest(node => node.dataset['conversationId'] !== undefined);
    return item?.dataset['conversationId'] ?? null;
  }

  /** The folder in the list on which the context menu was opened. */
  clickedFolder(): string | null {
    const line = this.app.contextMenuHitTest(node => !!node.dataset['folderId']);
    return line?.dataset['folderId'] ?? null;
  }

  /** Show the panel that was used last with the list of conversations. */
  showList(): void {
    const { screen } = this.show();
    if (!screen.hasList) {
      screen.toggleList();
    }
  }

  private widgetOf(session: Session): ChatWidget | undefined {
    return this.widgets()
      .filter(widget => widget instanceof ChatWidget)
      .find(widget => widget.session === session);
  }

  private widgets(): Widget[] {
    return ['main', 'right', 'left'].flatMap(area => [...this.app.shell.widgets(area)]);
  }

  /** What can be done changes with the chat that is shown in the panel that was used last. */
  private follow(): void {
    this.unfollow();
    this.unfollow = this.hub.active.chat.subscribe(() => {
      this.tell();
    });
    this.tell();
  }

  private tell(): void {
    if (!this.isTelling) {
      this.isTelling = true;
      requestAnimationFrame(() => {
        this.isTelling = false;
        this.ids.forEach(id => {
          this.app.commands.notifyCommandChanged(id);
        });
      });
    }
  }
}

/** An argument that is a text, or null. */
export function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}
