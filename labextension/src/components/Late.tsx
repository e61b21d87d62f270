import { type ComponentType, useEffect, useState } from 'react';

import { useServices } from './context';
import { Button } from './controls';

/** A view of its own whose code is fetched when it is first shown. `load` must stay the same function. */
export function Late({ load }: { load: () => Promise<{ View: ComponentType }> }) {
  const { trans } = useServices();
  const [loaded, setLoaded] = useState<{ View: ComponentType } | null>(null);
  const [hasFailed, setFailed] = useState(false);

  useEffect(() => {
    let isCurrent = true;
    if (!hasFailed) {
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
    return <loaded.View />;
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
