import { type FormEvent, useEffect, useId, useRef, useState } from 'react';

import { errorInfo } from '../../api/errors';
import type { ErrorInfo, ProviderField, ProviderInfo, ProviderVerdict } from '../../api/schema';
import { ADDRESS, addressFrom, COMPATIBLE, fieldsFor, formFor, missingIn, nameFrom } from '../../model/form';
import type { ProviderForm as Form } from '../../model/providers';
import { useServices } from '../context';
import { Button } from '../controls';
import { useModel } from '../hooks';
import { Checks } from './Checks';
import { Problem } from './Problem';
import { ProviderFields, fieldLabel, lackWords } from './ProviderFields';

interface Props {
  /** The provider to change; absent: a new one. */
  provider?: ProviderInfo;
  onSaved: (name: string) => void;
}

/** Choose a provider, give its key, test it, keep it. The key is typed here and goes to the server; it never comes back. */
export function ProviderForm({ provider, onSaved }: Props) {
  const { hub, trans } = useServices();
  const providers = useModel(hub.providers);
  const [choice, setChoice] = useState(provider?.kind ?? '');
  const [edits, setEdits] = useState<Partial<Form>>({});
  const [verdict, setVerdict] = useState<ProviderVerdict | null>(null);
  const [problem, setProblem] = useState<ErrorInfo | null>(null);
  const [isBusy, setBusy] = useState<'test' | 'save' | null>(null);
  const testing = useRef<AbortController | null>(null);
  const ids = useId();

  const kinds = providers.kinds.filter(kind => kind.kind !== 'demo');
  const chosen = choice || (kinds[0]?.kind ?? '');
  const isCompatible = chosen in COMPATIBLE;
  const base = formFor(chosen, providers.kinds, providers.items, provider ?? null);
  const form: Form = { ...base, ...edits };
  const kind = providers.kinds.find(one => one.kind === form.kind);
  const existing = provider ?? providers.items.find(item => item.configured && item.name === form.name);
  const fields = isCompatible ? [] : fieldsFor(kind, existing);
  const address = fields.find(field => field.name === ADDRESS);
  const asksAddress = isCompatible || Boolean(kind?.local) || Boolean(address) || Boolean(provider);
  const needsKey = !isCompatible && Boolean(kind?.needs_key) && !existing?.has_key;
  const missing = missingIn(form, fields);
  const canSend =
    form.name !== '' &&
    (!needsKey || form.apiKey !== '') &&
    (!isCompatible || form.baseUrl !== '') &&
    missing === null &&
    isBusy === null;

  useEffect(() => () => testing.current?.abort(), []);

  const choose = (value: string): void => {
    setChoice(value);
    setEdits({});
    setVerdict(null);
    setProblem(null);
  };
  const edit = (changes: Partial<Form>): void => {
    setEdits({ ...edits, ...changes });
    setVerdict(null);
    setProblem(null);
  };
  const test = async (): Promise<void> => {
    const abort = new AbortController();
    testing.current = abort;
    setBusy('test');
    setVerdict(null);
    setProblem(null);
    try {
      setVerdict(await providers.test(form, abort.signal));
    } catch (thrown) {
      if (!abort.signal.aborted) {
        setProblem(errorInfo(thrown));
      }
    }
    setBusy(null);
  };
  const save = async (): Promise<void> => {
    setBusy('save');
    setProblem(null);
    const done = await providers.save(form);
    setBusy(null);
    if (done) {
      setEdits({});
      onSaved(form.name);
    } else {
      setProblem(providers.error);
    }
  };
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault();
    if (canSend) {
      void save();
    }
  };
  const inputs = (isMeant: (field: ProviderField) => boolean) => (
    <ProviderFields
      fields={fields.filter(field => field !== address && isMeant(field))}
      values={form.fields}
      onChange={(name, value) => {
        edit({ fields: { ...form.fields, [name]: value } });
      }}
    />
  );
  if (kinds.length === 0) {
    return <p className="jp-llmhub-hint">{providers.error?.message ?? trans.__('Loading…')}</p>;
  }
  return (
    <form
      className="jp-llmhub-form"
      data-testid="llmhub-provider-form"
      onSubmit={onSubmit}
      autoComplete="off"
    >
      {!provider && (
        <label htmlFor={`${ids}-kind`}>
          {trans.__('Provider')}
          <select
            id={`${ids}-kind`}
            className="jp-llmhub-field"
            data-testid="llmhub-provider-kind"
            value={chosen}
            onChange={event => {
              choose(event.target.value);
            }}
          >
            {kinds.map(one => (
              <option key={one.kind} value={one.kind}>
                {one.label}
              </option>
            ))}
            <option value="compatible">{trans.__('Other (OpenAI-compatible)')}</option>
            <option value="compatible-anthropic">{trans.__('Other (Anthropic-compatible)')}</option>
          </select>
        </label>
      )}
      {isCompatible && !provider && (
        <label htmlFor={`${ids}-label`}>
          {trans.__('Name')}
          <input
            id={`${ids}-label`}
            className="jp-llmhub-field"
            type="text"
            value={form.label}
            placeholder={trans.__('My lab')}
            data-testid="llmhub-provider-label"
            onChange={event => {
              edit({ label: event.target.value, name: nameFrom(event.target.value) || base.name });
            }}
          />
        </label>
      )}
      {asksAddress && (
        <label htmlFor={`${ids}-url`}>
          {address ? trans.__('Endpoint') : trans.__('Address')}
          <input
            id={`${ids}-url`}
            className="jp-llmhub-field"
            type="url"
            value={form.baseUrl}
            placeholder={address?.placeholder ?? kind?.base_url ?? 'https://…/v1'}
            data-testid="llmhub-base-url"
            onChange={event => {
              edit({ baseUrl: event.target.value.trim() });
            }}
            onBlur={() => {
              if (addressFrom(form.baseUrl) !== form.baseUrl) {
                edit({ baseUrl: addressFrom(form.baseUrl) });
              }
            }}
          />
        </label>
      )}
      {inputs(field => field.required)}
      {kind?.takes_key === false && kind.key_url && (
        <a href={kind.key_url} target="_blank" rel="noopener noreferrer">
          {trans.__('Where credentials are made')}
        </a>
      )}
      {kind?.takes_key !== false && (
        <label htmlFor={`${ids}-key`}>
          <span className="jp-llmhub-label-row">
            {trans.__('API key')}
            {kind?.key_url && !isCompatible && (
              <a href={kind.key_url} target="_blank" rel="noopener noreferrer">
                {trans.__('Get a key')}
              </a>
            )}
          </span>
          <input
            id={`${ids}-key`}
            className="jp-llmhub-field"
            type="password"
            autoComplete="new-password"
            spellCheck={false}
            value={form.apiKey}
            placeholder={
              existing?.has_key
                ? trans.__('A key is stored; type to replace it')
                : needsKey
                  ? ''
                  : trans.__('Only where the server asks for one')
            }
            data-testid="llmhub-key-input"
            onChange={event => {
              edit({ apiKey: event.target.value.trim() });
            }}
          />
        </label>
      )}
      {inputs(field => !field.required)}
      {kind && !isCompatible && kind.lacks.length > 0 && (
        <p className="jp-llmhub-hint">
          {trans.__('Not offered there: %1', lackWords(kind.lacks, trans).join(', '))}
        </p>
      )}
      {missing && Object.keys(edits).length > 0 && (
        <p className="jp-llmhub-hint" data-testid="llmhub-form-missing">
          {trans.__('Still missing: %1', fieldLabel(missing, trans))}
        </p>
      )}
      <div className="jp-llmhub-form-buttons">
        <Button testId="llmhub-test-key" disabled={!canSend} onClick={() => void test()}>
          {isBusy === 'test' ? trans.__('Testing…') : trans.__('Test')}
        </Button>
        <Button accent testId="llmhub-save-key" disabled={!canSend} onClick={() => void save()}>
          {isBusy === 'save' ? trans.__('Saving…') : trans.__('Save')}
        </Button>
      </div>
      {verdict && <Checks verdict={verdict} who={form.label || (kind?.label ?? null)} />}
      {problem && (
        <div role="alert" data-testid="llmhub-form-error">
          <Problem error={problem} who={form.label || (kind?.label ?? null)} />
        </div>
      )}
    </form>
  );
}
