import { useEffect, useRef } from 'react';

import { OVER_CEILING } from '../../api/errors';
import { useServices } from '../context';
import { Button } from '../controls';
import { money } from '../../model/money';
import { useModel } from '../hooks';

/** As much is spent as the person wanted to spend: they decide, and what they wrote stays where it is. */
export function CeilingCard() {
  const { openUsage, trans, session } = useServices();
  const { failure } = useModel(session.chat);
  const root = useRef<HTMLDivElement>(null);
  const isReached = failure?.error.code === OVER_CEILING;
  useEffect(() => {
    if (isReached) {
      root.current?.focus();
    }
  }, [isReached]);
  if (!failure || !isReached) {
    return null;
  }
  const { details } = failure.error;
  const [spent, ceiling] = [Number(details['spent_usd']), Number(details['ceiling_usd'])];
  const until = new Date(String(details['resets_at']));
  const isDay = details['period'] === 'day';
  const close = (): void => {
    session.chat.dismiss();
    session.focusComposer();
  };
  const sendAnyway = (): void => {
    session.chat.allowOverCeiling();
    session.chat.dismiss();
    if (failure.retry) {
      failure.retry();
    } else if (!session.outbox.sendRefused()) {
      session.writing.send();
    }
  };
  return (
    <div
      className="jp-llmhub-ceiling"
      role="alertdialog"
      aria-labelledby="jp-llmhub-ceiling-title"
      aria-describedby="jp-llmhub-ceiling-words"
      tabIndex={-1}
      ref={root}
      data-testid="llmhub-ceiling"
      onKeyDown={event => {
        if (event.key === 'Escape') {
          event.stopPropagation();
          close();
        }
      }}
    >
      <strong id="jp-llmhub-ceiling-title">{trans.__('The ceiling of your spending is reached')}</strong>
      <p id="jp-llmhub-ceiling-words">
        {isDay
          ? trans.__(
              'Today %1 of %2 are spent. The next day begins at %3.',
              money(spent),
              money(ceiling),
              moment(until)
            )
          : trans.__(
              'This month %1 of %2 are spent. The next month begins on %3.',
              money(spent),
              money(ceiling),
              moment(until)
            )}
      </p>
      <div className="jp-llmhub-error-buttons">
        <Button accent testId="llmhub-send-anyway" onClick={sendAnyway}>
          {trans.__('Send anyway this time')}
        </Button>
        {openUsage && (
          <Button testId="llmhub-raise-ceiling" onClick={openUsage}>
            {trans.__('Change the ceiling')}
          </Button>
        )}
        <Button testId="llmhub-not-now" onClick={close}>
          {trans.__('Not now')}
        </Button>
      </div>
    </div>
  );
}

function moment(when: Date): string {
  const isSoon = when.getTime() - Date.now() < 86_400_000;
  return isSoon
    ? when.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })
    : when.toLocaleDateString([], { day: 'numeric', month: 'long' });
}
