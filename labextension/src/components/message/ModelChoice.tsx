import { ModelList } from '../composer/ModelList';
import { useServices } from '../context';
import { Popover } from '../Popover';

interface Props {
  anchor: HTMLElement;
  current: string | null;
  onChoose: (model: string) => void;
  onClose: () => void;
}

/** Which other model should answer, found by typing. The model of the conversation stays. */
export function ModelChoice({ anchor, current, onChoose, onClose }: Props) {
  const { trans } = useServices();
  return (
    <Popover
      anchor={anchor}
      label={trans.__('Choose a model')}
      className="jp-llmhub-model-choice"
      testId="llmhub-model-choice"
      onClose={onClose}
    >
      <ModelList
        current={current}
        onClose={onClose}
        onChoose={model => {
          onClose();
          onChoose(model);
        }}
      />
    </Popover>
  );
}
