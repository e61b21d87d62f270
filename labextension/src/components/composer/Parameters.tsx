import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import type { TranslationBundle } from '@jupyterlab/translation';
import { undoIcon } from '@jupyterlab/ui-components';

import { ApiError } from '../../api/errors';
import type { Parameter, Params } from '../../api/schema';
import type { JsonFault } from '../../model/json';
import { type Fault, given, read, written } from '../../model/parameters';
import { Button, IconButton } from '../controls';
import { useServices } from '../context';
import { useModel } from '../hooks';
import { choiceLabel, parameterHint, parameterLabel, valueWords } from '../parameters';
import { PresetRow } from './PresetRow';
import type { SchemaEditor } from './SchemaEditor';

interface Props {
  /** The field that has the cursor at first. */
  focus?: 'system';
}

/** What the model that answers takes beside the message: shown as it holds by default, changed for this conversation. */
export function Parameters({ focus }: Props) {
  const { hub, trans, session } = useServices();
  useModel(session);
  useModel(session.chat);
  const parameters = useModel(hub.parameters);
  useModel(hub.presets);
  const { model, writing } = session;
  const taken = parameters.get(model);
  const [texts, setTexts] = useState<Readonly<Record<string, string>>>({});
  const [problem, setProblem] = useState<string | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const { params } = writing;

  useEffect(() => {
    void parameters.load(model);
  }, [parameters, model, taken]);
  const isThere = taken !== null;
  useEffect(() => {
    const field = focus ? `[data-parameter="${focus}"] textarea` : 'select, textarea, input';
    (box.current?.querySelector<HTMLElement>(field) ?? box.current)?.focus();
  }, [focus, isThere]);

  const textOf = (parameter: Parameter): string =>
    texts[parameter.name] ?? written(parameter, valueOf(params, parameter));
  const readings = (taken ?? []).map(parameter => ({
    parameter,
    reading: read(parameter, textOf(parameter))
  }));
  const isWrong = readings.some(({ reading }) => 'fault' in reading);
  const isChanged = Object.keys(texts).length > 0;
  const idle = Object.keys(given(params)).filter(
    name => taken !== null && !taken.some(one => one.name === name)
  );
  const current = (): Params => {
    const set = readings.map(({ parameter, reading }) => [
      parameter.name,
      'value' in reading ? reading.value : null
    ]);
    return given({ ...params, ...(Object.fromEntries(set) as Params) });
  };

  const close = (): void => {
    session.desk.close();
    session.focusComposer();
  };
  const save = async (): Promise<void> => {
    if (isWrong) {
      box.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
      return;
    }
    try {
      await writing.setParams(current());
      close();
    } catch (thrown) {
      setProblem(thrown instanceof ApiError ? `${thrown.message} ${thrown.hint}` : String(thrown));
    }
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) {
      return;
    }
    if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      close();
    } else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      event.stopPropagation();
      void save();
    }
  };
  const fault = parameters.fault(model);
  const title = trans.__('Parameters for %1', hub.catalogue.label(model) || trans.__('no model'));
  return (
    <div
      className="jp-llmhub-paste jp-llmhub-parameters"
      role="dialog"
      aria-label={title}
      tabIndex={-1}
      data-testid="llmhub-parameters"
      ref={box}
      onKeyDown={onKeyDown}
    >
      <div className="jp-llmhub-card-title">{title}</div>
      <div className="jp-llmhub-parameter-list">
        <PresetRow
          current={isWrong ? null : current}
          onApplied={() => {
            setTexts({});
            setProblem(null);
          }}
          onProblem={setProblem}
        />
        {taken === null && (
          <div className="jp-llmhub-empty">{fault ? fault.message : trans.__('Loading…')}</div>
        )}
        {taken?.length === 0 && (
          <div className="jp-llmhub-empty">{trans.__('This model takes no parameters.')}</div>
        )}
        {readings.map(({ parameter, reading }) => (
          <Field
            key={parameter.name}
            parameter={parameter}
            text={textOf(parameter)}
            fault={'fault' in reading ? reading.fault : null}
            onChange={text => {
              setTexts(known => ({ ...known, [parameter.name]: text }));
              setProblem(null);
            }}
            onKeyDown={onKeyDown}
          />
        ))}
        {idle.length > 0 && (
          <div className="jp-llmhub-note" data-testid="llmhub-parameters-idle">
            {trans.__(
              'Set, but not taken by this model: %1. It holds again with a model that takes it.',
              idle.map(name => parameterLabel(name, trans)).join(', ')
            )}
          </div>
        )}
      </div>
      {problem !== null && (
        <div className="jp-llmhub-problem" role="alert" data-testid="llmhub-parameters-problem">
          {problem}
        </div>
      )}
      <div className="jp-llmhub-paste-buttons">
        <Button
          testId="llmhub-parameters-reset"
          disabled={readings.every(({ parameter }) => textOf(parameter) === '')}
          onClick={() => {
            setTexts(Object.fromEntries(readings.map(({ parameter }) => [parameter.name, ''])));
          }}
        >
          {trans.__('Reset all')}
        </Button>
        <Button onClick={close}>{trans.__('Cancel')}</Button>
        <Button
          accent
          testId="llmhub-parameters-save"
          disabled={!isChanged || isWrong}
          onClick={() => void save()}
        >
          {trans.__('Save')}
        </Button>
      </div>
    </div>
  );
}

function valueOf(params: Params, { name }: Parameter): unknown {
  return params[name] ?? null;
}

interface FieldProps {
  parameter: Parameter;
  text: string;
  fault: Fault | null;
  onChange: (text: string) => void;
  /** For what handles keys by itself. */
  onKeyDown: (event: KeyboardEvent) => void;
}

/** One parameter: what it is, what is set or holds by default, and a way back to the default. */
function Field({ parameter, text, fault, onChange, onKeyDown }: FieldProps) {
  const { trans } = useServices();
  const id = useId();
  const label = parameterLabel(parameter.name, trans);
  const hint = parameterHint(parameter.name, trans);
  const isSet = text !== '';
  return (
    <div className="jp-llmhub-parameter" data-parameter={parameter.name} data-set={isSet || undefined}>
      <div className="jp-llmhub-parameter-head">
        <label htmlFor={id}>{label}</label>
        {isSet ? (
          <IconButton
            icon={undoIcon}
            label={trans.__('Reset %1', label)}
            testId={`llmhub-reset-${parameter.name}`}
            onClick={() => {
              onChange('');
            }}
          />
        ) : (
          <span className="jp-llmhub-parameter-default">{defaultWords(parameter, trans)}</span>
        )}
      </div>
      <Control
        {...{ parameter, text, onChange, onKeyDown, id }}
        isWrong={fault !== null}
        describedBy={`${id}-about`}
      />
      <div id={`${id}-about`} className={fault ? 'jp-llmhub-problem' : 'jp-llmhub-parameter-hint'}>
        {fault ? faultWords(fault, trans) : hint}
      </div>
    </div>
  );
}

interface ControlProps extends Omit<FieldProps, 'fault'> {
  id: string;
  isWrong: boolean;
  describedBy: string;
}

function Control({ parameter, text, id, isWrong, describedBy, onChange, onKeyDown }: ControlProps) {
  const { editors, trans } = useServices();
  const Editor = useSchemaEditor(parameter.type === 'schema' && editors !== null);
  const { name, type, min, max, step, choices, default: usual } = parameter;
  const common = {
    id,
    className: 'jp-llmhub-field',
    'aria-invalid': isWrong,
    'aria-describedby': describedBy,
    'data-testid': name === 'system' ? 'llmhub-instructions-text' : `llmhub-parameter-${name}`,
    value: text
  };
  switch (type) {
    case 'number':
    case 'integer': {
      const placeholder = usual == null ? '' : JSON.stringify(usual);
      const isNarrow = type === 'number' && min != null && max != null;
      return (
        <div className="jp-llmhub-parameter-number">
          {isNarrow && (
            <input
              type="range"
              aria-label={parameterLabel(name, trans)}
              min={min}
              max={max}
              step={step ?? 'any'}
              value={text || (typeof usual === 'number' ? usual : (min + max) / 2)}
              onChange={event => {
                onChange(event.target.value);
              }}
            />
          )}
          <input
            {...common}
            type="text"
            inputMode="decimal"
            placeholder={placeholder}
            onChange={event => {
              onChange(event.target.value);
            }}
          />
        </div>
      );
    }
    case 'choice':
    case 'switch': {
      const options = type === 'choice' ? choices : ['true', 'false'];
      const words = (choice: string): string =>
        type === 'choice' ? choiceLabel(choice, trans) : valueWords(choice === 'true', trans);
      const known = options.includes(text) || text === '' ? options : [...options, text];
      return (
        <select
          {...common}
          onChange={event => {
            onChange(event.target.value);
          }}
        >
          <option value="">{trans.__('default')}</option>
          {known.map(choice => (
            <option key={choice} value={choice}>
              {words(choice)}
            </option>
          ))}
        </select>
      );
    }
    default:
      if (Editor && editors) {
        const label = parameterLabel(name, trans);
        return <Editor {...{ editors, id, label, describedBy, text, isWrong, onChange, onKeyDown }} />;
      }
      return (
        <textarea
          {...common}
          rows={type === 'texts' ? 2 : 4}
          spellCheck={type === 'text'}
          data-code={type === 'schema' || undefined}
          placeholder={
            type === 'text'
              ? trans.__('How should the model answer here? “Be brief. Use polars, not pandas.”')
              : type === 'schema'
                ? '{"type": "object", "properties": {…}}'
                : ''
          }
          onChange={event => {
            onChange(event.target.value);
          }}
        />
      );
  }
}

/** JupyterLab's editor, once it is there: fetched when a schema can be written. Without it there is a plain field. */
function useSchemaEditor(isWanted: boolean): typeof SchemaEditor | null {
  const [found, setFound] = useState<{ SchemaEditor: typeof SchemaEditor } | null>(null);
  useEffect(() => {
    let isGone = !isWanted;
    if (isWanted) {
      void import('./SchemaEditor').then(
        loaded => {
          if (!isGone) {
            setFound(loaded);
          }
        },
        () => undefined
      );
    }
    return () => {
      isGone = true;
    };
  }, [isWanted]);
  return found?.SchemaEditor ?? null;
}

function defaultWords({ default: usual, type }: Parameter, trans: TranslationBundle): string {
  if (usual == null) {
    return type === 'text' || type === 'texts' || type === 'schema' ? '' : trans.__('as the model likes');
  }
  return trans.__('default: %1', valueWords(usual, trans));
}

/** Where it stops being JSON, and what is missing there. */
function jsonWords({ missing, line, column }: JsonFault, trans: TranslationBundle): string {
  switch (missing) {
    case 'value':
      return trans.__('Line %1, column %2: a value is missing here.', line, column);
    case 'name':
      return trans.__('Line %1, column %2: a name in double quotes is missing here.', line, column);
    case 'colon':
      return trans.__('Line %1, column %2: a colon is missing here.', line, column);
    case 'comma':
      return trans.__('Line %1, column %2: a comma or a closing bracket is missing here.', line, column);
    case 'quote':
      return trans.__(
        'Line %1, column %2: the double quote that closes the text is missing here.',
        line,
        column
      );
    case 'escape':
      return trans.__('Line %1, column %2: JSON knows no such character after a backslash.', line, column);
    case 'end':
      return trans.__('Line %1, column %2: nothing may follow here.', line, column);
  }
}

function faultWords(fault: Fault, trans: TranslationBundle): string {
  switch (fault.kind) {
    case 'number':
      return trans.__('This is no number.');
    case 'whole':
      return trans.__('This must be a whole number.');
    case 'object':
      return trans.__('A JSON schema is an object: {…}.');
    case 'json':
      return jsonWords(fault.where, trans);
    case 'many':
      return trans._n('At most %1 line.', 'At most %1 lines.', fault.max);
    case 'range':
      return fault.max === null
        ? trans.__('At least %1.', fault.min ?? 0)
        : trans.__('Between %1 and %2.', fault.min ?? 0, fault.max);
  }
}
