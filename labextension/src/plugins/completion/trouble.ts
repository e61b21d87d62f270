import type { IStatusBar } from '@jupyterlab/statusbar';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';

import type { Completions } from '../../model/completion';
import { button } from '../hands/button';
import { chatIcon } from '../../icons';

/** One line in the status bar that says why code is not completed, as long as it is so. */
export class TroubleItem extends Widget {
  private readonly activeStateChanged = new Signal<this, void>(this);

  constructor(
    private readonly completions: Completions,
    private readonly trans: TranslationBundle,
    private readonly onClick: () => void
  ) {
    super();
    this.addClass('jp-llmhub-status-item');
    this.node.setAttribute('role', 'status');
    completions.subscribe(() => {
      this.draw();
      this.activeStateChanged.emit();
    });
  }

  register(statusBar: IStatusBar): void {
    statusBar.registerStatusItem('@llmhub/lab:completion', {
      item: this,
      align: 'right',
      rank: 51,
      isActive: () => this.completions.trouble !== null,
      activeStateChanged: this.activeStateChanged
    });
  }

  private draw(): void {
    const { trouble } = this.completions;
    this.node.replaceChildren();
    if (trouble) {
      const made = button({
        icon: chatIcon,
        label: this.trans.__('No completion: %1', trouble.message),
        caption: [trouble.message, trouble.hint].filter(Boolean).join('\n'),
        testId: 'llmhub-completion-trouble',
        hasWords: true
      });
      made.className = 'jp-llmhub-status jp-llmhub-status-trouble';
      made.addEventListener('click', this.onClick);
      this.node.append(made);
    }
  }
}
