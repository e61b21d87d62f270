import type { LabIcon } from '@jupyterlab/ui-components';

import type { ModelInfo } from '../../api/schema';
import { eyeIcon, thoughtIcon, toolIcon } from '../../icons';
import { useServices } from '../context';
import { tokens } from '../format';
import { dollars } from '../message/figures';

/** What is known of a model, in signs: what it can do, how much it takes, what it costs, where it runs. */
export function Badges({ model }: { model: ModelInfo }) {
  const { trans } = useServices();
  const { capabilities, context_window: room, price, local } = model;
  const signs: [boolean, LabIcon, string][] = [
    [capabilities.includes('vision'), eyeIcon, trans.__('Sees images')],
    [capabilities.includes('tools'), toolIcon, trans.__('Uses tools')],
    [capabilities.includes('reasoning'), thoughtIcon, trans.__('Thinks before it answers')]
  ];
  return (
    <span className="jp-llmhub-badges">
      {signs.map(
        ([isSo, Icon, words]) =>
          isSo && (
            <span key={words} className="jp-llmhub-badge" role="img" aria-label={words} title={words}>
              <Icon.react tag={null} />
            </span>
          )
      )}
      {room != null && room > 0 && (
        <span className="jp-llmhub-badge" title={trans.__('Takes %1 tokens', room.toLocaleString())}>
          {tokens(room)}
        </span>
      )}
      {local && <span className="jp-llmhub-badge">{trans.__('local')}</span>}
      {price && (price.input > 0 || price.output > 0) && (
        <span
          className="jp-llmhub-badge"
          title={trans.__(
            'Per million tokens: %1 for what it reads, %2 for what it writes',
            dollars(price.input),
            dollars(price.output)
          )}
        >
          {`${dollars(price.input)} / ${dollars(price.output)}`}
        </span>
      )}
    </span>
  );
}
