import { ReactWidget, settingsIcon } from '@jupyterlab/ui-components';
import type { ReactElement } from 'react';

import type { LatePageServices } from '../components/context';
import type { SettingsView as View } from '../components/settings/SettingsView';

interface Ways {
  readonly onProviders: () => void;
  readonly onLook: (() => void) | null;
}

export const SETTINGS_ID = 'llmhub-settings';

/** The settings as a tab of the main area. Its code is fetched when it is first shown. */
export class SettingsTab extends ReactWidget {
  private view: typeof View | null = null;
  private isLoading = false;
  private hasFailed = false;

  constructor(
    private readonly page: LatePageServices,
    private readonly ways: Ways
  ) {
    super();
    const { trans } = page;
    this.id = SETTINGS_ID;
    this.addClass('jp-llmhub-panel');
    this.addClass('jp-llmhub-settings-tab');
    this.title.label = trans.__('Chat settings');
    this.title.icon = settingsIcon;
    this.title.closable = true;
    this.node.tabIndex = -1;
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('Chat settings'));
  }

  protected override onAfterShow(): void {
    this.start();
  }

  protected override onAfterAttach(message: Parameters<ReactWidget['onAfterAttach']>[0]): void {
    super.onAfterAttach(message);
    this.start();
  }

  protected override onActivateRequest(): void {
    this.node.focus();
  }

  protected override onCloseRequest(message: Parameters<ReactWidget['onCloseRequest']>[0]): void {
    super.onCloseRequest(message);
    this.dispose();
  }

  protected render(): ReactElement {
    const { hub, trans } = this.page;
    if (this.view) {
      return <this.view hub={hub} trans={trans} {...this.ways} />;
    }
    return this.hasFailed ? (
      <div className="jp-llmhub-empty" role="alert">
        {trans.__('The settings could not be loaded. After an upgrade of the server, reload the page.')}
      </div>
    ) : (
      <></>
    );
  }

  private start(): void {
    if (this.isVisible && !this.view && !this.isLoading) {
      this.isLoading = true;
      void this.fetch();
    }
  }

  private async fetch(): Promise<void> {
    try {
      this.view = (await import('../components/settings/SettingsView')).SettingsView;
      this.hasFailed = false;
    } catch (reason) {
      console.error('llmhub: the settings could not be loaded.', reason);
      this.hasFailed = true;
    }
    this.isLoading = false;
    if (!this.isDisposed) {
      this.update();
    }
  }
}
