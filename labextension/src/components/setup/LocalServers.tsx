import { searchIcon } from '@jupyterlab/ui-components';
import { useState } from 'react';

import type { FoundServer } from '../../api/schema';
import { useServices } from '../context';
import { Button } from '../controls';
import { useModel } from '../hooks';

/** Model servers on this machine. Looked for only when asked. */
export function LocalServers() {
  const { hub, trans, session } = useServices();
  const providers = useModel(hub.providers);
  const [isUsing, setUsing] = useState<string | null>(null);

  const use = async (server: FoundServer): Promise<void> => {
    setUsing(server.name);
    if (server.needs_key) {
      session.screen.show('providers', (await providers.use(server)) ? server.name : null);
      setUsing(null);
      return;
    }
    const known = providers.items.find(item => item.configured && item.base_url === server.base_url);
    if (known || (await providers.use(server))) {
      session.begin(known?.name ?? server.name, server.models[0]);
    }
    setUsing(null);
  };
  return (
    <div className="jp-llmhub-servers">
      <Button
        icon={searchIcon}
        testId="llmhub-discover"
        disabled={providers.isSearching}
        onClick={() => void providers.discover()}
      >
        {providers.isSearching
          ? trans.__('Looking…')
          : providers.servers === null
            ? trans.__('Look for local servers')
            : trans.__('Look again')}
      </Button>
      {providers.servers?.map(server => (
        <div key={server.name} className="jp-llmhub-server" data-testid="llmhub-server">
          <span className="jp-llmhub-server-words">
            <strong>{server.label}</strong>
            <span className="jp-llmhub-hint">
              {server.needs_key
                ? trans.__('It asks for a key.')
                : server.models.length > 0
                  ? server.models.slice(0, 3).join(', ') + (server.models.length > 3 ? ' …' : '')
                  : trans.__('It has no models yet.')}
            </span>
          </span>
          <Button
            accent
            testId="llmhub-use-server"
            disabled={isUsing !== null || (server.models.length === 0 && !server.needs_key)}
            onClick={() => void use(server)}
          >
            {trans.__('Use')}
          </Button>
        </div>
      ))}
      {providers.servers?.length === 0 && (
        <p className="jp-llmhub-hint" role="status">
          {trans.__(
            'None is running on its usual port. Start one, then look again; or add it by its address, as another provider.'
          )}
        </p>
      )}
    </div>
  );
}
