import { ReactWidget } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import type { ReactElement } from 'react';

import { type PageServices, ServicesProvider } from '../components/context';
import { Panel } from '../components/Panel';
import { chatIcon } from '../icons';
import type { Session } from '../model/session';

/** One panel as JupyterLab's shell sees it, in a side area or as a tab. It asks the server for nothing until it is shown. */
export class ChatWidget extends ReactWidget {
  /** False: the next activation shows the panel and leaves the focus where it is. */
  takesFocus = true;

  constructor(
    private readonly services: PageServices,
    readonly session: Session
  ) {
    super();
    this.addClass('jp-llmhub-panel');
    this.title.icon = chatIcon;
    this.title.caption = services.trans.__('Chat with language models');
    this.node.dataset['testid'] = 'llmhub-panel';
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', services.trans.__('Chat'));
    this.node.addEventListener('focusin', this.onFocusIn);
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this.node.removeEventListener('focusin', this.onFocusIn);
      super.dispose();
      this.session.dispose();
    }
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.session.start();
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    if (this.isVisible) {
      this.session.start();
    }
  }

  protected override onActivateRequest(): void {
    this.services.hub.activate(this.session);
    if (this.takesFocus) {
      this.session.focusComposer();
    }
    this.takesFocus = true;
  }

  protected render(): ReactElement {
    return (
      <ServicesProvider value={{ ...this.services, session: this.session }}>
        <Panel />
      </ServicesProvider>
    );
  }

  private readonly onFocusIn = (): void => {
    this.services.hub.activate(this.session);
  };
}
