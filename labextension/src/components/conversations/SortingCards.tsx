import { type KeyboardEvent, useEffect, useMemo, useState } from 'react';

import { fuzzy } from '../../model/fuzzy';
import { Button } from '../controls';
import { useServices } from '../context';
import { useModel } from '../hooks';
import { Popover } from '../Popover';
import { TagsCard } from './TagsCard';

/** The small windows of the list: where to move to, which tag, what a folder says. */
export function SortingCards({
  anchor,
  onDone,
  onTagGone
}: {
  anchor: HTMLElement;
  onDone: () => void;
  /** A tag has another name now, or (null) is no more. */
  onTagGone: (tag: string, name: string | null) => void;
}) {
  const { session } = useServices();
  useModel(session);
  const { sorting } = session;
  const close = (): void => {
    sorting.close();
  };
  return (
    <>
      {sorting.moving && <MoveCard anchor={anchor} {...sorting.moving} onClose={close} onDone={onDone} />}
      {sorting.tagging && <TagCard anchor={anchor} ids={sorting.tagging} onClose={close} />}
      {sorting.isMindingTags && <TagsCard anchor={anchor} onGone={onTagGone} onClose={close} />}
      {sorting.settings !== null && (
        <FolderCard key={sorting.settings} anchor={anchor} id={sorting.settings} onClose={close} />
      )}
    </>
  );
}

interface Choice {
  readonly key: string;
  readonly label: string;
  readonly isOn?: boolean;
  readonly choose: () => void;
}

/** A field, and below it what fits to what is typed; arrow keys and Enter choose. */
function Chooser({
  label,
  none,
  choices,
  onClose
}: {
  label: string;
  /** What is said where there is nothing to choose from before anything is typed. */
  none?: string;
  choices: (text: string) => Choice[];
  onClose: () => void;
}) {
  const { trans } = useServices();
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const found = choices(text);
  const active = Math.min(at, found.length - 1);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      const step = event.key === 'ArrowDown' ? 1 : found.length - 1;
      setAt(found.length ? (active + step) % found.length : 0);
    } else if (event.key === 'Enter' && !event.nativeEvent.isComposing) {
      event.preventDefault();
      found[active]?.choose();
    } else if (event.key === 'Escape') {
      onClose();
    }
  };
  return (
    <>
      <input
        className="jp-llmhub-field"
        role="combobox"
        aria-expanded="true"
        aria-controls="llmhub-choices"
        aria-activedescendant={found[active] ? `llmhub-choice-${active}` : undefined}
        aria-label={label}
        placeholder={label}
        value={text}
        data-testid="llmhub-chooser"
        onChange={event => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div id="llmhub-choices" className="jp-llmhub-choices" role="listbox" aria-label={label}>
        {found.map((choice, index) => (
          <div
            key={choice.key}
            id={`llmhub-choice-${index}`}
            className="jp-llmhub-choice"
            role="option"
            aria-selected={index === active}
            data-on={choice.isOn === true ? true : undefined}
            onClick={choice.choose}
          >
            {choice.isOn ? '✓ ' : ''}
            {choice.label}
          </div>
        ))}
      </div>
      {found.length === 0 && (
        <p className="jp-llmhub-empty">{text.trim() || !none ? trans.__('Nothing fits.') : none}</p>
      )}
    </>
  );
}

function MoveCard({
  anchor,
  ids,
  folder,
  onClose,
  onDone
}: {
  anchor: HTMLElement;
  ids: readonly string[];
  folder: string | null;
  onClose: () => void;
  onDone: () => void;
}) {
  const { hub, trans } = useServices();
  const folders = useModel(hub.folders);
  const label = trans.__('Move to…');
  const own = folder === null ? new Set<string>() : folders.below(folder);
  const to = (target: string | null): void => {
    onClose();
    if (folder === null) {
      void hub.filing.move(ids, target);
      onDone();
    } else {
      void folders.change(folder, { parent_id: target });
    }
  };
  const choices = (text: string): Choice[] => {
    const all = [
      { id: null, name: folder === null ? trans.__('No folder') : trans.__('The top') },
      ...folders.items
        .filter(one => !own.has(one.id))
        .map(one => ({ id: one.id, name: folders.pathName(one.id) }))
        .sort((a, b) => a.name.localeCompare(b.name))
    ];
    const found: Choice[] = ranked(all, text).map(({ id, name }) => ({
      key: id ?? '',
      label: name,
      choose: () => {
        to(id);
      }
    }));
    const name = text.trim();
    if (name && !folders.items.some(one => one.name.toLowerCase() === name.toLowerCase())) {
      found.push({
        key: 'new',
        label: trans.__('New folder “%1”', name),
        choose: () => {
          void folders.add(name, null).then(made => {
            if (made) {
              to(made.id);
            }
          });
        }
      });
    }
    return found;
  };
  return (
    <Popover
      anchor={anchor}
      label={label}
      testId="llmhub-move"
      className="jp-llmhub-chooser"
      onClose={onClose}
    >
      <Chooser label={label} choices={choices} onClose={onClose} />
    </Popover>
  );
}

function TagCard({
  anchor,
  ids,
  onClose
}: {
  anchor: HTMLElement;
  ids: readonly string[];
  onClose: () => void;
}) {
  const { hub, trans } = useServices();
  const filing = useModel(hub.filing);
  useModel(hub.conversations);
  useEffect(() => {
    void filing.loadTags();
  }, [filing]);
  const label = trans.__('Tags');
  const has = (tag: string): boolean => ids.every(id => hub.conversations.get(id)?.tags.includes(tag));
  const choices = (text: string): Choice[] => {
    const name = text.trim();
    const known = ranked(
      filing.tags.map(({ tag }) => ({ name: tag })),
      text
    ).slice(0, 100);
    const found: Choice[] = known.map(({ name: tag }) => ({
      key: tag,
      label: tag,
      isOn: has(tag),
      choose: () => {
        void filing.tag(ids, tag, !has(tag));
      }
    }));
    if (name && !filing.tags.some(({ tag }) => tag === name)) {
      found.push({
        key: '\n',
        label: trans.__('New tag “%1”', name),
        choose: () => {
          void filing.tag(ids, name.slice(0, 100), true).then(() => filing.loadTags());
          onClose();
        }
      });
    }
    return found;
  };
  return (
    <Popover
      anchor={anchor}
      label={label}
      testId="llmhub-tagging"
      className="jp-llmhub-chooser"
      onClose={onClose}
    >
      <Chooser
        label={trans.__('Find or name a tag')}
        none={trans.__('There are no tags.')}
        choices={choices}
        onClose={onClose}
      />
    </Popover>
  );
}

function FolderCard({ anchor, id, onClose }: { anchor: HTMLElement; id: string; onClose: () => void }) {
  const { hub, trans } = useServices();
  const folders = useModel(hub.folders);
  const { models } = useModel(hub.catalogue);
  const folder = folders.get(id);
  const [name, setName] = useState(folder?.name ?? '');
  const [said, setSaid] = useState(folder?.instructions ?? '');
  const [model, setModel] = useState(folder?.model ?? '');
  const above = useMemo(() => folders.instructionsOf(folder?.parent_id), [folders, folder]);
  const inherited = folders.modelOf(folder?.parent_id);
  const save = async (): Promise<void> => {
    const changes = { name: name.trim(), instructions: said.trim() || null, model: model || null };
    if (await folders.change(id, changes)) {
      onClose();
    }
  };
  return (
    <Popover
      anchor={anchor}
      label={trans.__('Settings of the folder')}
      testId="llmhub-folder-settings"
      className="jp-llmhub-folder-card"
      onClose={onClose}
    >
      <form
        onSubmit={event => {
          event.preventDefault();
          void save();
        }}
      >
        <label>
          {trans.__('Name')}
          <input
            className="jp-llmhub-field"
            required
            maxLength={200}
            value={name}
            onChange={event => {
              setName(event.target.value);
            }}
          />
        </label>
        <label>
          {trans.__('Instructions for what is in it')}
          <textarea
            className="jp-llmhub-field"
            rows={5}
            maxLength={100_000}
            value={said}
            onChange={event => {
              setSaid(event.target.value);
            }}
          />
        </label>
        {above && (
          <details>
            <summary>{trans.__('Folders above say before it')}</summary>
            <pre className="jp-llmhub-folder-above">{above}</pre>
          </details>
        )}
        <label>
          {trans.__('Model of new conversations')}
          <input
            className="jp-llmhub-field"
            list="llmhub-folder-models"
            value={model}
            placeholder={inherited ?? trans.__('As chosen last')}
            onChange={event => {
              setModel(event.target.value);
            }}
          />
          <datalist id="llmhub-folder-models">
            {models.slice(0, 500).map(one => (
              <option key={one.id} value={one.id}>
                {one.label}
              </option>
            ))}
          </datalist>
        </label>
        {folders.error && (
          <p role="alert" className="jp-llmhub-folder-error">
            {folders.error.message} {folders.error.hint}
          </p>
        )}
        <div className="jp-llmhub-folder-buttons">
          <Button onClick={onClose}>{trans.__('Cancel')}</Button>
          <Button
            accent
            onClick={() => {
              void save();
            }}
          >
            {trans.__('Save')}
          </Button>
        </div>
      </form>
    </Popover>
  );
}

/** Those that fit to what was typed, the best first. */
function ranked<T extends { readonly name: string }>(all: readonly T[], text: string): T[] {
  const query = text.trim();
  return query
    ? all
        .flatMap(one => {
          const hit = fuzzy(query, one.name);
          return hit ? [{ one, score: hit.score }] : [];
        })
        .sort((a, b) => b.score - a.score)
        .map(({ one }) => one)
    : [...all];
}
