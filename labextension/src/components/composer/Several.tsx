import { checkIcon } from '@jupyterlab/ui-components';
import { type KeyboardEvent, useId, useMemo, useRef, useState } from 'react';

import type { ModelInfo } from '../../api/schema';
import { fuzzy } from '../../model/fuzzy';
import { Button } from '../controls';
import { useServices } from '../context';
import { useModel } from '../hooks';
import { useWindow } from '../window';
import { Icon } from '../Icon';

/** More columns than this nobody reads. */
const MOST = 6;
/** Before they are drawn. Pixels. */
const ROW_HEIGHT = 26;

/** Which models answer what is written, all of them: found by typing, chosen with Space, sent with Enter. */
export function Several() {
  const { hub, trans, session } = useServices();
  const catalogue = useModel(hub.catalogue);
  const [query, setQuery] = useState('');
  const [at, setAt] = useState(0);
  const [chosen, setChosen] = useState<readonly string[]>(() =>
    lastSet(catalogue.several, session.model, catalogue)
  );
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const [first] = useState(chosen);
  const { models } = catalogue;
  const shown = useMemo(
    () =>
      ranked(
        models.filter(model => model.available),
        query.trim(),
        first
      ),
    [models, query, first]
  );
  const index = Math.min(at, shown.length - 1);
  const active = shown[index];
  const { places, below, onScroll } = useWindow({
    view: list,
    rows: shown,
    estimate: () => ROW_HEIGHT,
    subject: model => model,
    active: index
  });

  const close = (): void => {
    session.desk.close();
    session.focusComposer();
  };
  const toggle = (model: ModelInfo): void => {
    setChosen(before =>
      before.includes(model.id)
        ? before.filter(one => one !== model.id)
        : before.length < MOST
          ? [...before, model.id]
          : before
    );
  };
  const send = (): void => {
    if (chosen.length > 0) {
      catalogue.rememberSeveral(chosen);
      session.writing.send(chosen);
      close();
    }
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) {
      return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      setAt((index + step + shown.length) % Math.max(1, shown.length));
    } else if (event.key === ' ' && active) {
      toggle(active);
      setQuery('');
    } else if (event.key === 'Enter') {
      send();
    } else if (event.key === 'Escape') {
      event.stopPropagation();
      close();
    } else {
      return;
    }
    event.preventDefault();
  };
  return (
    <div
      className="jp-llmhub-models jp-llmhub-several"
      role="dialog"
      aria-label={trans.__('Send to several models')}
      data-testid="llmhub-several"
    >
      <input
        autoFocus
        className="jp-llmhub-field"
        type="text"
        role="combobox"
        aria-expanded="true"
        aria-controls={id}
        aria-activedescendant={active ? `${id}-${active.id}` : undefined}
        aria-label={trans.__('Models that answer; Space chooses, Enter sends')}
        placeholder={trans.__('Space chooses, Enter sends')}
        data-testid="llmhub-several-search"
        value={query}
        onKeyDown={onKeyDown}
        onChange={event => {
          setQuery(event.target.value);
          setAt(0);
        }}
      />
      <div
        className="jp-llmhub-model-list"
        id={id}
        role="listbox"
        aria-multiselectable="true"
        aria-label={trans.__('Models')}
        ref={list}
        onScroll={onScroll}
      >
        {places.map(({ index: row, gap }) => {
          const model = shown[row];
          return (
            model && (
              <div key={row} role="presentation" style={gap > 0 ? { paddingTop: gap } : undefined}>
                <div
                  data-row={row}
                  aria-posinset={row + 1}
                  aria-setsize={shown.length}
                  id={`${id}-${model.id}`}
                  className="jp-llmhub-model"
                  role="option"
                  aria-selected={chosen.includes(model.id)}
                  data-active={model === active || undefined}
                  data-testid="llmhub-several-option"
                  data-model-id={model.id}
                  onMouseDown={event => {
                    event.preventDefault();
                  }}
                  onClick={() => {
                    toggle(model);
                  }}
                >
                  <span className="jp-llmhub-model-check">
                    {chosen.includes(model.id) && <Icon of={checkIcon} tag="span" />}
                  </span>
                  <span className="jp-llmhub-model-text">
                    <span className="jp-llmhub-model-name">{model.label}</span>
                    <span className="jp-llmhub-model-facts">{hub.providerLabel(model.provider)}</span>
                  </span>
                </div>
              </div>
            )
          );
        })}
        {below > 0 && <div role="presentation" style={{ height: below }} />}
        {shown.length === 0 && (
          <div className="jp-llmhub-empty">{trans.__('No model is called “%1”.', query)}</div>
        )}
      </div>
      <div className="jp-llmhub-several-foot">
        <Button onClick={close}>{trans.__('Cancel')}</Button>
        <Button accent testId="llmhub-several-send" disabled={chosen.length === 0} onClick={send}>
          {trans._n('Send to %1 model', 'Send to %1 models', chosen.length)}
        </Button>
      </div>
    </div>
  );
}

/** The set that was asked last, as far as it can answer; else the model that answers anyway. */
function lastSet(
  last: readonly string[],
  current: string | null,
  catalogue: { get: (id: string) => ModelInfo | undefined }
): readonly string[] {
  const usable = last.filter(id => catalogue.get(id)?.available);
  return usable.length > 0 ? usable : current === null ? [] : [current];
}

/** The models that fit, the best first; with nothing typed, those that were chosen when the list was opened come first. */
function ranked(models: readonly ModelInfo[], query: string, first: readonly string[]): readonly ModelInfo[] {
  if (!query) {
    return [...models].sort((a, b) => Number(first.includes(b.id)) - Number(first.includes(a.id)));
  }
  return models
    .flatMap(model => {
      const hit = fuzzy(query, model.label) ?? fuzzy(query, model.id);
      return hit ? [{ model, score: hit.score }] : [];
    })
    .sort((a, b) => b.score - a.score)
    .map(({ model }) => model);
}
