import { downloadIcon, refreshIcon } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import { useEffect, useState } from 'react';

import type { UsageGroup, UsageTotal } from '../../api/schema';
import type { Hub } from '../../model/hub';
import { type Period, PERIODS, UsageModel } from '../../model/usage';
import { IconButton } from '../controls';
import { money } from '../../model/money';
import { useModel } from '../hooks';
import { errorWords } from '../message/errorWords';
import { Breakdown } from './Breakdown';
import { CeilingForm } from './CeilingForm';
import { Chart } from './Chart';
import { Icon } from '../Icon';

export interface UsagePageProps {
  readonly hub: Hub;
  readonly trans: TranslationBundle;
  /** Show a conversation; null where there is no place for it. */
  readonly openConversation: ((id: string) => void) | null;
}

/** What was used and what it cost: in all, day by day, and by model, conversation and source. */
export function UsagePage({ hub, trans, openConversation }: UsagePageProps) {
  const [usage] = useState(() => new UsageModel(hub.client));
  const { report, error, isLoading, period } = useModel(usage);
  useModel(hub.catalogue);
  const { activity } = hub;

  useEffect(() => {
    void usage.load();
    void hub.catalogue.load();
    void hub.spending.load();
    let { costToday, answering } = activity;
    return activity.subscribe(() => {
      // An answer has ended somewhere: the sums are others now.
      if (activity.costToday !== costToday || activity.answering < answering) {
        void usage.load();
      }
      ({ costToday, answering } = activity);
    });
  }, [usage, hub, activity]);

  const periods: Record<Period, string> = {
    today: trans.__('Today'),
    week: trans.__('7 days'),
    month: trans.__('30 days'),
    quarter: trans.__('90 days'),
    year: trans.__('365 days'),
    all: trans.__('All time')
  };
  const words = error && errorWords(error, null, trans);
  return (
    <div className="jp-llmhub-usage-page" data-testid="llmhub-usage-page" aria-busy={isLoading}>
      <header className="jp-llmhub-usage-head">
        <h2>{trans.__('Usage and costs')}</h2>
        <select
          className="jp-llmhub-field"
          aria-label={trans.__('Period')}
          data-testid="llmhub-usage-period"
          value={period}
          onChange={event => {
            usage.choose(event.target.value as Period);
          }}
        >
          {PERIODS.map(one => (
            <option key={one} value={one}>
              {periods[one]}
            </option>
          ))}
        </select>
        <a
          className="jp-llmhub-icon-button"
          href={usage.tableUrl}
          download="llmhub-usage.csv"
          title={trans.__('Download every request as CSV')}
          aria-label={trans.__('Download every request as CSV')}
          data-testid="llmhub-usage-csv"
        >
          <Icon of={downloadIcon} />
        </a>
        <IconButton
          icon={refreshIcon}
          label={trans.__('Count again')}
          onClick={() => {
            void usage.load();
          }}
        />
      </header>
      {error && (
        <p className="jp-llmhub-error" role="alert">
          {[words?.title, error.message, words?.hint].filter(Boolean).join(' ')}
        </p>
      )}
      {report && (
        <>
          <Totals total={report.total} trans={trans} />
          {report.total.answers === 0 ? (
            <p className="jp-llmhub-hint" data-testid="llmhub-usage-empty">
              {trans.__('Nothing was asked of a provider in this time.')}
            </p>
          ) : (
            <>
              <Chart bars={usage.bars} trans={trans} />
              <Breakdown
                title={trans.__('By model')}
                testId="llmhub-usage-models"
                groups={usage.groups('model')}
                trans={trans}
                nameOf={({ key }) => hub.catalogue.label(key ?? '')}
                noteOf={group => priceNote(group, hub, trans)}
              />
              <Breakdown
                title={trans.__('By conversation')}
                testId="llmhub-usage-conversations"
                groups={usage.groups('conversation')}
                trans={trans}
                nameOf={({ key, label }) =>
                  key === null
                    ? trans.__('Not in a conversation')
                    : (label ?? trans.__('Deleted, temporary or untitled conversation'))
                }
                onOpen={
                  openConversation &&
                  (({ key, label }) =>
                    key && label
                      ? () => {
                          openConversation(key);
                        }
                      : null)
                }
              />
              <Breakdown
                title={trans.__('By source')}
                testId="llmhub-usage-sources"
                groups={usage.groups('source')}
                trans={trans}
                nameOf={({ key }) => sourceName(key ?? '', trans)}
              />
            </>
          )}
        </>
      )}
      {!report && !error && <p className="jp-llmhub-hint">{trans.__('Loading…')}</p>}
      <CeilingForm spending={hub.spending} trans={trans} />
    </div>
  );
}

function Totals({ total, trans }: { total: UsageTotal; trans: TranslationBundle }) {
  const figures: [string, string][] = [
    [trans.__('Cost'), money(total.cost_usd)],
    [trans.__('Requests'), total.answers.toLocaleString()],
    [trans.__('Tokens in'), total.input_tokens.toLocaleString()],
    [trans.__('of them cached'), total.cached_tokens.toLocaleString()],
    [trans.__('Tokens out'), total.output_tokens.toLocaleString()]
  ];
  return (
    <>
      <dl className="jp-llmhub-usage-totals" data-testid="llmhub-usage-totals">
        {figures.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {total.unpriced_answers > 0 && (
        <p className="jp-llmhub-hint" data-testid="llmhub-usage-unpriced">
          {trans._n(
            'The price of %1 request is not known; it is not in the cost.',
            'The price of %1 requests is not known; they are not in the cost.',
            total.unpriced_answers
          )}
        </p>
      )}
      {total.guessed_answers > 0 && (
        <p className="jp-llmhub-hint" data-testid="llmhub-usage-guessed">
          {trans._n(
            '%1 request ended before its provider had reported everything: %2 tokens are estimated.',
            '%1 requests ended before their providers had reported everything: %2 tokens are estimated.',
            total.guessed_answers,
            (total.guessed_input_tokens + total.guessed_output_tokens).toLocaleString()
          )}
        </p>
      )}
    </>
  );
}

/** Why a model has no cost, where it has none. */
function priceNote(group: UsageGroup, hub: Hub, trans: TranslationBundle): string | null {
  if (group.unpriced_answers < group.answers || group.answers === 0) {
    return null;
  }
  return hub.catalogue.get(group.key ?? '')?.local
    ? trans.__('on this machine')
    : trans.__('price not known');
}

function sourceName(source: string, trans: TranslationBundle): string {
  switch (source) {
    case 'chat':
      return trans.__('Chats');
    case 'openai':
      return trans.__('Other programs, by OpenAI’s API');
    case 'anthropic':
      return trans.__('Other programs, by Anthropic’s API');
    case 'embeddings':
      return trans.__('Embeddings');
    case 'title':
      return trans.__('Titles of conversations');
    case 'compaction':
      return trans.__('Summaries of long conversations');
    case 'completion':
      return trans.__('Completion of code');
    case 'test':
      return trans.__('Tests of providers');
    default:
      return source;
  }
}
