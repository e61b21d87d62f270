import type { Preset } from '../../api/schema';
import { useServices } from '../context';

interface Props {
  id: string;
  /** Which line of the list it is. */
  row: number;
  preset: Preset;
  position: number;
  count: number;
  isActive: boolean;
  onChoose: () => void;
}

/** A preset in the list of models: what it is called, and who answers with it. */
export function PresetOption({ id, row, preset, position, count, isActive, onChoose }: Props) {
  const { hub, trans } = useServices();
  const { catalogue } = hub;
  return (
    <div
      id={id}
      data-row={row}
      className="jp-llmhub-model"
      role="option"
      aria-selected={false}
      aria-posinset={position}
      aria-setsize={count}
      data-active={isActive || undefined}
      data-testid="llmhub-preset-option"
      onClick={onChoose}
    >
      <span className="jp-llmhub-model-check" />
      <span className="jp-llmhub-model-text">
        <span className="jp-llmhub-model-name">{preset.name}</span>
        <span className="jp-llmhub-model-facts">
          {preset.model == null || catalogue.get(preset.model)
            ? catalogue.label(preset.model)
            : trans.__('%1 is not there any more', preset.model)}
        </span>
      </span>
    </div>
  );
}
