import { ReactWidget } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import type { ReactElement } from 'react';

import { type Services, ServicesProvider } from '../components/context';
import { Panel } from '../components/Panel';
import { chatIcon } from '../icons';
import { PANEL_ID } from '../tokens';

/** The panel as JupyterLab's shell sees it. It asks the server for nothing until it is shown. */
export class ChatPanel extends ReactWidget {
  /** False: the next activation shows the panel and leaves the focus where it is. */
  takesFocus = true;

  constructor(private readonly services: Services) {
    super();
    this.id = PANEL_ID;
    this.addClass('jp-llmhub-panel');
    this.title.icon = chatIcon;
    this.title.caption = services.trans.__('Chat with language models');
    this.node.dataset['testid'] = 'llmhub-panel';
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', services.trans.__('Chat'));
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.services.hub.start();
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    if (this.isVisible) {
      this.services.hub.start();
    }
  }

  protected override onActivateRequest(): void {
    if (this.takesFocus) {
      this.services.hub.focusComposer();
    }
    this.takesFocus = true;
  }

  protected render(): ReactElement {
    return (
      <ServicesProvider value={this.services}>
        <Panel />
      </ServicesProvider>
    );
  }
}
