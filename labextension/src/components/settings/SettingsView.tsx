import type { TranslationBundle } from '@jupyterlab/translation';
import { undoIcon } from '@jupyterlab/ui-components';
import { type FormEvent, useEffect, useId, useState } from 'react';

import type { OwnSetting, ServerConfig } from '../../api/schema';
import { lockIcon } from '../../icons';
import type { Hub } from '../../model/hub';
import type { UserSettings, Value } from '../../model/settings';
import { Button } from '../controls';
import { useModel } from '../hooks';
import { lockWords, noticeWords, originWords, settingWords, valueWords } from './words';
import { Icon } from '../Icon';

interface Props {
  readonly hub: Hub;
  readonly trans: TranslationBundle;
  readonly onProviders: () => void;
  /** JupyterLab's own settings of the panel; null where there is no editor for them. */
  readonly onLook: (() => void) | null;
}

/** What holds on this server, where each value came from, and the few settings that a person may have of their own. */
export function SettingsView({ hub, trans, onProviders, onLook }: Props) {
  const catalogue = useModel(hub.catalogue);
  const settings = useModel(hub.settings);
  const { config, error } = catalogue;

  useEffect(() => {
    void catalogue.load();
  }, [catalogue]);

  return (
    <div className="jp-llmhub-setup jp-llmhub-settings" data-testid="llmhub-settings">
      <h1>{trans.__('Chat settings')}</h1>
      {config?.role && (
        <p className="jp-llmhub-hint">{trans.__('Your role on this server: %1', config.role)}</p>
      )}
      {error && (
        <p className="jp-llmhub-problem" role="alert">
          {error.message} {error.hint}
        </p>
      )}
      {config?.notices.map(notice => {
        const { title, text } = noticeWords(notice, trans);
        return (
          <div
            key={title + text}
            className="jp-llmhub-config-notice"
            role="status"
            data-testid="llmhub-config-notice"
            data-code={notice.code}
          >
            <strong>{title}</strong>
            {text && <p>{text}</p>}
          </div>
        );
      })}
      {!config && !error && <p className="jp-llmhub-hint">{trans.__('Loading…')}</p>}
      {config && (
        <>
          <section className="jp-llmhub-step" aria-labelledby="jp-llmhub-settings-own">
            <h2 id="jp-llmhub-settings-own">{trans.__('Yours')}</h2>
            {settings.own.map(setting => (
              <Row key={setting.key} setting={setting} settings={settings} hub={hub} trans={trans} />
            ))}
          </section>
          <section className="jp-llmhub-step">
            <h2>{trans.__('Elsewhere')}</h2>
            <div className="jp-llmhub-form-buttons">
              <Button testId="llmhub-settings-providers" onClick={onProviders}>
                {trans.__('Providers and keys')}
              </Button>
              {onLook && <Button onClick={onLook}>{trans.__('Keys and look of the panel')}</Button>}
            </div>
          </section>
          <Everything config={config} trans={trans} />
        </>
      )}
    </div>
  );
}

interface RowProps {
  readonly setting: OwnSetting;
  readonly settings: UserSettings;
  readonly hub: Hub;
  readonly trans: TranslationBundle;
}

/** One setting: what it is, its value, where that comes from, and the way back to what is inherited. */
function Row({ setting, settings, hub, trans }: RowProps) {
  const id = useId();
  const { title, about, none } = settingWords(setting, trans);
  const { key, lock, own } = setting;
  const isBusy = settings.saving.has(key);
  const problem = settings.problems.get(key);
  const inherited = trans.__(
    '%1 (%2)',
    valueWords(setting.inherited.value, none, trans),
    originWords(setting.inherited.source, trans)
  );
  const describedBy = `${id}-about ${id}-origin${problem ? ` ${id}-problem` : ''}`;
  const field = {
    id,
    'aria-describedby': describedBy,
    'data-testid': `llmhub-setting-${key}`,
    disabled: Boolean(lock)
  };
  const store = (value: Value): void => {
    void settings.set(key, value);
  };
  return (
    <div
      className="jp-llmhub-setting"
      data-key={key}
      data-own={own || undefined}
      data-locked={lock ? true : undefined}
    >
      {setting.kind === 'switch' ? (
        <label className="jp-llmhub-switch" htmlFor={id}>
          <input
            {...field}
            type="checkbox"
            checked={setting.value === true}
            disabled={field.disabled || isBusy}
            onChange={event => {
              store(event.target.checked);
            }}
          />
          {title}
        </label>
      ) : (
        <>
          <label htmlFor={id}>{title}</label>
          <TextField
            field={field}
            setting={setting}
            settings={settings}
            hub={hub}
            trans={trans}
            placeholder={none}
          />
        </>
      )}
      <p className="jp-llmhub-hint" id={`${id}-about`}>
        {about}
      </p>
      <div className="jp-llmhub-origin">
        <span id={`${id}-origin`} data-testid="llmhub-origin">
          {lock && <Icon of={lockIcon} tag="span" className="jp-llmhub-lock" />}
          {lock
            ? `${inherited}. ${lockWords(lock, trans)}`
            : own
              ? trans.__('Yours. Without it: %1', inherited)
              : inherited}
        </span>
        {own && !lock && (
          <Button
            icon={undoIcon}
            testId="llmhub-reset"
            disabled={isBusy}
            aria-label={trans.__('Reset “%1” to what is inherited', title)}
            onClick={() => {
              store(null);
            }}
          >
            {trans.__('Reset')}
          </Button>
        )}
      </div>
      {problem && (
        <p
          className="jp-llmhub-problem"
          role="alert"
          id={`${id}-problem`}
          data-testid="llmhub-setting-problem"
        >
          {problem.message} {problem.hint}
        </p>
      )}
    </div>
  );
}

interface FieldProps extends RowProps {
  readonly field: object;
  readonly placeholder: string;
}

/** A text or a number, kept with Enter or when one goes on; what cannot be right is said before it is sent. */
function TextField({ field, setting, settings, hub, trans, placeholder }: FieldProps) {
  const { key, kind } = setting;
  const before = valueWords(setting.value, '', trans);
  const [text, setText] = useState(before);
  const [fault, setFault] = useState('');
  const list = useId();
  useEffect(() => {
    setText(before);
  }, [before]);
  const models = useModel(hub.catalogue).models;

  const keep = (): void => {
    const value = text.trim();
    if (value === before) {
      return;
    }
    const wrong = faultOf(value, setting, hub, trans);
    setFault(wrong);
    if (!wrong) {
      void settings.set(key, value === '' ? null : kind === 'number' ? Number(value) : value);
    }
  };
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    keep();
  };
  return (
    <form onSubmit={onSubmit} autoComplete="off">
      <input
        {...field}
        className="jp-llmhub-field"
        type="text"
        inputMode={kind === 'number' ? 'decimal' : 'text'}
        spellCheck={false}
        value={text}
        placeholder={placeholder}
        list={kind === 'model' ? list : undefined}
        aria-invalid={fault !== '' || settings.problems.has(key)}
        onBlur={keep}
        onChange={event => {
          setText(event.target.value);
          setFault('');
          settings.forgive(key);
        }}
        onKeyDown={event => {
          if (event.key === 'Escape') {
            setText(before);
            setFault('');
          }
        }}
      />
      {kind === 'model' && (
        <datalist id={list}>
          {models
            .filter(model => model.available)
            .map(model => (
              <option key={model.id} value={model.id}>
                {model.label}
              </option>
            ))}
        </datalist>
      )}
      {fault && (
        <p className="jp-llmhub-problem" role="alert" data-testid="llmhub-setting-problem">
          {fault}
        </p>
      )}
    </form>
  );
}

function faultOf(value: string, { kind }: OwnSetting, hub: Hub, trans: TranslationBundle): string {
  if (value === '') {
    return '';
  }
  if (kind === 'number') {
    return Number.isFinite(Number(value)) ? '' : trans.__('This is no number.');
  }
  if (kind === 'model' && !hub.catalogue.get(value) && !/^[^/\s]+\/\S/.test(value)) {
    return trans.__('This is no model: write provider/model, or choose one from the list.');
  }
  return '';
}

/** All that holds, as a table that is unfolded by who wants it, and filtered by name, value or origin. */
function Everything({ config, trans }: { config: ServerConfig; trans: TranslationBundle }) {
  const [isOpen, setOpen] = useState(false);
  const [filter, setFilter] = useState('');
  const rows = Object.entries(config.settings).map(([key, { value, source }]) => {
    const words = { value: valueWords(value, '–', trans), origin: originWords(source, trans) };
    return { key, isGiven: source !== 'default', ...words };
  });
  const given = rows.filter(({ isGiven }) => isGiven).length;
  const wanted = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = rows.filter(({ key, value, origin }) => {
    const text = `${key} ${value} ${origin}`.toLowerCase();
    return wanted.every(word => text.includes(word));
  });
  return (
    <details
      className="jp-llmhub-step jp-llmhub-everything"
      open={isOpen}
      onToggle={event => {
        setOpen(event.currentTarget.open);
      }}
    >
      <summary data-testid="llmhub-everything">
        {trans._n(
          'All that holds: one setting differs from how it comes',
          'All that holds: %1 settings differ from how they come',
          given
        )}
      </summary>
      {isOpen && (
        <>
          <input
            className="jp-llmhub-field"
            type="search"
            spellCheck={false}
            value={filter}
            aria-label={trans.__('Filter the settings')}
            placeholder={trans.__('Filter by name, value or origin')}
            data-testid="llmhub-everything-filter"
            onChange={event => {
              setFilter(event.target.value);
            }}
            onKeyDown={event => {
              if (event.key === 'Escape' && filter !== '') {
                event.stopPropagation();
                setFilter('');
              }
            }}
          />
          <p className="jp-llmhub-hint" role="status" data-testid="llmhub-everything-count">
            {wanted.length === 0
              ? ''
              : shown.length === 0
                ? trans.__('No setting is like this.')
                : trans._n('One of %2 settings', '%1 of %2 settings', shown.length, rows.length)}
          </p>
          <dl>
            {shown.map(({ key, value, origin, isGiven }) => (
              <div key={key} data-given={isGiven || undefined}>
                <dt>{key}</dt>
                <dd>
                  {value} <span className="jp-llmhub-hint">{origin}</span>
                </dd>
              </div>
            ))}
          </dl>
        </>
      )}
    </details>
  );
}
