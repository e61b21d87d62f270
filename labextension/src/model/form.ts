import type { ProviderInfo, ProviderKind } from '../api/schema';
import type { ProviderForm } from './providers';

/** The choice for an endpoint that no kind stands for: it speaks OpenAI's protocol at an address of its own. */
export const COMPATIBLE = 'compatible';

/** What the form begins with for a kind of provider, or for one that is there already. */
export function formFor(
  choice: string,
  kinds: readonly ProviderKind[],
  items: readonly ProviderInfo[],
  existing: ProviderInfo | null = null
): ProviderForm {
  if (existing) {
    const { name, kind, label, base_url } = existing;
    return { name, kind, label, baseUrl: base_url ?? '', apiKey: '' };
  }
  if (choice === COMPATIBLE) {
    return { name: freeName('endpoint', items), kind: 'openai', label: '', baseUrl: '', apiKey: '' };
  }
  const kind = kinds.find(one => one.kind === choice);
  const same = items.find(item => item.configured && item.kind === choice);
  const name = same && !same.has_key ? same.name : freeName(choice, items);
  return {
    name,
    kind: choice,
    label: '',
    baseUrl: same?.name === name ? (same.base_url ?? '') : (kind?.base_url ?? ''),
    apiKey: ''
  };
}

/** What is missing in a form, or null: it can be sent. */
export function missingIn(
  form: ProviderForm,
  kind: ProviderKind | undefined,
  hasKey: boolean
): 'address' | 'key' | 'name' | null {
  if (!form.name) {
    return 'name';
  }
  if (!form.baseUrl && kind?.base_url === null && kind.local) {
    return 'address';
  }
  return kind?.needs_key && !form.apiKey && !hasKey ? 'key' : null;
}

/** A name as the server takes it, from what a person typed. */
export function nameFrom(label: string): string {
  return label
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);
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
