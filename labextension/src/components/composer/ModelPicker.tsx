import { caretDownIcon, checkIcon } from '@jupyterlab/ui-components';
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';

import type { ModelInfo } from '../../api/schema';
import { useServices } from '../context';
import { tokens } from '../format';
import { useModel } from '../hooks';

/** Which model answers next: found by typing, grouped by provider; one that cannot answer says why. */
export function ModelPicker() {
  const { hub, trans, session } = useServices();
  useModel(session);
  useModel(session.chat);
  const catalogue = useModel(hub.catalogue);
  const isOpen = session.isChoosingModel;
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
        session.chooseModel(false);
      }
    };
    document.addEventListener('pointerdown', onPointerDown, true);
    return () => {
      document.removeEventListener('pointerdown', onPointerDown, true);
    };
  }, [isOpen, catalogue, session]);

  const close = (): void => {
    session.chooseModel(false);
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
          session.chooseModel(!isOpen);
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
            session.chooseModel(false);
            session.focusComposer();
          }}
        />
      )}
    </div>
  );
}

interface ListProps {
  current: string | null;
  onChoose: (id: string) => void;
  onClose: () => void;
}

/** Models to choose from by typing. */
export function ModelList({ current, onChoose, onClose }: ListProps) {
  const { hub, trans, session } = useServices();
  const catalogue = useModel(hub.catalogue);
  const [query, setQuery] = useState('');
  const groups = catalogue.find(query);
  const choices = groups.flatMap(group => group.models).filter(model => model.available);
  const [at, setAt] = useState(() =>
    Math.max(
      0,
      choices.findIndex(model => model.id === current)
    )
  );
  const active = choices[Math.min(at, choices.length - 1)];
  const listId = useId();
  const list = useRef<HTMLDivElement>(null);

  useEffect(() => {
    list.current?.querySelector('[data-active]')?.scrollIntoView({ block: 'nearest' });
  }, [active?.id]);

  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      setAt((Math.min(at, choices.length - 1) + step + choices.length) % Math.max(1, choices.length));
    } else if (event.key === 'Enter' && !event.nativeEvent.isComposing) {
      event.preventDefault();
      if (active) {
        onChoose(active.id);
      }
    } else if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      onClose();
    } else if (event.key === 'Tab') {
      onClose();
    }
  };
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
        aria-activedescendant={active ? `${listId}-${active.id}` : undefined}
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
      >
        {groups.map(group => (
          <div key={group.provider} role="group" aria-label={group.provider}>
            <div className="jp-llmhub-model-group">{hub.providerLabel(group.provider)}</div>
            {group.models.map(model => (
              <ModelOption
                key={model.id}
                id={`${listId}-${model.id}`}
                model={model}
                isCurrent={model.id === current}
                isActive={model === active}
                onChoose={onChoose}
              />
            ))}
          </div>
        ))}
        {groups.length === 0 && (
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
          session.show('providers');
          onClose();
        }}
      >
        {trans.__('Set up providers…')}
      </button>
    </div>
  );
}

interface OptionProps {
  id: string;
  model: ModelInfo;
  isCurrent: boolean;
  isActive: boolean;
  onChoose: (id: string) => void;
}

function ModelOption({ id, model, isCurrent, isActive, onChoose }: OptionProps) {
  const { trans } = useServices();
  const facts = [
    model.capabilities.includes('vision') && trans.__('vision'),
    model.capabilities.includes('tools') && trans.__('tools'),
    model.capabilities.includes('reasoning') && trans.__('reasoning'),
    model.local && trans.__('local'),
    model.context_window && tokens(model.context_window)
  ].filter(Boolean);
  return (
    <div
      id={id}
      className="jp-llmhub-model"
      role="option"
      aria-selected={isCurrent}
      aria-disabled={!model.available}
      data-active={isActive || undefined}
      data-testid="llmhub-model-option"
      data-model-id={model.id}
      title={model.id}
      onClick={() => {
        if (model.available) {
          onChoose(model.id);
        }
      }}
    >
      <span className="jp-llmhub-model-check">{isCurrent && <checkIcon.react tag="span" />}</span>
      <span className="jp-llmhub-model-text">
        <span className="jp-llmhub-model-name">{model.label}</span>
        <span className="jp-llmhub-model-facts">{model.available ? facts.join(' · ') : model.why_not}</span>
      </span>
    </div>
  );
}
