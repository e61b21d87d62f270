import { deleteIcon, editIcon } from '@jupyterlab/ui-components';
import { type KeyboardEvent, useState } from 'react';

import { ApiError } from '../../api/errors';
import type { Params, Preset } from '../../api/schema';
import { starFilledIcon, starIcon } from '../../icons';
import { Button, IconButton } from '../controls';
import { useServices } from '../context';
import { useModel } from '../hooks';

interface Props {
  /** What is written in the fields; null while some of it is wrong. */
  current: (() => Params) | null;
  /** Other parameters hold now. */
  onApplied: () => void;
  onProblem: (words: string | null) => void;
}

/** Presets: go on with one, save what is set as one, and rename, delete or begin with one's own. */
export function PresetRow({ current, onApplied, onProblem }: Props) {
  const { hub, trans, session } = useServices();
  const presets = useModel(hub.presets);
  const catalogue = useModel(hub.catalogue);
  const [picked, setPicked] = useState<string | null>(null);
  const [naming, setNaming] = useState<'new' | 'old' | null>(null);
  const [name, setName] = useState('');
  const preset = presets.get(picked) ?? presets.fitting(session.model, session.writing.params);
  const isGone = preset?.model != null && catalogue.isLoaded && !catalogue.get(preset.model);

  const trying = async (work: () => Promise<unknown>): Promise<void> => {
    try {
      onProblem(null);
      await work();
    } catch (thrown) {
      onProblem(thrown instanceof ApiError ? `${thrown.message} ${thrown.hint}` : String(thrown));
    }
  };
  const apply = (chosen: Preset): Promise<void> =>
    trying(async () => {
      setPicked(chosen.id);
      await session.writing.apply(chosen);
      onApplied();
    });
  const save = (): Promise<void> =>
    trying(async () => {
      if (naming === 'old' && preset) {
        await presets.change(preset.id, { name });
      } else if (current) {
        const params = current();
        await session.writing.setParams(params);
        const saved = await presets.save(name, session.model, params);
        setPicked(saved.id);
        onApplied();
      }
      setNaming(null);
    });
  const begin = (what: 'new' | 'old'): void => {
    setName(what === 'old' ? (preset?.name ?? '') : '');
    setNaming(what);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && !event.nativeEvent.isComposing) {
      event.preventDefault();
      event.stopPropagation();
      void save();
    } else if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      setNaming(null);
    }
  };

  return (
    <div className="jp-llmhub-presets" data-testid="llmhub-presets">
      {naming === null ? (
        <div className="jp-llmhub-preset-row">
          <select
            className="jp-llmhub-field"
            aria-label={trans.__('Preset')}
            data-testid="llmhub-preset"
            value={preset?.id ?? ''}
            onChange={event => {
              const chosen = presets.get(event.target.value);
              if (chosen) {
                void apply(chosen);
              }
            }}
          >
            <option value="" disabled>
              {presets.items.length > 0 ? trans.__('Choose a preset') : trans.__('No presets yet')}
            </option>
            {presets.items.map(one => (
              <option key={one.id} value={one.id}>
                {labelOf(one)}
              </option>
            ))}
          </select>
          {preset && !preset.locked && (
            <>
              <IconButton
                icon={preset.default ? starFilledIcon : starIcon}
                label={
                  preset.default
                    ? trans.__('New conversations begin with this preset; let them begin without')
                    : trans.__('Begin new conversations with this preset')
                }
                aria-pressed={preset.default}
                testId="llmhub-preset-default"
                onClick={() => void trying(() => presets.change(preset.id, { default: !preset.default }))}
              />
              <IconButton
                icon={editIcon}
                label={trans.__('Rename the preset')}
                testId="llmhub-preset-rename"
                onClick={() => {
                  begin('old');
                }}
              />
              <IconButton
                icon={deleteIcon}
                label={trans.__('Delete the preset')}
                testId="llmhub-preset-delete"
                onClick={() =>
                  void trying(async () => {
                    setPicked(null);
                    await presets.remove(preset);
                  })
                }
              />
            </>
          )}
        </div>
      ) : (
        <div className="jp-llmhub-preset-row">
          <input
            autoFocus
            className="jp-llmhub-field"
            type="text"
            maxLength={100}
            aria-label={trans.__('Name of the preset')}
            placeholder={trans.__('Name of the preset')}
            data-testid="llmhub-preset-name"
            value={name}
            onKeyDown={onKeyDown}
            onChange={event => {
              setName(event.target.value);
            }}
          />
          <Button accent testId="llmhub-preset-save" disabled={!name.trim()} onClick={() => void save()}>
            {trans.__('Save')}
          </Button>
        </div>
      )}
      {naming === null && (
        <div className="jp-llmhub-preset-row">
          {preset && !preset.locked && (
            <Button
              testId="llmhub-preset-update"
              disabled={current === null}
              onClick={() =>
                void trying(async () => {
                  const params = current?.() ?? {};
                  await session.writing.setParams(params);
                  await presets.change(preset.id, { model: session.model, params });
                  onApplied();
                })
              }
            >
              {trans.__('Save in this preset')}
            </Button>
          )}
          <Button
            testId="llmhub-preset-new"
            disabled={current === null}
            onClick={() => {
              begin('new');
            }}
          >
            {trans.__('Save as a preset…')}
          </Button>
        </div>
      )}
      {isGone && (
        <div className="jp-llmhub-note" role="status" data-testid="llmhub-preset-gone">
          {trans.__(
            'The model of this preset, %1, is not there any more. Its parameters are used with the model that is chosen.',
            preset.model ?? ''
          )}
        </div>
      )}
      {presets.removal && (
        <div className="jp-llmhub-undo" role="status" data-testid="llmhub-preset-undo">
          <span className="jp-llmhub-undo-words">{trans.__('Deleted “%1”', presets.removal.name)}</span>
          <Button onClick={() => void trying(() => presets.undo())}>{trans.__('Undo')}</Button>
        </div>
      )}
    </div>
  );

  function labelOf({ name: called, locked, default: isDefault, model }: Preset): string {
    const marks = [
      isDefault ? trans.__('for new conversations') : '',
      locked ? trans.__('locked') : '',
      model != null && catalogue.isLoaded && !catalogue.get(model) ? trans.__('its model is gone') : ''
    ].filter(Boolean);
    return marks.length > 0 ? `${called} (${marks.join(', ')})` : called;
  }
}
