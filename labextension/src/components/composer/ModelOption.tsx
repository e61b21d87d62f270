import { checkIcon } from '@jupyterlab/ui-components';

import type { ModelInfo } from '../../api/schema';
import { starFilledIcon, starIcon } from '../../icons';
import { useServices } from '../context';
import { Badges, factsOf } from './Badges';
import { Icon } from '../Icon';

interface OptionProps {
  id: string;
  /** Which line of the list it is. */
  row: number;
  model: ModelInfo;
  /** From 1, in all of the list, of which not all is in the page. */
  position: number;
  count: number;
  isCurrent: boolean;
  isActive: boolean;
  isFavourite: boolean;
  onChoose: () => void;
}

/** One model in the list: what it is called, what it can do and costs, and whether it is a favourite. */
export function ModelOption(props: OptionProps) {
  const { id, row, model, position, count, isCurrent, isActive, isFavourite, onChoose } = props;
  const { hub, trans } = useServices();
  const accel = navigator.userAgent.includes('Mac') ? '⌘' : trans.__('Ctrl');
  return (
    <div
      id={id}
      data-row={row}
      className="jp-llmhub-model"
      role="option"
      aria-selected={isCurrent}
      aria-posinset={position}
      aria-setsize={count}
      aria-disabled={!model.available}
      data-active={isActive || undefined}
      data-testid="llmhub-model-option"
      data-model-id={model.id}
      title={factsOf(model, trans).join('\n')}
      onClick={onChoose}
    >
      <span className="jp-llmhub-model-check">{isCurrent && <Icon of={checkIcon} tag="span" />}</span>
      <span className="jp-llmhub-model-text">
        <span className="jp-llmhub-model-name">
          <ModelIcon icon={model.icon} />
          {model.label}
          {model.alias_of && <span className="jp-llmhub-model-facts">{` → ${model.alias_of}`}</span>}
        </span>
        {model.available ? (
          <Badges model={model} />
        ) : (
          <span className="jp-llmhub-model-facts">{model.why_not}</span>
        )}
        {model.description && <span className="jp-llmhub-model-words">{model.description}</span>}
      </span>
      {/* No button: an option holds none. By keyboard it is the key that its hint names. */}
      <span
        className="jp-llmhub-model-star"
        data-on={isFavourite || undefined}
        data-testid="llmhub-favourite"
        title={
          isFavourite
            ? trans.__('Take out of the favourites (%1)', `${accel}+D`)
            : trans.__('Put among the favourites (%1)', `${accel}+D`)
        }
        {...(isFavourite ? { role: 'img', 'aria-label': trans.__('Favourite') } : { 'aria-hidden': true })}
        onClick={event => {
          event.stopPropagation();
          hub.preferences.toggleFavourite(model.id);
        }}
      >
        {isFavourite ? <Icon of={starFilledIcon} /> : <Icon of={starIcon} />}
      </span>
    </div>
  );
}

/** What llmhub.yaml gives a model as a sign: an emoji, or a picture that is in the file itself. */
function ModelIcon({ icon }: { icon: string | null | undefined }) {
  if (!icon) {
    return null;
  }
  return icon.startsWith('data:image/') ? (
    <img className="jp-llmhub-model-icon" src={icon} alt="" />
  ) : (
    <span className="jp-llmhub-model-icon" aria-hidden="true">
      {icon}
    </span>
  );
}
