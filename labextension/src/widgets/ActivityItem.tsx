import { ReactWidget } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReactElement } from 'react';

import { money } from '../model/money';
import { chatIcon } from '../icons';
import type { Activity } from '../model/activity';

interface Options {
  readonly activity: Activity;
  readonly trans: TranslationBundle;
  /** How numbers are written: a BCP 47 tag. */
  readonly language: string;
  readonly onClick: () => void;
}

/** In the status bar: how many answers are being written, and what today's have cost. */
export class ActivityItem extends ReactWidget {
  private readonly unsubscribe: () => void;

  constructor(private readonly options: Options) {
    super();
    this.addClass('jp-llmhub-status-item');
    this.unsubscribe = options.activity.subscribe(() => {
      this.update();
    });
  }

  override dispose(): void {
    this.unsubscribe();
    super.dispose();
  }

  protected render(): ReactElement {
    const { activity, trans, language, onClick } = this.options;
    const { answering: count, costToday } = activity;
    const cost = costToday > 0 ? money(costToday, language) : null;
    const words = [
      count > 0 ? trans._n('%1 answer is being written.', '%1 answers are being written.', count) : null,
      cost === null ? null : trans.__('Today’s answers have cost %1.', cost)
    ];
    const title = words.filter(Boolean).join('\n');
    return (
      <button
        type="button"
        className="jp-llmhub-status"
        data-testid="llmhub-status"
        data-running={count || undefined}
        title={title}
        aria-label={title}
        onClick={onClick}
      >
        <chatIcon.react tag="span" className="jp-llmhub-status-icon" />
        {count > 0 && <span>{count}</span>}
        {cost !== null && <span>{cost}</span>}
      </button>
    );
  }
}
