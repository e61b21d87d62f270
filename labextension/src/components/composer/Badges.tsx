import type { TranslationBundle } from '@jupyterlab/translation';
import type { LabIcon } from '@jupyterlab/ui-components';

import type { ModelInfo } from '../../api/schema';
import { eyeIcon, thoughtIcon, toolIcon } from '../../icons';
import { useServices } from '../context';
import { tokens } from '../format';
import { dollars } from '../message/figures';
import { Icon } from '../Icon';

/** What is known of a model, in words: a line each. */
export function factsOf(model: ModelInfo, trans: TranslationBundle): string[] {
  const can: Readonly<Record<ModelInfo['capabilities'][number], string>> = {
    vision: trans.__('Sees images'),
    tools: trans.__('Uses tools'),
    reasoning: trans.__('Thinks before it answers'),
    json_schema: trans.__('Answers in JSON of a given schema'),
    pdf_input: trans.__('Reads PDF files'),
    audio_input: trans.__('Hears audio'),
    audio_output: trans.__('Speaks'),
    image_output: trans.__('Makes images'),
    caching: trans.__('Reads again cheaply what it has read before')
  };
  const { context_window: room, max_output_tokens: most, price, family, alias_of } = model;
  return [
    alias_of ?? model.id,
    ...(family ? [trans.__('Family: %1', family)] : []),
    ...model.capabilities.map(capability => can[capability]),
    ...(room ? [trans.__('Takes %1 tokens', room.toLocaleString())] : []),
    ...(most ? [trans.__('Answers with up to %1 tokens', most.toLocaleString())] : []),
    ...(price
      ? [
          trans.__(
            'Per million tokens: %1 for what it reads, %2 for what it writes',
            dollars(price.input),
            dollars(price.output)
          )
        ]
      : [])
  ];
}

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
        ([isSo, icon, words]) =>
          isSo && (
            <span key={words} className="jp-llmhub-badge" role="img" aria-label={words} title={words}>
              <Icon of={icon} />
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
