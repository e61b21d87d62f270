import { closeIcon, errorIcon } from '@jupyterlab/ui-components';
import type { ReactNode } from 'react';

import type { ErrorInfo } from '../../api/schema';
import { Button, IconButton } from '../controls';
import { useServices } from '../context';
import { useTicks } from '../hooks';
import { errorWords } from './errorWords';
import { Icon } from '../Icon';

interface Props {
  error: ErrorInfo;
  /** It came in the middle of an answer, of which something is there. */
  isInterrupted?: boolean;
  /** It stands with an answer, whose end is said elsewhere, and is read again later. */
  isQuiet?: boolean;
  /** When what failed began (RFC 3339), if that was not seen here: a wait that the provider asked for counts from then. */
  since?: string;
  /** The run that failed. */
  run?: string;
  onRetry: (() => void) | null;
  onDismiss?: () => void;
  /** Show what went over the wire. */
  onDetails?: () => void;
  /** What helps; it stands first. */
  children?: ReactNode;
  /** What may help, too. */
  others?: ReactNode;
}

/** What went wrong, in words, and what can be done about it. */
export function ErrorCard({
  error,
  isInterrupted = false,
  isQuiet = false,
  since,
  run,
  onRetry,
  onDismiss,
  onDetails,
  children,
  others
}: Props) {
  const { hub, trans, session } = useServices();
  const { until, left } = useCountdown(error, run, since);
  const maySetUp = hub.catalogue.has('own_providers');
  const { provider } = error.details;
  const name = typeof provider === 'string' && provider ? provider : null;
  const words = errorWords(error, name === null ? null : hub.providerLabel(name), trans);
  const isAboutKey = error.code === 'key_rejected' || error.code === 'key_missing';
  const isAboutPlace =
    error.code === 'unavailable' || error.code === 'bad_answer' || error.code === 'timed_out';
  const toProvider = (): void => {
    session.screen.show('providers', name);
  };
  return (
    <div className="jp-llmhub-error" data-testid="llmhub-error" data-code={error.code}>
      <Icon of={errorIcon} tag="span" className="jp-llmhub-error-icon" />
      <div className="jp-llmhub-error-words">
        {/* Without the buttons: a countdown is not to be said every second. */}
        <div role={isQuiet ? undefined : 'alert'}>
          {words.title && (
            <strong>{isInterrupted ? trans.__('Interrupted: %1', words.title) : words.title}</strong>
          )}
          {words.title ? (
            <>
              <p>
                {words.hint}{' '}
                {left > 0 && (
                  <span data-testid="llmhub-wait-until">
                    {trans.__('Possible again at %1.', clock(until))}
                  </span>
                )}
              </p>
              <p className="jp-llmhub-hint">{error.message}</p>
            </>
          ) : (
            <>
              <p>{error.message}</p>
              {words.hint && <p className="jp-llmhub-hint">{words.hint}</p>}
            </>
          )}
        </div>
        <div className="jp-llmhub-error-buttons">
          {isAboutKey && maySetUp && (
            <Button accent testId="llmhub-fix-key" onClick={toProvider}>
              {trans.__('Fix the key')}
            </Button>
          )}
          {children}
          {onRetry && (
            <Button testId="llmhub-retry" disabled={left > 0} onClick={onRetry}>
              {left > 120
                ? trans.__('Retry in %1 min', Math.ceil(left / 60))
                : left > 0
                  ? trans.__('Retry in %1 s', left)
                  : trans.__('Retry')}
            </Button>
          )}
          {others}
          {isAboutPlace && name !== null && maySetUp && (
            <Button testId="llmhub-check-provider" onClick={toProvider}>
              {trans.__('Check the provider')}
            </Button>
          )}
          {onDetails && (
            <button
              type="button"
              className="jp-llmhub-link"
              data-testid="llmhub-error-details"
              onClick={onDetails}
            >
              {trans.__('Details')}
            </button>
          )}
        </div>
      </div>
      {onDismiss && <IconButton icon={closeIcon} label={trans.__('Dismiss')} onClick={onDismiss} />}
    </div>
  );
}

/** When the provider wants to be asked again, by this computer's clock as it goes now, and the seconds until then. */
function useCountdown(
  error: ErrorInfo,
  run: string | undefined,
  since: string | undefined
): { until: number; left: number } {
  const wait = waitOf(error, run, since);
  useTicks(leftOf(wait) > 0);
  const left = leftOf(wait);
  return { until: Date.now() + left, left: Math.ceil(left / 1000) };
}

/** How long was to be waited, from when on: by the clock that nobody can set, and by the time of day. Milliseconds. */
interface Wait {
  readonly length: number;
  readonly ticks: number;
  readonly time: number;
}

/** By run, else by error: one is shown again when it is scrolled back into view or fetched again; its wait does not begin anew. */
const waits = new Map<string | ErrorInfo, Wait>();

/**
 * The wait is the provider's length of time from when the error was first seen here: the server's clock may be another one than the
 * browser's. `since` says that it was seen before: then it counts from there.
 */
function waitOf(error: ErrorInfo, run: string | undefined, since: string | undefined): Wait | null {
  const asked = Number(error.details['retry_after'] ?? 0) * 1000;
  if (asked <= 0) {
    return null;
  }
  const known = waits.get(run ?? error);
  if (known !== undefined) {
    return known;
  }
  const time = Date.now();
  const said = Date.parse(String(error.details['retry_at']));
  const end = since === undefined ? time + asked : said || Date.parse(since) + asked;
  const wait = { length: Math.min(end - time, asked), ticks: performance.now(), time };
  waits.set(run ?? error, wait);
  return wait;
}

/**
 * By whichever clock says that more has passed: one stands still while the computer sleeps, the other may be set back. Set forward it
 * ends the wait too early, which costs a refusal; the other way round it would go on for hours.
 */
function leftOf(wait: Wait | null): number {
  return wait === null
    ? 0
    : Math.max(0, wait.length - Math.max(performance.now() - wait.ticks, Date.now() - wait.time));
}

function clock(time: number): string {
  return new Date(time).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' });
}
