import { type ComponentType, useEffect, useRef, useState } from 'react';

import { useServices } from './context';
import { Button } from './controls';

interface Props<P extends object> {
  /** Must stay the same function. */
  load: () => Promise<{ View: ComponentType<P> }>;
  /** What the view is given. */
  given?: P;
  /** What else it needs, which can be fetched while its code is on its way. */
  meanwhile?: () => void;
}

/** A view of its own whose code is fetched when it is first shown. */
export function Late<P extends object>({ load, given, meanwhile }: Props<P>) {
  const { trans } = useServices();
  const [loaded, setLoaded] = useState<{ View: ComponentType<P> } | null>(null);
  const [hasFailed, setFailed] = useState(false);
  const ahead = useRef(meanwhile);

  useEffect(() => {
    let isCurrent = true;
    if (!hasFailed) {
      ahead.current?.();
      load().then(
        module => {
          if (isCurrent) {
            setLoaded(module);
          }
        },
        (reason: unknown) => {
          console.error('llmhub: a view could not be loaded.', reason);
          if (isCurrent) {
            setFailed(true);
          }
        }
      );
    }
    return () => {
      isCurrent = false;
    };
  }, [load, hasFailed]);

  if (loaded) {
    return <loaded.View {...(given ?? ({} as P))} />;
  }
  return (
    <div className="jp-llmhub-empty" role={hasFailed ? 'alert' : undefined}>
      {hasFailed ? (
        <>
          <p>{trans.__('This could not be loaded. After an upgrade of the server, reload the page.')}</p>
          <Button
            onClick={() => {
              setFailed(false);
            }}
          >
            {trans.__('Try again')}
          </Button>
        </>
      ) : (
        trans.__('Loading…')
      )}
    </div>
  );
}
