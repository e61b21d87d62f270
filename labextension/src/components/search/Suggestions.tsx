import type { Suggestion } from '../../model/operators';
import { useServices } from '../context';

interface Props {
  id: string;
  items: readonly Suggestion[];
  /** The one that Enter takes; -1: none. */
  at: number;
  onPick: (suggestion: Suggestion) => void;
}

/** What may complete the operator that is being typed, below the search field, which keeps the focus. */
export function Suggestions({ id, items, at, onPick }: Props) {
  const { trans } = useServices();
  return (
    <div id={id} className="jp-llmhub-suggestions" role="listbox" aria-label={trans.__('Completions')}>
      {items.map((suggestion, index) => (
        <div
          key={suggestion.label}
          id={`${id}-${index}`}
          role="option"
          aria-selected={index === at}
          className="jp-llmhub-suggestion"
          data-testid="llmhub-search-suggestion"
          onPointerDown={event => {
            event.preventDefault();
            onPick(suggestion);
          }}
        >
          {suggestion.label}
        </div>
      ))}
    </div>
  );
}
