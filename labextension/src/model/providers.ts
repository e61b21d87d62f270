import type {
  ErrorInfo,
  FoundServer,
  ProviderField,
  ProviderInfo,
  ProviderKind,
  ProviderTest,
  ProviderVerdict
} from '../api/schema';
import type { Client } from '../api/client';
import { errorInfo } from '../api/errors';
import { splitFields } from './form';
import { Observable } from './observable';

export type ProvidersClient = Pick<
  Client,
  | 'providers'
  | 'putProvider'
  | 'deleteProvider'
  | 'putKey'
  | 'deleteKey'
  | 'deleteAllKeys'
  | 'testProvider'
  | 'discover'
>;

/** What a person fills in to use a provider. */
export interface ProviderForm {
  name: string;
  kind: string;
  label: string;
  baseUrl: string;
  apiKey: string;
  /** What its kind needs beyond a key, by the fields' names. Secret ones are empty until they are typed. */
  fields: Record<string, string>;
}

/** The providers that are set up, the kinds there are, and setting one up. Keys pass through; none is kept here. */
export class ProvidersModel extends Observable {
  items: readonly ProviderInfo[] = [];
  kinds: readonly ProviderKind[] = [];
  servers: readonly FoundServer[] | null = null;
  isSearching = false;
  error: ErrorInfo | null = null;

  constructor(
    private readonly client: ProvidersClient,
    /** The models may be others now. */
    private readonly onChange: () => Promise<void>
  ) {
    super();
  }

  async load(): Promise<void> {
    await this.attempt(async () => {
      const { items, kinds } = await this.client.providers();
      this.items = items;
      this.kinds = kinds;
    });
  }

  async discover(): Promise<void> {
    this.isSearching = true;
    this.changed();
    await this.attempt(async () => {
      this.servers = (await this.client.discover()).items;
    });
    this.isSearching = false;
    this.changed();
  }

  /** Try what is in the form, without keeping it. */
  async test(form: ProviderForm, signal?: AbortSignal): Promise<ProviderVerdict> {
    const { options, credentials } = splitFields(form, this.fieldsOf(form));
    const body: ProviderTest = {
      kind: form.kind,
      ...(hasAny(options) ? { options } : {}),
      ...(hasAny(credentials) ? { credentials } : {})
    };
    if (form.baseUrl) {
      body.base_url = form.baseUrl;
    }
    if (form.apiKey) {
      body.api_key = form.apiKey;
    }
    return await this.client.testProvider(form.name, body, signal);
  }

  /** Keep it. True when the server has taken it. */
  async save(form: ProviderForm): Promise<boolean> {
    return await this.attempt(async () => {
      const known = this.items.find(item => item.name === form.name && item.configured);
      const { options, credentials } = splitFields(form, this.fieldsOf(form));
      if (known?.kind !== form.kind || (known.base_url ?? '') !== form.baseUrl || hasAny(options)) {
        await this.client.putProvider(form.name, {
          kind: form.kind,
          ...(form.baseUrl ? { base_url: form.baseUrl } : {}),
          ...(form.label ? { label: form.label } : {}),
          ...(hasAny(options) ? { options } : {})
        });
      }
      if (form.apiKey || hasAny(credentials)) {
        await this.client.putKey(form.name, {
          ...(form.apiKey ? { api_key: form.apiKey } : {}),
          ...(hasAny(credentials) ? { credentials } : {})
        });
      }
      await this.reload();
    });
  }

  async use(server: FoundServer): Promise<boolean> {
    const { name, kind, label, base_url } = server;
    return await this.save({ name, kind, label, baseUrl: base_url, apiKey: '', fields: {} });
  }

  async removeKey(name: string): Promise<boolean> {
    return await this.attempt(async () => {
      await this.client.deleteKey(name);
      await this.reload();
    });
  }

  /** Have every key forgotten that the person entered. */
  async removeAllKeys(): Promise<boolean> {
    return await this.attempt(async () => {
      await this.client.deleteAllKeys();
      await this.reload();
    });
  }

  async remove(name: string): Promise<boolean> {
    return await this.attempt(async () => {
      await this.client.deleteProvider(name);
      await this.reload();
    });
  }

  private fieldsOf(form: ProviderForm): readonly ProviderField[] {
    return this.kinds.find(kind => kind.kind === form.kind)?.fields ?? [];
  }

  private async reload(): Promise<void> {
    await Promise.all([this.load(), this.onChange()]);
  }

  private async attempt(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      this.error = null;
      return true;
    } catch (thrown) {
      this.error = errorInfo(thrown);
      return false;
    } finally {
      this.changed();
    }
  }
}

function hasAny(values: Readonly<Record<string, string>>): boolean {
  return Object.keys(values).length > 0;
}
