import { caretRightIcon, deleteIcon } from '@jupyterlab/ui-components';
import { useEffect, useState } from 'react';

import type { ProviderInfo } from '../../api/schema';
import { useServices } from '../context';
import { Button, IconButton } from '../controls';
import { useModel } from '../hooks';
import { LocalServers } from './LocalServers';
import { ProviderForm } from './ProviderForm';
import { Icon } from '../Icon';

/** The providers that are set up, and setting up another one. */
export function ProvidersView() {
  const { hub, trans, session, openSettings } = useServices();
  useModel(session);
  const mayAdd = useModel(hub.catalogue).has('own_providers');
  const providers = useModel(hub.providers);
  const configured = providers.items.filter(item => item.configured && item.kind !== 'demo');

  useEffect(() => {
    void providers.load();
  }, [providers]);

  return (
    <div className="jp-llmhub-setup" data-testid="llmhub-providers-view">
      {providers.error && (
        <p className="jp-llmhub-problem" role="alert">
          {providers.error.message} {providers.error.hint}
        </p>
      )}
      {configured.length > 0 && (
        <section className="jp-llmhub-step">
          <h3>{trans.__('Set up')}</h3>
          {configured.map(provider => (
            <ProviderRow
              key={provider.name}
              provider={provider}
              isWanted={provider.name === session.screen.providerWanted}
            />
          ))}
        </section>
      )}
      {mayAdd ? (
        <>
          <section className="jp-llmhub-step">
            <h3>{trans.__('Add a provider')}</h3>
            <ProviderForm
              onSaved={name => {
                session.begin(name);
              }}
            />
          </section>
          <section className="jp-llmhub-step">
            <h3>{trans.__('On this machine')}</h3>
            <LocalServers />
          </section>
        </>
      ) : (
        <p className="jp-llmhub-hint" data-testid="llmhub-providers-locked">
          {trans.__('Providers and keys are set up by whoever runs this server.')}
        </p>
      )}
      {providers.items.some(item => item.own_key) && <RevokeAll />}
      {openSettings && (
        <button
          type="button"
          className="jp-llmhub-link jp-llmhub-setup-link"
          data-testid="llmhub-open-settings"
          onClick={openSettings}
        >
          {trans.__('All settings')}
        </button>
      )}
    </div>
  );
}

/** All keys that the person entered, forgotten at once: asked first, for nobody can bring them back. */
function RevokeAll() {
  const { hub, trans } = useServices();
  const [isAsking, setAsking] = useState(false);
  return (
    <section className="jp-llmhub-step" data-testid="llmhub-revoke-all">
      <h3>{trans.__('Keys that you entered')}</h3>
      {isAsking ? (
        <>
          <p role="alert">
            {trans.__(
              'llmhub forgets all of them. They still work elsewhere until you delete them at their providers.'
            )}
          </p>
          <div className="jp-llmhub-form-buttons">
            <Button
              autoFocus
              onClick={() => {
                setAsking(false);
              }}
            >
              {trans.__('Keep them')}
            </Button>
            <Button
              testId="llmhub-revoke-all-now"
              onClick={() => {
                setAsking(false);
                void hub.providers.removeAllKeys();
              }}
            >
              {trans.__('Forget all keys')}
            </Button>
          </div>
        </>
      ) : (
        <Button
          testId="llmhub-revoke-all-ask"
          onClick={() => {
            setAsking(true);
          }}
        >
          {trans.__('Forget all keys…')}
        </Button>
      )}
    </section>
  );
}

function ProviderRow({ provider, isWanted }: { provider: ProviderInfo; isWanted: boolean }) {
  const { hub, trans, session } = useServices();
  const mayChange = useModel(hub.catalogue).has('own_providers');
  const [isOpen, setOpen] = useState(isWanted && mayChange);
  const words = provider.has_key
    ? trans.__('Key from %1', provider.key_source ?? '')
    : provider.needs_key
      ? trans.__('Key missing')
      : (provider.base_url ?? '');
  return (
    <div className="jp-llmhub-provider" data-testid="llmhub-provider" data-name={provider.name}>
      <div className="jp-llmhub-provider-head">
        <button
          type="button"
          className="jp-llmhub-fold"
          aria-expanded={isOpen}
          disabled={!mayChange}
          onClick={() => {
            setOpen(!isOpen);
          }}
        >
          <Icon of={caretRightIcon} tag="span" className="jp-llmhub-caret" />
          <span className="jp-llmhub-fold-label">{provider.label}</span>
          <span
            className="jp-llmhub-hint"
            data-missing={(provider.needs_key && !provider.has_key) || undefined}
          >
            {words}
          </span>
        </button>
        {provider.own && (
          <IconButton
            icon={deleteIcon}
            label={trans.__('Remove %1', provider.label)}
            onClick={() => void hub.providers.remove(provider.name)}
          />
        )}
      </div>
      {isOpen && (
        <>
          <ProviderForm
            provider={provider}
            onSaved={name => {
              session.begin(name);
            }}
          />
          {provider.own_key && (
            <Button className="jp-llmhub-forget" onClick={() => void hub.providers.removeKey(provider.name)}>
              {trans.__('Forget the key')}
            </Button>
          )}
        </>
      )}
    </div>
  );
}
