import { ReactWidget } from '@jupyterlab/ui-components';
import type { ReactElement } from 'react';

import type { UsagePageProps } from '../components/usage/UsagePage';
import { usageIcon } from '../icons';

/** Usage and costs as a tab of the main area. Its code is fetched when it is shown. */
export class UsageTab extends ReactWidget {
  private draw: (() => ReactElement) | null = null;

  constructor(private readonly props: UsagePageProps) {
    super();
    const { trans } = props;
    this.id = 'llmhub-usage';
    this.addClass('jp-llmhub-panel');
    this.addClass('jp-llmhub-usage');
    this.title.icon = usageIcon;
    this.title.label = trans.__('Usage and costs');
    this.title.caption = trans.__('What models have used, and what it cost');
    this.title.closable = true;
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', trans.__('Usage and costs'));
    this.node.tabIndex = -1;
    void this.fetch();
  }

  protected override onActivateRequest(): void {
    this.node.focus();
  }

  protected render(): ReactElement {
    return this.draw?.() ?? <></>;
  }

  private async fetch(): Promise<void> {
    const { UsagePage } = await import('../components/usage/UsagePage');
    this.draw = () => <UsagePage {...this.props} />;
    this.update();
  }
}
