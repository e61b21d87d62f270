import { useServices } from './context';
import { useModel, useStreamState } from './hooks';

/** A quiet line while the server cannot be reached. */
export function Connection() {
  const { hub, trans } = useServices();
  const state = useStreamState();
  const catalogue = useModel(hub.catalogue);
  const isLost = state === 'lost';
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
