import { type KeyboardEvent, type ReactNode, useId, useMemo, useRef, useState } from 'react';

import type { ModelInfo, Preset } from '../../api/schema';
import { type Catalogue, MOST_RECENT } from '../../model/catalogue';
import type { Conversations } from '../../model/conversations';
import { useServices } from '../context';
import { useModel } from '../hooks';
import { type Place, useWindow } from '../window';
import { ModelOption } from './ModelOption';
import { type Group, idOf, indexOf, isChoice, type Mark, nextOf, type Row, rowsOf } from './modelRows';
import { PresetOption } from './PresetOption';

/** With no more models than this, nobody needs a shorter way to those used last. */
const FEW = 8;
/** Before they are drawn. Pixels. */
const HEADING_HEIGHT = 23;
const ROW_HEIGHT = 26;

interface Props {
  current: string | null;
  onChoose: (id: string) => void;
  onClose: () => void;
  /** Presets are offered too. */
  onPreset?: (preset: Preset) => void;
}

/** Models to choose from by typing. Of thousands those in view are in the page. */
export function ModelList({ current, onChoose, onClose, onPreset }: Props) {
  const { hub, session, trans } = useServices();
  const preferences = useModel(hub.preferences);
  const [query, setQuery] = useState('');
  const { rows, count } = useRows(query, onPreset !== undefined);
  const [mark, setMark] = useState<Mark | null>(() => {
    const chosen = rows.find(row => row.kind === 'model' && row.model.id === current && isChoice(row));
    return chosen ? { group: chosen.group, id: idOf(chosen) } : null;
  });
  const at = indexOf(rows, mark);
  const active = rows[at];
  const listId = useId();
  const list = useRef<HTMLDivElement>(null);
  const { places, below, onScroll } = useWindow({ view: list, rows, estimate, subject, active: at });

  const choose = (row: Row | undefined): void => {
    if (row?.kind === 'preset') {
      onPreset?.(row.preset);
    } else if (row?.kind === 'model' && row.model.available) {
      onChoose(row.model.id);
    } else if (row?.kind === 'model') {
      // There it can be set right.
      onClose();
      session.screen.show('providers', row.model.provider);
    }
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      const next = active && rows[nextOf(rows, at, step)];
      setMark(next ? { group: next.group, id: idOf(next) } : null);
    } else if (event.key === 'Enter' && !event.nativeEvent.isComposing) {
      event.preventDefault();
      choose(active);
    } else if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      onClose();
    } else if (event.key === 'Tab') {
      onClose();
    } else if (
      event.key.toLowerCase() === 'd' &&
      (event.ctrlKey || event.metaKey) &&
      active?.kind === 'model'
    ) {
      event.preventDefault();
      event.stopPropagation();
      // It stays the one that is marked, wherever it moves.
      setMark({ group: active.group, id: idOf(active) });
      preferences.toggleFavourite(active.model.id);
    }
  };

  const option = (row: Row, index: number): ReactNode => {
    const of = { id: `${listId}-${row.group}-${idOf(row)}`, row: index, count, isActive: index === at };
    if (row.kind === 'heading') {
      return (
        <div className="jp-llmhub-model-group" data-row={index}>
          {row.label}
        </div>
      );
    }
    return row.kind === 'preset' ? (
      <PresetOption
        {...of}
        preset={row.preset}
        position={row.position}
        onChoose={() => {
          choose(row);
        }}
      />
    ) : (
      <ModelOption
        {...of}
        model={row.model}
        position={row.position}
        isCurrent={row.model.id === current}
        isFavourite={preferences.values.favouriteModels.includes(row.model.id)}
        onChoose={() => {
          choose(row);
        }}
      />
    );
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
        aria-activedescendant={active ? `${listId}-${active.group}-${idOf(active)}` : undefined}
        aria-label={trans.__('Find a model')}
        placeholder={trans.__('Find a model')}
        data-testid="llmhub-model-search"
        value={query}
        onChange={event => {
          setQuery(event.target.value);
          setMark(null);
        }}
      />
      <div
        className="jp-llmhub-model-list"
        id={listId}
        role="listbox"
        aria-label={trans.__('Models')}
        ref={list}
        onScroll={onScroll}
        // The field keeps the focus.
        onMouseDown={event => {
          event.preventDefault();
        }}
      >
        {together(places, rows).map(({ order, label, places: those }) => (
          // What stood in the same place is written over: that is cheaper than drawing it anew, and nothing in it has a state.
          <div key={order} role="group" aria-label={label}>
            {those.map(({ index, gap }) => {
              const row = rows[index];
              return (
                row && (
                  <div key={index} role="presentation" style={gap > 0 ? { paddingTop: gap } : undefined}>
                    {option(row, index)}
                  </div>
                )
              );
            })}
          </div>
        ))}
        {below > 0 && <div role="presentation" style={{ height: below }} />}
        {rows.length === 0 && (
          <div className="jp-llmhub-empty">
            {query
              ? trans.__('No model is called “%1”.', query)
              : (hub.catalogue.error?.message ?? trans.__('No models yet.'))}
          </div>
        )}
      </div>
      {hub.catalogue.has('own_providers') && (
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
      )}
    </div>
  );
}

/** What there is to choose from. */
function useRows(query: string, hasPresets: boolean): { rows: readonly Row[]; count: number } {
  const { hub, trans } = useServices();
  const catalogue = useModel(hub.catalogue);
  const presets = useModel(hub.presets).items;
  const providers = useModel(hub.providers).items;
  const { favouriteModels: favourites } = useModel(hub.preferences).values;
  const [recent] = useState(() => usedLast(catalogue, hub.conversations));
  const { models } = catalogue;

  return useMemo(() => {
    const named = query.trim().toLowerCase();
    const find = (ids: readonly string[]): ModelInfo[] =>
      ids.flatMap(id => catalogue.get(id) ?? []).filter(model => model.available);
    const last = models.length > FEW ? recent.filter(id => !favourites.includes(id)) : [];
    // What one probably looks for, before anything is typed.
    const shortcuts: Group[] = [
      { name: 'favourites', label: trans.__('Favourites'), models: find(favourites) },
      { name: 'recent', label: trans.__('Used last'), models: find(last) }
    ].filter(group => !query && group.models.length > 0);
    const found = catalogue.find(query).map(({ group, provider, models: those }): Group => ({
      name: group === null ? `by ${provider}` : `in ${group}`,
      label: group ?? hub.providerLabel(provider),
      models: those
    }));
    // What was typed may be the name of a model that no list has.
    const typed = catalogue.typed(query, providers);
    const isSought = typed.length === 1 || found.length === 0;
    const unlisted: Group[] =
      isSought && typed.length > 0
        ? [{ name: 'unlisted', label: trans.__('In no list, as typed'), models: typed }]
        : [];
    return rowsOf(
      {
        label: trans.__('Presets'),
        items: hasPresets ? presets.filter(({ name }) => name.toLowerCase().includes(named)) : []
      },
      [...shortcuts, ...found, ...unlisted]
    );
  }, [query, hasPresets, models, presets, providers, favourites, recent, catalogue, hub, trans]);
}

interface Together {
  /** Which group of all it is. */
  order: number;
  name: string;
  label: string;
  places: Place[];
}

/** Lines that are drawn, by the group in which they stand. */
function together(places: readonly Place[], rows: readonly Row[]): Together[] {
  const groups: Together[] = [];
  for (const place of places) {
    const row = rows[place.index];
    if (row && groups.at(-1)?.name === row.group) {
      groups.at(-1)?.places.push(place);
    } else if (row) {
      groups.push({ order: row.order, name: row.group, label: row.label, places: [place] });
    }
  }
  return groups;
}

function estimate(row: Row): number {
  return row.kind === 'heading' ? HEADING_HEIGHT : ROW_HEIGHT;
}

/** What a line is about, for as long as the list is open. */
function subject(row: Row): unknown {
  return row.kind === 'heading' ? row.label : row.kind === 'preset' ? row.preset : row.model;
}

/** Chosen last in this browser, else asked last: a person finds their models in a new browser, too. */
function usedLast(catalogue: Catalogue, { items }: Conversations): readonly string[] {
  const asked = items.flatMap(({ model }) => model ?? []);
  return [...new Set([...catalogue.recent, ...asked])].slice(0, MOST_RECENT);
}
