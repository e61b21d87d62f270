import type { TranslationBundle } from '@jupyterlab/translation';
import { useId, useState } from 'react';

import type { UsageGroup } from '../../api/schema';
import { brief, money } from '../../model/money';

const FEW = 8;

interface Props {
  readonly title: string;
  readonly testId: string;
  readonly groups: readonly UsageGroup[];
  readonly trans: TranslationBundle;
  readonly nameOf: (group: UsageGroup) => string;
  /** Said instead of a cost. */
  readonly noteOf?: (group: UsageGroup) => string | null;
  /** What a click on a name does. */
  readonly onOpen?: ((group: UsageGroup) => (() => void) | null) | null;
}

/** What a sum is made of, the largest first; behind each name a bar of its share. */
export function Breakdown({ title, testId, groups, trans, nameOf, noteOf, onOpen }: Props) {
  const [isWhole, setWhole] = useState(false);
  const id = useId();
  const weigh = groups.some(group => group.cost_usd > 0)
    ? (group: UsageGroup): number => group.cost_usd
    : (group: UsageGroup): number => group.input_tokens + group.output_tokens;
  const most = Math.max(...groups.map(weigh), Number.MIN_VALUE);
  const shown = isWhole ? groups : groups.slice(0, FEW);
  return (
    <section className="jp-llmhub-usage-section" aria-labelledby={id} data-testid={testId}>
      <h3 id={id}>{title}</h3>
      <table className="jp-llmhub-usage-table" aria-labelledby={id}>
        <thead>
          <tr>
            <th scope="col">{trans.__('Name')}</th>
            <th scope="col" className="jp-llmhub-usage-requests">
              {trans.__('Requests')}
            </th>
            <th scope="col" className="jp-llmhub-usage-tokens">
              {trans.__('Tokens in')}
            </th>
            <th scope="col" className="jp-llmhub-usage-tokens">
              {trans.__('Tokens out')}
            </th>
            <th scope="col">{trans.__('Cost')}</th>
          </tr>
        </thead>
        <tbody>
          {shown.map(group => {
            const name = nameOf(group);
            const open = onOpen?.(group) ?? null;
            return (
              <tr key={group.key ?? ''} data-key={group.key}>
                <th
                  scope="row"
                  style={{ ['--jp-llmhub-share' as string]: `${(weigh(group) / most) * 100}%` }}
                >
                  {open ? (
                    <button type="button" className="jp-llmhub-link" title={name} onClick={open}>
                      {name}
                    </button>
                  ) : (
                    <span title={name}>{name}</span>
                  )}
                </th>
                <td className="jp-llmhub-usage-requests">{group.answers.toLocaleString()}</td>
                <td className="jp-llmhub-usage-tokens">{group.input_tokens.toLocaleString()}</td>
                <td className="jp-llmhub-usage-tokens">{group.output_tokens.toLocaleString()}</td>
                <td title={money(group.cost_usd)}>{noteOf?.(group) ?? brief(group.cost_usd)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {groups.length > FEW && (
        <button
          type="button"
          className="jp-llmhub-link"
          aria-expanded={isWhole}
          onClick={() => {
            setWhole(!isWhole);
          }}
        >
          {isWhole ? trans.__('Show fewer') : trans._n('Show all %1', 'Show all %1', groups.length)}
        </button>
      )}
    </section>
  );
}
