import type { TranslationBundle } from '@jupyterlab/translation';
import { useId } from 'react';

import type { ProviderField } from '../../api/schema';
import { useServices } from '../context';

interface Props {
  fields: readonly ProviderField[];
  values: Readonly<Record<string, string>>;
  onChange: (name: string, value: string) => void;
}

/** What a kind of provider needs beyond a key, as the server describes it. A secret is typed here and never comes back. */
export function ProviderFields({ fields, values, onChange }: Props) {
  const { trans } = useServices();
  const ids = useId();
  return fields.map(field => {
    const id = `${ids}-${field.name}`;
    const props = {
      id,
      className: 'jp-llmhub-field',
      spellCheck: false,
      value: values[field.name] ?? '',
      placeholder: field.source
        ? trans.__('From %1', field.source)
        : field.placeholder && trans.__('for example %1', field.placeholder),
      required: field.required && !field.source,
      'aria-describedby': field.hint ? `${id}-hint` : undefined,
      'data-testid': `llmhub-field-${field.name}`
    };
    return (
      <label key={field.name} htmlFor={id}>
        {fieldLabel(field, trans)}
        {field.long ? (
          <textarea
            {...props}
            rows={3}
            autoComplete="off"
            data-secret={field.secret || undefined}
            onChange={event => {
              onChange(field.name, event.target.value.trim());
            }}
          />
        ) : (
          <input
            {...props}
            type={field.secret ? 'password' : 'text'}
            autoComplete={field.secret ? 'new-password' : 'off'}
            onChange={event => {
              onChange(field.name, field.secret ? event.target.value.trim() : event.target.value);
            }}
          />
        )}
        {field.hint && (
          <span className="jp-llmhub-hint" id={`${id}-hint`}>
            {fieldHint(field, trans)}
          </span>
        )}
      </label>
    );
  });
}

/** What a field is called, in the person's language where we know it. */
export function fieldLabel(field: Pick<ProviderField, 'name' | 'label'>, trans: TranslationBundle): string {
  const labels: Readonly<Record<string, string>> = {
    base_url: trans.__('Endpoint'),
    region: trans.__('Region'),
    project: trans.__('Project'),
    location: trans.__('Location'),
    profile: trans.__('Profile'),
    deployment: trans.__('Deployments'),
    api_version: trans.__('API version'),
    access_key_id: trans.__('Access key ID'),
    secret_access_key: trans.__('Secret access key'),
    session_token: trans.__('Session token'),
    service_account: trans.__('Credentials (JSON)'),
    tenant_id: trans.__('Tenant ID'),
    client_id: trans.__('Client ID'),
    client_secret: trans.__('Client secret'),
    authority: trans.__('Authority')
  };
  return labels[field.name] ?? field.label;
}

function fieldHint(field: ProviderField, trans: TranslationBundle): string {
  const hints: Readonly<Record<string, string>> = {
    project: trans.__('Empty: the project of the credentials.'),
    location: trans.__('A region, or global.'),
    profile: trans.__('A profile of ~/.aws, instead of keys.'),
    deployment: trans.__('Their names, with commas between; empty: any can be typed as a model.'),
    api_version: trans.__('Empty: a recent one.'),
    access_key_id: trans.__(
      'Instead of an API key. Empty, like the two below: the profile, or what this machine has.'
    ),
    session_token: trans.__('Only with temporary credentials.'),
    service_account: trans.__('The JSON file of a service account; empty: what this machine has.'),
    tenant_id: trans.__(
      'To sign in by Microsoft Entra ID instead of with a key, give this, the client ID and the client secret.'
    ),
    authority: trans.__('Where one signs in, in a cloud of its own; empty: the usual address.')
  };
  return hints[field.name] ?? field.hint;
}

/** What none of a provider's models can do there, in words. */
export function lackWords(lacks: readonly string[], trans: TranslationBundle): string[] {
  const words: Readonly<Record<string, string>> = {
    tools: trans.__('tools'),
    images: trans.__('images'),
    reasoning: trans.__('thinking'),
    json_schema: trans.__('JSON schema'),
    caching: trans.__('caching')
  };
  return lacks.map(lack => words[lack] ?? lack);
}
