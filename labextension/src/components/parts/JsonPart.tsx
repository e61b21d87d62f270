import { caretRightIcon } from '@jupyterlab/ui-components';

import type { PartProps } from '../../registries/parts';
import { useServices } from '../context';
import { useFold } from '../hooks';
import { Icon } from '../Icon';

/** Longer JSON is folded. Lines. */
const LINES = 12;

/** Parts that nothing here knows how to draw, readable all the same. */
export function JsonPart({ parts, index, message }: PartProps) {
  const { trans } = useServices();
  return parts.map((part, at) => (
    <JsonFold
      key={at}
      label={trans.__('Content of the type “%1”', part.type)}
      value={part}
      name={`${message.id}:${index + at}`}
    />
  ));
}

/** JSON that can be opened. `name` is what its fold is remembered by. */
export function JsonFold({ label, value, name }: { label: string; value: unknown; name: string }) {
  const text = JSON.stringify(value, null, 2);
  const [isOpen, toggle] = useFold(name, text.split('\n', LINES + 1).length <= LINES);
  return (
    <div className="jp-llmhub-data" data-testid="llmhub-data">
      <button type="button" className="jp-llmhub-fold" aria-expanded={isOpen} onClick={toggle}>
        <span className="jp-llmhub-fold-label">{label}</span>
        <Icon of={caretRightIcon} tag="span" className="jp-llmhub-caret" />
      </button>
      {isOpen && (
        <pre className="jp-llmhub-json" tabIndex={0} role="group" aria-label={label}>
          {text}
        </pre>
      )}
    </div>
  );
}

/** JSON text with line breaks; as it stands where it is not JSON (yet). */
export function readable(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
}
