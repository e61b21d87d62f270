import { runIcon } from '@jupyterlab/ui-components';

import { useServices } from '../context';
import { Button } from '../controls';
import { useModel } from '../hooks';
import { LocalServers } from './LocalServers';
import { ProviderForm } from './ProviderForm';
import { Starts } from './Starts';

/** What an empty chat shows: how to begin, or how to get a first model. */
export function Welcome() {
  const { hub, session } = useServices();
  const catalogue = useModel(hub.catalogue);
  useModel(session);
  if (!catalogue.isLoaded) {
    return null;
  }
  return catalogue.isSetUp || session.model !== null ? <Starts /> : <FirstSteps />;
}

/** No model can answer yet: three ways to a first answer. */
function FirstSteps() {
  const { hub, trans, session } = useServices();
  const { demo } = useModel(hub.catalogue);
  const mayAdd = hub.catalogue.has('own_providers');
  const { error } = useModel(hub.providers);
  const tryDemo = (): void => {
    if (demo) {
      session.setModel(demo.id);
      session.writing.suggest(trans.__('Show me what you can do'));
    }
  };
  return (
    <div className="jp-llmhub-welcome" data-testid="llmhub-welcome">
      <h2>{trans.__('Welcome to llmhub')}</h2>
      <p className="jp-llmhub-hint">
        {trans.__('Chat with any large language model, beside your notebooks. It needs a model to talk to.')}
      </p>
      {mayAdd ? (
        <>
          <section className="jp-llmhub-step">
            <h3>{trans.__('A model on this machine')}</h3>
            <p>{trans.__('Ollama, LM Studio and others: free, and nothing leaves your computer.')}</p>
            <LocalServers />
            {error && (
              <p className="jp-llmhub-problem" role="alert">
                {error.message} {error.hint}
              </p>
            )}
          </section>
          <section className="jp-llmhub-step">
            <h3>{trans.__('A provider and its key')}</h3>
            <p>{trans.__('OpenAI, Anthropic, Google, OpenRouter, or any compatible endpoint.')}</p>
            <ProviderForm
              onSaved={name => {
                session.begin(name);
              }}
            />
          </section>
        </>
      ) : (
        <p className="jp-llmhub-hint">
          {trans.__('Providers and keys are set up by whoever runs this server.')}
        </p>
      )}
      {demo && (
        <section className="jp-llmhub-step">
          <h3>{trans.__('Just looking')}</h3>
          <p>{trans.__('A script that needs nothing and shows what answers look like.')}</p>
          <Button icon={runIcon} testId="llmhub-demo" onClick={tryDemo}>
            {trans.__('Try the demo')}
          </Button>
        </section>
      )}
    </div>
  );
}
