import { caretDownIcon } from '@jupyterlab/ui-components';
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';

import type { ModelInfo, Preset } from '../../api/schema';
import { type Catalogue, MOST_RECENT } from '../../model/catalogue';
import type { Conversations } from '../../model/conversations';
import { useServices } from '../context';
import { useModel } from '../hooks';
import { ModelOption } from './ModelOption';
import { Stretch } from './Stretch';

/** Which model answers next: found by typing; favourites and those used last come first, then all by provider. */
export function ModelPicker() {
  const { hub, trans, session } = useServices();
  useModel(session);
  useModel(session.chat);
  const catalogue = useModel(hub.catalogue);
  const isOpen = session.screen.isChoosingModel;
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const current = session.model;

  useEffect(() => {
    if (!isOpen) {
      return;
    }
    void catalogue.load();
    const onPointerDown = (event: PointerEvent): void => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) {
        session.screen.chooseModel(false);
      }
    };
    document.addEventListener('pointerdown', onPointerDown, true);
    return () => {
      document.removeEventListener('pointerdown', onPointerDown, true);
    };
  }, [isOpen, catalogue, session]);

  const close = (): void => {
    session.screen.chooseModel(false);
    button.current?.focus();
  };
  return (
    <div className="jp-llmhub-picker" ref={root}>
      <button
        type="button"
        ref={button}
        className="jp-llmhub-picker-button"
        data-testid="llmhub-model-picker"
        data-model={current ?? undefined}
        aria-haspopup="listbox"
        aria-expanded={isOpen}
        title={current ?? trans.__('Choose a model')}
        onClick={() => {
          session.screen.chooseModel(!isOpen);
        }}
      >
        <span className="jp-llmhub-picker-label">
          {catalogue.label(current) || trans.__('Choose a model')}
        </span>
        <caretDownIcon.react tag="span" />
      </button>
      {isOpen && (
        <ModelList
          current={current}
          onClose={close}
          onChoose={id => {
            session.setModel(id);
            session.screen.chooseModel(false);
            session.focusComposer();
          }}
          onPreset={preset => {
            session.screen.chooseModel(false);
            session.focusComposer();
            session.writing.apply(preset).catch((thrown: unknown) => {
              session.desk.say(thrown instanceof Error ? thrown.message : String(thrown), true);
            });
          }}
        />
      )}
    </div>
  );
}

/** With no more models than this, nobody needs a shorter way to those used last. */
const FEW = 8;
/** Of thousands of models, so many are drawn together when somebody comes near them. */
const TOGETHER = 40;
/** Of a model in the list, before it is drawn. Pixels. */
const ROW_HEIGHT = 29;

interface Group {
  readonly name: string;
  readonly label: string;
  readonly models: readonly ModelInfo[];
}

interface ListProps {
  current: string | null;
  onChoose: (id: string) => void;
  onClose: () => void;
  /** Presets are offered too. */
  onPreset?: (preset: Preset) => void;
}

/** Models to choose from by typing. */
export function ModelList({ current, onChoose, onClose, onPreset }: ListProps) {
  const { hub, trans, session } = useServices();
  const catalogue = useModel(hub.catalogue);
  const preferences = useModel(hub.preferences);
  const { favouriteModels: favourites } = preferences.values;
  const [query, setQuery] = useState('');
  const [recent] = useState(() => usedLast(catalogue, hub.conversations));
  const found = catalogue.find(query);
  const presets = useModel(hub.presets).items.filter(
    ({ name }) => onPreset !== undefined && name.toLowerCase().includes(query.trim().toLowerCase())
  );
  let count = presets.length;
  const groups = [...(query ? [] : shortcuts()), ...providers(), ...unlisted()].map(group => {
    const before = count;
    count += group.models.length;
    return { ...group, before };
  });
  const choices: { key: string; model?: ModelInfo; preset?: Preset }[] = [
    ...presets.map(preset => ({ key: `preset-${preset.id}`, preset })),
    ...groups.flatMap(({ name, models }) =>
      models.filter(model => model.available).map(model => ({ key: keyOf(name, model), model }))
    )
  ];
  const [at, setAt] = useState(() =>
    Math.max(
      0,
      choices.findIndex(({ model }) => model?.id === current)
    )
  );
  const active = choices[Math.min(at, choices.length - 1)];
  const activeKey = active?.key;
  const isActive = (group: string) => (model: ModelInfo) =>
    model === active?.model && keyOf(group, model) === activeKey;
  const listId = useId();
  const list = useRef<HTMLDivElement>(null);

  useEffect(() => {
    list.current?.querySelector('[data-active]')?.scrollIntoView({ block: 'nearest' });
  }, [activeKey]);

  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      setAt((Math.min(at, choices.length - 1) + step + choices.length) % Math.max(1, choices.length));
    } else if (event.key === 'Enter' && !event.nativeEvent.isComposing) {
      event.preventDefault();
      if (active?.preset) {
        onPreset?.(active.preset);
      } else if (active?.model) {
        onChoose(active.model.id);
      }
    } else if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      onClose();
    } else if (event.key === 'Tab') {
      onClose();
    } else if (event.key.toLowerCase() === 'd' && (event.ctrlKey || event.metaKey) && active?.model) {
      event.preventDefault();
      event.stopPropagation();
      preferences.toggleFavourite(active.model.id);
    }
  };

  /** What one probably looks for, before anything is typed. */
  function shortcuts(): Group[] {
    const find = (ids: readonly string[]): ModelInfo[] =>
      ids.flatMap(id => catalogue.get(id) ?? []).filter(model => model.available);
    const last = catalogue.models.length > FEW ? recent.filter(id => !favourites.includes(id)) : [];
    return [
      { name: 'favourites', label: trans.__('Favourites'), models: find(favourites) },
      { name: 'recent', label: trans.__('Used last'), models: find(last) }
    ].filter(({ models }) => models.length > 0);
  }

  function providers(): Group[] {
    return found.map(({ group, provider, models }) => ({
      name: group === null ? `by ${provider}` : `in ${group}`,
      label: group ?? hub.providerLabel(provider),
      models
    }));
  }

  /** What was typed may be the name of a model that no list has. */
  function unlisted(): Group[] {
    const models = catalogue.typed(query, hub.providers.items);
    const isSought = models.length === 1 || found.length === 0;
    return isSought && models.length > 0
      ? [{ name: 'unlisted', label: trans.__('In no list, as typed'), models }]
      : [];
  }
  return (
    <div className="jp-llmhub-models" data-testid="llmhub-models" onKeyDown={onKeyDown}>
      <input
        // The list was opened to look for something.
        autoFocus
        className="jp-llmhub-field"
        type="text"
        role="combobox"
        aria-expanded="true"
        aria-controls={listId}
        aria-activedescendant={activeKey ? `${listId}-${activeKey}` : undefined}
        aria-label={trans.__('Find a model')}
        placeholder={trans.__('Find a model')}
        data-testid="llmhub-model-search"
        value={query}
        onChange={event => {
          setQuery(event.target.value);
          setAt(0);
        }}
      />
      <div
        className="jp-llmhub-model-list"
        id={listId}
        role="listbox"
        aria-label={trans.__('Models')}
        ref={list}
        // The field keeps the focus.
        onMouseDown={event => {
          event.preventDefault();
        }}
      >
        {presets.length > 0 && (
          <div role="group" aria-label={trans.__('Presets')}>
            <div className="jp-llmhub-model-group">{trans.__('Presets')}</div>
            {presets.map((preset, index) => (
              <div
                key={preset.id}
                id={`${listId}-preset-${preset.id}`}
                className="jp-llmhub-model"
                role="option"
                aria-selected={false}
                aria-posinset={index + 1}
                aria-setsize={count}
                data-active={active?.preset === preset || undefined}
                data-testid="llmhub-preset-option"
                onClick={() => {
                  onPreset?.(preset);
                }}
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
            ))}
          </div>
        )}
        {groups.map(({ name, label, models, before }) => (
          <div key={name} role="group" aria-label={label}>
            <div className="jp-llmhub-model-group">{label}</div>
            {stretches(models).map((stretch, index) => (
              <Stretch
                key={index}
                root={list}
                query={query}
                isNeeded={before + index * TOGETHER < TOGETHER || stretch.some(isActive(name))}
                height={stretch.length * ROW_HEIGHT}
              >
                {() =>
                  stretch.map((model, at) => (
                    <ModelOption
                      key={model.id}
                      id={`${listId}-${keyOf(name, model)}`}
                      model={model}
                      position={before + index * TOGETHER + at + 1}
                      count={count}
                      isCurrent={model.id === current}
                      isActive={isActive(name)(model)}
                      isFavourite={favourites.includes(model.id)}
                      onChoose={onChoose}
                      onLeave={onClose}
                    />
                  ))
                }
              </Stretch>
            ))}
          </div>
        ))}
        {groups.length === 0 && presets.length === 0 && (
          <div className="jp-llmhub-empty">
            {query
              ? trans.__('No model is called “%1”.', query)
              : (catalogue.error?.message ?? trans.__('No models yet.'))}
          </div>
        )}
      </div>
      <button
        type="button"
        className="jp-llmhub-models-foot"
        onClick={() => {
          session.screen.show('providers');
          onClose();
        }}
      >
        {trans.__('Set up providers…')}
      </button>
    </div>
  );
}

/** Chosen last in this browser, else asked last: a person finds their models in a new browser, too. */
function usedLast(catalogue: Catalogue, { items }: Conversations): readonly string[] {
  const asked = items.flatMap(({ model }) => model ?? []);
  return [...new Set([...catalogue.recent, ...asked])].slice(0, MOST_RECENT);
}

/** A model may stand in several groups. */
function keyOf(group: string, model: ModelInfo): string {
  return `${group}-${model.id}`;
}

function stretches(models: readonly ModelInfo[]): (readonly ModelInfo[])[] {
  const count = Math.ceil(models.length / TOGETHER);
  return Array.from({ length: count }, (_, index) => models.slice(index * TOGETHER, (index + 1) * TOGETHER));
}
