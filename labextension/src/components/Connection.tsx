import { useEffect, useState } from 'react';

import { useServices } from './context';
import { useModel, useStreamState } from './hooks';
import { logIn } from './login';

/** A connection that is back sooner than this was never missed. Milliseconds. */
const PATIENCE = 700;

/** A quiet line while the server cannot be reached, or does not know us any more. */
export function Connection() {
  const { hub, trans } = useServices();
  const state = useStreamState();
  const catalogue = useModel(hub.catalogue);
  const { isOut } = useModel(hub.login);
  const isLost = useLasting(state === 'lost');
  if (isOut) {
    return (
      <div className="jp-llmhub-connection" role="status" data-testid="llmhub-connection" data-state="out">
        {trans.__('You are logged out.')}{' '}
        <button
          type="button"
          className="jp-llmhub-link"
          data-testid="llmhub-login"
          onClick={() => {
            logIn(hub.login, hub.client.loginUrl);
          }}
        >
          {trans.__('Log in')}
        </button>
      </div>
    );
  }
  if (!isLost && (catalogue.isLoaded || !catalogue.error)) {
    return null;
  }
  return (
    <div className="jp-llmhub-connection" role="status" data-testid="llmhub-connection" data-state={state}>
      {isLost
        ? trans.__('Reconnecting…')
        : `${catalogue.error?.message ?? ''} ${catalogue.error?.hint ?? ''}`}
    </div>
  );
}

/** True once `value` has been true for a while. */
function useLasting(value: boolean): boolean {
  const [isLasting, setLasting] = useState(false);
  useEffect(() => {
    if (!value) {
      setLasting(false);
      return;
    }
    const timer = setTimeout(() => {
      setLasting(true);
    }, PATIENCE);
    return () => {
      clearTimeout(timer);
    };
  }, [value]);
  return isLasting && value;
}
