import { Dialog } from '@jupyterlab/apputils';
import { checkIcon, copyIcon, ReactWidget } from '@jupyterlab/ui-components';
import { useEffect, useState } from 'react';

import { errorInfo } from '../../api/errors';
import type { ErrorInfo, Exchange, Exchanges } from '../../api/schema';
import { copyText } from '../clipboard';
import { IconButton } from '../controls';
import { type Services, ServicesProvider, useServices } from '../context';
import { useFlash } from '../hooks';
import { readable } from '../parts/JsonPart';
import { duration } from './figures';

/** What went to the provider and what came back, as it was, in a window of its own. */
export async function showExchange(services: Services, runId: string): Promise<void> {
  const { trans } = services;
  const body = ReactWidget.create(
    <ServicesProvider value={services}>
      <ExchangeView runId={runId} />
    </ServicesProvider>
  );
  body.addClass('jp-llmhub-exchange-body');
  const dialog = new Dialog({
    title: trans.__('Raw request and response'),
    body,
    buttons: [Dialog.okButton({ label: trans.__('Close') })],
    hasClose: true
  });
  dialog.addClass('jp-llmhub-exchange-dialog');
  // JupyterLab's dialogs take every Enter for their button; here it may be for what is inside.
  const keepEnter = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && event.target instanceof Node && body.node.contains(event.target)) {
      event.stopPropagation();
    }
  };
  document.addEventListener('keydown', keepEnter, true);
  try {
    await dialog.launch();
  } finally {
    document.removeEventListener('keydown', keepEnter, true);
  }
}

export function ExchangeView({ runId }: { runId: string }) {
  const { hub, trans } = useServices();
  const [found, setFound] = useState<Exchanges | null>(null);
  const [problem, setProblem] = useState<ErrorInfo | null>(null);
  useEffect(() => {
    hub.client.exchange(runId).then(setFound, (thrown: unknown) => {
      setProblem(errorInfo(thrown));
    });
  }, [hub, runId]);
  if (problem) {
    const isGone = problem.code === 'exchange_gone';
    return (
      <div className="jp-llmhub-exchange" data-testid="llmhub-exchange" data-state="gone">
        <p>
          {isGone
            ? trans.__(
                'What was sent and received is kept for a while after an answer, and no longer than the server runs. This one is gone.'
              )
            : problem.message}
        </p>
        <p className="jp-llmhub-hint">
          {isGone ? trans.__('Answer again to see it for a new answer.') : problem.hint}
        </p>
      </div>
    );
  }
  if (!found) {
    return (
      <div className="jp-llmhub-exchange" data-state="busy">
        {trans.__('Loading…')}
      </div>
    );
  }
  return (
    <div className="jp-llmhub-exchange" data-testid="llmhub-exchange" data-state="shown">
      <p className="jp-llmhub-hint">{trans.__('As it went over the wire; keys are masked.')}</p>
      {found.note && <p>{found.note}</p>}
      {found.items.length === 0 && !found.note && <p>{trans.__('Nothing was sent.')}</p>}
      {found.items.map((exchange, index) => (
        <Attempt key={index} exchange={exchange} number={index + 1} of={found.items.length} />
      ))}
    </div>
  );
}

function Attempt({ exchange, number, of }: { exchange: Exchange; number: number; of: number }) {
  const { hub, trans } = useServices();
  const { method, url, status, duration_ms: took, provider } = exchange;
  const facts = [
    of > 1 && trans.__('Attempt %1 of %2', number, of),
    hub.providerLabel(provider),
    status === null ? trans.__('no answer') : trans.__('status %1', status),
    took !== null && duration(took, trans),
    new Date(exchange.started_at).toLocaleString()
  ].filter(Boolean);
  return (
    <section>
      <div className="jp-llmhub-exchange-line">
        <code>{`${method} ${url}`}</code>
        <span>{facts.join(' · ')}</span>
      </div>
      {exchange.error && <p className="jp-llmhub-problem">{exchange.error}</p>}
      <Raw label={trans.__('Request headers')} text={headers(exchange.request_headers)} isFolded />
      <Raw label={trans.__('Request')} text={pretty(exchange.request_body)} />
      <Raw label={trans.__('Response headers')} text={headers(exchange.response_headers)} isFolded />
      <Raw label={trans.__('Response')} text={pretty(exchange.response_body)} />
      {exchange.truncated && (
        <p className="jp-llmhub-hint">{trans.__('It was long: only its beginning and its end were kept.')}</p>
      )}
    </section>
  );
}

function Raw({ label, text, isFolded = false }: { label: string; text: string; isFolded?: boolean }) {
  const { trans } = useServices();
  const [copied, flash] = useFlash();
  if (!text) {
    return null;
  }
  return (
    <details className="jp-llmhub-raw" open={!isFolded}>
      <summary>{label}</summary>
      <div className="jp-llmhub-raw-text">
        <pre tabIndex={0} aria-label={label}>
          {text}
        </pre>
        <IconButton
          icon={copied ? checkIcon : copyIcon}
          label={copied ? trans.__('Copied') : trans.__('Copy')}
          onClick={() => {
            copyText(text);
            flash();
          }}
        />
      </div>
    </details>
  );
}

function headers(all: Readonly<Record<string, string>>): string {
  return Object.entries(all)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n');
}

function pretty(body: unknown): string {
  if (body === null || body === undefined) {
    return '';
  }
  return typeof body === 'string' ? readable(body) : JSON.stringify(body, null, 2);
}
