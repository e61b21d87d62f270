import { closeIcon, errorIcon } from '@jupyterlab/ui-components';
import { type ReactNode, useState } from 'react';

import type { ErrorInfo } from '../../api/schema';
import { Button, IconButton } from '../controls';
import { useServices } from '../context';
import { useNow } from '../hooks';

interface Props {
  error: ErrorInfo;
  title?: string;
  /** When what failed began (RFC 3339); a wait that the provider asked for counts from when it is first shown. */
  since?: string;
  onRetry: (() => void) | null;
  onDismiss?: () => void;
  children?: ReactNode;
}

/** What went wrong, in words, and what can be done about it. */
export function ErrorCard({ error, title, since, onRetry, onDismiss, children }: Props) {
  const { trans, session } = useServices();
  const wait = useCountdown(error, since);
  const isAboutKey = error.code === 'key_rejected' || error.code === 'key_missing';
  const provider = error.details['provider'];
  return (
    <div className="jp-llmhub-error" role="alert" data-testid="llmhub-error" data-code={error.code}>
      <errorIcon.react tag="span" className="jp-llmhub-error-icon" />
      <div className="jp-llmhub-error-words">
        {title && <strong>{title}</strong>}
        <p>{error.message}</p>
        {error.hint && <p className="jp-llmhub-hint">{error.hint}</p>}
        <div className="jp-llmhub-error-buttons">
          {isAboutKey && (
            <Button
              accent
              testId="llmhub-fix-key"
              onClick={() => {
                session.show('providers', typeof provider === 'string' ? provider : null);
              }}
            >
              {trans.__('Fix the key')}
            </Button>
          )}
          {children}
          {onRetry && (
            <Button testId="llmhub-retry" disabled={wait > 0} onClick={onRetry}>
              {wait > 120
                ? trans.__('Retry in %1 min', Math.ceil(wait / 60))
                : wait > 0
                  ? trans.__('Retry in %1 s', wait)
                  : trans.__('Retry')}
            </Button>
          )}
        </div>
      </div>
      {onDismiss && <IconButton icon={closeIcon} label={trans.__('Dismiss')} onClick={onDismiss} />}
    </div>
  );
}

/** Seconds until the provider wants to be asked again. */
function useCountdown(error: ErrorInfo, since: string | undefined): number {
  const asked = Number(error.details['retry_after'] ?? 0);
  const [until] = useState(() => {
    const shown = Date.now();
    const begun = since === undefined ? shown : Date.parse(since);
    // An answer from long ago has waited long enough.
    return asked > 0 && shown - begun < (asked + 300) * 1000 ? shown + asked * 1000 : 0;
  });
  const [isOver, setOver] = useState(until === 0);
  const now = useNow(!isOver);
  const left = Math.max(0, Math.ceil((until - now) / 1000));
  if (!isOver && left === 0) {
    setOver(true);
  }
  return left;
}
