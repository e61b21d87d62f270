import { ReactWidget } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import type { Widget } from '@lumino/widgets';
import type { ReactElement } from 'react';

import type { LatePageServices } from '../components/context';
import { chatIcon } from '../icons';
import type { Session } from '../model/session';

/** From here on there is room for the list of conversations beside the thread. Pixels. */
const WIDE = 700;

/**
 * One panel as JupyterLab's shell sees it, in a side area or as a tab. Until it is shown it asks the server for nothing and
 * fetches no code.
 */
export class ChatWidget extends ReactWidget {
  /** False: the next activation shows the panel and leaves the focus where it is. */
  takesFocus = true;

  private draw: (() => ReactElement) | null = null;
  private isLoading = false;
  private hasFailed = false;

  constructor(
    protected readonly page: LatePageServices,
    readonly session: Session
  ) {
    super();
    const { trans } = page;
    this.addClass('jp-llmhub-panel');
    this.title.icon = chatIcon;
    this.title.caption = trans.__('Chat with language models');
    this.node.dataset['testid'] = 'llmhub-panel';
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('Chat'));
    this.node.addEventListener('focusin', this.onUse);
    this.node.addEventListener('pointerdown', this.onUse);
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this.node.removeEventListener('focusin', this.onUse);
      this.node.removeEventListener('pointerdown', this.onUse);
      super.dispose();
      this.session.dispose();
    }
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.measure();
    this.start();
    this.session.setShown(true);
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    if (this.isVisible) {
      this.measure();
      this.start();
      this.session.setShown(true);
    }
  }

  protected override onResize(message: Widget.ResizeMessage): void {
    super.onResize(message);
    this.measure();
  }

  protected override onAfterHide(message: Message): void {
    super.onAfterHide(message);
    this.session.setShown(false);
  }

  protected override onBeforeDetach(message: Message): void {
    this.session.setShown(false);
    super.onBeforeDetach(message);
  }

  protected override onActivateRequest(): void {
    this.page.hub.activate(this.session);
    if (this.takesFocus) {
      this.session.focusComposer();
    }
    this.takesFocus = true;
  }

  protected render(): ReactElement {
    return this.draw?.() ?? (this.hasFailed ? this.renderFailure() : <></>);
  }

  private measure(): void {
    if (this.isVisible) {
      this.session.screen.setWide(this.node.clientWidth >= WIDE);
    }
  }

  private start(): void {
    this.session.start();
    if (!this.draw && !this.isLoading) {
      this.isLoading = true;
      void this.fetch();
    }
  }

  private async fetch(): Promise<void> {
    try {
      const [{ Root }, services] = await Promise.all([import('../components/Root'), this.page.load()]);
      const mine = { ...services, session: this.session };
      this.draw = () => <Root services={mine} />;
      this.hasFailed = false;
    } catch (reason) {
      console.error('llmhub: the panel could not be loaded.', reason);
      this.hasFailed = true;
    }
    this.isLoading = false;
    if (!this.isDisposed) {
      this.update();
    }
  }

  /** The code is not where the page expects it: the server is away, or has been upgraded since the page was opened. */
  private renderFailure(): ReactElement {
    const { trans } = this.page;
    return (
      <div className="jp-llmhub-empty" role="alert">
        <p>{trans.__('The chat could not be loaded. After an upgrade of the server, reload the page.')}</p>
        <button
          type="button"
          className="jp-llmhub-button"
          onClick={() => {
            this.start();
          }}
        >
          {trans.__('Try again')}
        </button>
      </div>
    );
  }

  private readonly onUse = (): void => {
    this.page.hub.activate(this.session);
  };
}
