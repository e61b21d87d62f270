import type { ProviderField, ProviderInfo, ProviderKind } from '../api/schema';
import type { ProviderForm } from './providers';

/** The choices for endpoints that no kind stands for, by the kind whose protocol they speak at an address of their own. */
export const COMPATIBLE: Readonly<Record<string, string>> = {
  compatible: 'openai',
  'compatible-anthropic': 'anthropic'
};
/** The field that is a setting of its own. */
export const ADDRESS = 'base_url';

/** What the form begins with for a kind of provider, or for one that is there already. */
export function formFor(
  choice: string,
  kinds: readonly ProviderKind[],
  items: readonly ProviderInfo[],
  existing: ProviderInfo | null = null
): ProviderForm {
  if (existing) {
    const { name, kind, label, base_url } = existing;
    return { name, kind, label, baseUrl: base_url ?? '', apiKey: '', fields: valuesOf(existing.fields) };
  }
  const protocol = COMPATIBLE[choice];
  if (protocol !== undefined) {
    const name = freeName('endpoint', items);
    return { name, kind: protocol, label: '', baseUrl: '', apiKey: '', fields: {} };
  }
  const kind = kinds.find(one => one.kind === choice);
  const same = items.find(item => item.configured && item.kind === choice);
  const name = same && !same.has_key ? same.name : freeName(choice, items);
  return {
    name,
    kind: choice,
    label: '',
    baseUrl: same?.name === name ? (same.base_url ?? '') : (kind?.base_url ?? ''),
    apiKey: '',
    fields: same?.name === name ? valuesOf(same.fields) : {}
  };
}

/** The fields of a kind, as they stand at a provider where there is one. */
export function fieldsFor(
  kind: ProviderKind | undefined,
  existing: ProviderInfo | undefined
): readonly ProviderField[] {
  return existing?.kind === kind?.kind && existing ? existing.fields : (kind?.fields ?? []);
}

/** The first field that must be filled in and is not, or null. */
export function missingIn(form: ProviderForm, fields: readonly ProviderField[]): ProviderField | null {
  const isEmpty = (field: ProviderField): boolean =>
    !(field.name === ADDRESS ? form.baseUrl : form.fields[field.name]) && !field.source;
  return fields.find(field => field.required && isEmpty(field)) ?? null;
}

/** What is filled in, apart: what may be read, and what is secret. */
export function splitFields(
  form: ProviderForm,
  fields: readonly ProviderField[]
): { options: Record<string, string>; credentials: Record<string, string> } {
  const options: Record<string, string> = {};
  const credentials: Record<string, string> = {};
  for (const { name, secret } of fields) {
    const value = form.fields[name];
    if (value === undefined || name === ADDRESS) {
      continue;
    }
    if (!secret) {
      options[name] = value;
    } else if (value) {
      credentials[name] = value;
    }
  }
  return { options, credentials };
}

/** An address as the server takes it, from one that was typed without `http://`: a browser would not ask for more, either. */
export function addressFrom(typed: string): string {
  if (typed === '' || /^[a-z][a-z0-9+.-]*:\/\//i.test(typed)) {
    return typed;
  }
  const isNear = /^(localhost|\d+\.\d+\.\d+\.\d+|\[|[^./]+(:|\/|$))/.test(typed);
  return `${isNear ? 'http' : 'https'}://${typed}`;
}

/** A name as the server takes it, from what a person typed. */
export function nameFrom(label: string): string {
  return label
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);
}

/** What the person entered before, to be changed; what comes from elsewhere is not repeated. */
function valuesOf(fields: readonly ProviderField[]): Record<string, string> {
  return Object.fromEntries(
    fields.flatMap(({ name, own, value }) => (own && value ? [[name, value] as const] : []))
  );
}

function freeName(wanted: string, items: readonly ProviderInfo[]): string {
  const taken = new Set(items.filter(item => item.configured).map(item => item.name));
  for (let count = 1; ; count++) {
    const name = count === 1 ? wanted : `${wanted}-${count}`;
    if (!taken.has(name)) {
      return name;
    }
  }
}
