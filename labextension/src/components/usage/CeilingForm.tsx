import type { TranslationBundle } from '@jupyterlab/translation';
import { type FormEvent, useEffect, useId, useState } from 'react';

import { errorInfo } from '../../api/errors';
import type { Ceiling } from '../../api/schema';
import type { Spending } from '../../model/spending';
import { money } from '../../model/money';
import { useFlash, useModel } from '../hooks';
import { errorWords } from '../message/errorWords';

/** How much the person wants to spend in a day and in a month before they are asked. */
export function CeilingForm({ spending, trans }: { spending: Spending; trans: TranslationBundle }) {
  const { ceilings } = useModel(spending);
  const [day, setDay] = useState('');
  const [month, setMonth] = useState('');
  const [problem, setProblem] = useState<string | null>(null);
  const [isSaved, flash] = useFlash();
  const id = useId();
  const { usd_per_day: perDay = null, usd_per_month: perMonth = null, locked = false } = ceilings ?? {};

  useEffect(() => {
    setDay(perDay === null ? '' : String(perDay));
    setMonth(perMonth === null ? '' : String(perMonth));
  }, [perDay, perMonth]);

  if (!ceilings) {
    return null;
  }
  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const [usd_per_day, usd_per_month] = [amount(day), amount(month)];
    if (usd_per_day === undefined || usd_per_month === undefined) {
      setProblem(trans.__('Write an amount in US dollars above 0, or nothing for no ceiling.'));
      return;
    }
    try {
      await spending.set({ usd_per_day, usd_per_month });
      setProblem(null);
      flash();
    } catch (thrown) {
      const error = errorInfo(thrown);
      setProblem(`${errorWords(error, null, trans).title} ${error.message}`.trim());
    }
  };
  const isChanged = amount(day) !== perDay || amount(month) !== perMonth;
  const rows: ['day' | 'month', string, string, (value: string) => void][] = [
    ['day', trans.__('In a day'), day, setDay],
    ['month', trans.__('In a month'), month, setMonth]
  ];
  return (
    <section className="jp-llmhub-usage-section" aria-labelledby={id} data-testid="llmhub-ceilings">
      <h3 id={id}>{trans.__('Ceiling of spending')}</h3>
      <p className="jp-llmhub-hint">
        {locked
          ? trans.__('Whoever runs this server has set it.')
          : trans.__(
              'When it is reached, you are asked before anything more is sent. Other programs are refused.'
            )}
      </p>
      <form
        onSubmit={event => {
          void save(event);
        }}
      >
        <div className="jp-llmhub-ceilings">
          {rows.map(([period, label, value, set]) => (
            <label key={period}>
              <span>{label}</span>
              <span className="jp-llmhub-ceiling-amount">
                <input
                  className="jp-llmhub-field"
                  inputMode="decimal"
                  autoComplete="off"
                  disabled={locked}
                  value={value}
                  placeholder={trans.__('no ceiling')}
                  data-testid={`llmhub-ceiling-${period}`}
                  onChange={event => {
                    set(event.target.value);
                  }}
                />
                <span>{trans.__('US dollars')}</span>
              </span>
              <Gauge ceiling={ceilings.items.find(one => one.period === period)} trans={trans} />
            </label>
          ))}
        </div>
        {problem && <p role="alert">{problem}</p>}
        {!locked && (
          <button
            type="submit"
            className="jp-llmhub-button jp-mod-accept"
            data-testid="llmhub-ceilings-save"
            disabled={!isChanged}
          >
            {isSaved ? trans.__('Saved') : trans.__('Save')}
          </button>
        )}
      </form>
    </section>
  );
}

function Gauge({ ceiling, trans }: { ceiling: Ceiling | undefined; trans: TranslationBundle }) {
  if (!ceiling) {
    return null;
  }
  const { spent_usd: spent, ceiling_usd: most, share } = ceiling;
  const words = trans.__('%1 of %2 spent', money(spent), money(most));
  return (
    <span
      className="jp-llmhub-ceiling-state"
      data-level={share >= 1 ? 'red' : share >= 0.8 ? 'amber' : 'quiet'}
    >
      <meter min={0} max={1} high={0.8} value={Math.min(1, share)} aria-label={words} />
      <span>{words}</span>
    </span>
  );
}

/** Dollars; null for nothing, undefined for what is no amount. */
function amount(text: string): number | null | undefined {
  const plain = text.trim().replace(/^\$/, '').replace(',', '.');
  if (plain === '') {
    return null;
  }
  const value = Number(plain);
  return Number.isFinite(value) && value > 0 && value <= 1_000_000 ? value : undefined;
}
