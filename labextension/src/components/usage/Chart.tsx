import type { TranslationBundle } from '@jupyterlab/translation';
import { useId, useState } from 'react';

import type { Bar } from '../../model/usage';
import { money } from '../../model/money';
import { tokens } from '../format';

const HEIGHT = 100;
/** Of the room that a bar has, this much is bar. */
const FULL = 0.78;

/** What each day cost, or used where nothing is known to have cost anything. The same as a table is one click away. */
export function Chart({ bars, trans }: { bars: readonly Bar[]; trans: TranslationBundle }) {
  const hasCosts = bars.some(bar => bar.cost > 0);
  const [chosen, setChosen] = useState<'cost' | 'tokens' | null>(null);
  const measure = chosen ?? (hasCosts ? 'cost' : 'tokens');
  const id = useId();
  const say = (value: number): string => (measure === 'cost' ? money(value) : tokensOf(value));
  const most = Math.max(...bars.map(bar => bar[measure]), 0);
  const isMonths = bars[0]?.key.length === 7;
  const peak = bars.reduce<Bar | undefined>(
    (best, bar) => (best && best[measure] >= bar[measure] ? best : bar),
    undefined
  );
  const title = isMonths ? trans.__('By month') : trans.__('By day');
  const words = peak && most > 0 ? trans.__('Most on %1: %2.', when(peak.key), say(most)) : '';
  return (
    <section className="jp-llmhub-usage-section" aria-labelledby={id}>
      <div className="jp-llmhub-usage-bar">
        <h3 id={id}>{title}</h3>
        <div role="group" aria-label={trans.__('What the chart shows')} className="jp-llmhub-usage-switch">
          {(['cost', 'tokens'] as const).map(one => (
            <button
              key={one}
              type="button"
              aria-pressed={measure === one}
              data-testid={`llmhub-usage-${one}`}
              onClick={() => {
                setChosen(one);
              }}
            >
              {one === 'cost' ? trans.__('Cost') : trans.__('Tokens')}
            </button>
          ))}
        </div>
      </div>
      <div className="jp-llmhub-usage-chart">
        <span className="jp-llmhub-usage-most" aria-hidden="true">
          {say(most)}
        </span>
        <svg
          role="img"
          aria-label={`${title}. ${words}`}
          viewBox={`0 0 ${Math.max(1, bars.length)} ${HEIGHT}`}
          preserveAspectRatio="none"
          data-testid="llmhub-usage-chart"
        >
          {bars.map((bar, index) => {
            const height = most > 0 ? (bar[measure] / most) * HEIGHT : 0;
            return (
              <g key={bar.key}>
                <title>{`${when(bar.key)}: ${say(bar[measure])}`}</title>
                <rect className="jp-llmhub-usage-room" x={index} y={0} width={1} height={HEIGHT} />
                <rect
                  className="jp-llmhub-usage-day"
                  x={index + (1 - FULL) / 2}
                  y={HEIGHT - Math.max(height, height > 0 ? 1.5 : 0)}
                  width={FULL}
                  height={Math.max(height, height > 0 ? 1.5 : 0)}
                />
              </g>
            );
          })}
        </svg>
        <div className="jp-llmhub-usage-axis" aria-hidden="true">
          <span>{when(bars[0]?.key)}</span>
          {bars.length > 1 && <span>{when(bars.at(-1)?.key)}</span>}
        </div>
      </div>
      <details>
        <summary>{trans.__('As a table')}</summary>
        <table className="jp-llmhub-usage-table" data-testid="llmhub-usage-days">
          <thead>
            <tr>
              <th scope="col">{isMonths ? trans.__('Month') : trans.__('Day')}</th>
              <th scope="col">{trans.__('Requests')}</th>
              <th scope="col">{trans.__('Tokens')}</th>
              <th scope="col">{trans.__('Cost')}</th>
            </tr>
          </thead>
          <tbody>
            {bars
              .filter(bar => bar.requests > 0)
              .map(bar => (
                <tr key={bar.key}>
                  <th scope="row">{when(bar.key)}</th>
                  <td>{bar.requests.toLocaleString()}</td>
                  <td>{bar.tokens.toLocaleString()}</td>
                  <td>{money(bar.cost)}</td>
                </tr>
              ))}
          </tbody>
        </table>
      </details>
    </section>
  );
}

function tokensOf(count: number): string {
  return count < 1000 ? count.toLocaleString() : tokens(count);
}

/** A day, or a month, as people write it. */
function when(key: string | undefined): string {
  if (!key) {
    return '';
  }
  const isMonth = key.length === 7;
  const date = new Date(`${key}${isMonth ? '-01' : ''}T12:00:00`);
  return date.toLocaleDateString(
    undefined,
    isMonth ? { month: 'short', year: 'numeric' } : { day: 'numeric', month: 'short' }
  );
}
