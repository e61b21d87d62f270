import type { ErrorInfo, ModelInfo, ProviderInfo, ServerConfig } from '../api/schema';
import type { Client } from '../api/client';
import { errorInfo } from '../api/errors';
import { DEMO, Lookup, type ModelGroup } from './lookup';
import { Observable } from './observable';
import type { Storage } from './storage';

export type CatalogueClient = Pick<Client, 'models' | 'config' | 'updateSettings'>;

const LAST = 'llmhub:last-model';
const RECENT = 'llmhub:recent-models';
const SEVERAL = 'llmhub:several-models';
/** So many models used last are remembered. */
export const MOST_RECENT = 4;
/** A name without a provider is offered at so many of them. */
const MOST_MEANT = 4;

/** The models there are, and which one a new chat begins with. */
export class Catalogue extends Observable {
  models: readonly ModelInfo[] = [];
  config: ServerConfig | null = null;
  error: ErrorInfo | null = null;
  isLoaded = false;
  private loading: Promise<void> | null = null;
  private prepared = new Lookup([]);

  constructor(
    private readonly client: CatalogueClient,
    private readonly storage: Storage
  ) {
    super();
  }

  /** Ask the server; one question at a time. */
  load(): Promise<void> {
    this.loading ??= this.ask().finally(() => {
      this.loading = null;
    });
    return this.loading;
  }

  /** Ask anew, not content with an answer that is on its way already. */
  async reload(): Promise<void> {
    await this.loading;
    await this.load();
  }

  /** Whether something is switched on here for whoever asks; as long as nobody has said, it is. */
  has(feature: string): boolean {
    return this.config?.features[feature] ?? true;
  }

  get(id: string | null | undefined): ModelInfo | undefined {
    return id == null ? undefined : this.lookup.get(id);
  }

  /** What a model is called where there is room for a word or two. */
  label(id: string | null | undefined): string {
    return this.get(id)?.label ?? id?.slice(id.indexOf('/') + 1) ?? '';
  }

  get demo(): ModelInfo | undefined {
    return this.models.find(model => model.kind === DEMO);
  }

  /** Whether a real model can answer. */
  get isSetUp(): boolean {
    return this.models.some(model => model.available && model.kind !== DEMO);
  }

  /** The model for a new chat: the one used last, else the configured one, else the first that can answer. */
  get preferred(): string | null {
    const wanted = [this.storage.getItem(LAST), this.config?.default_model];
    const chosen = wanted.find(id => this.get(id)?.available);
    return chosen ?? this.models.find(model => model.available && model.kind !== DEMO)?.id ?? null;
  }

  prefer(id: string): void {
    this.storage.setItem(LAST, id);
    const recent = [id, ...this.recent.filter(one => one !== id)].slice(0, MOST_RECENT);
    this.storage.setItem(RECENT, JSON.stringify(recent));
    this.changed();
  }

  /** The models used last in this browser, the last one first. */
  get recent(): readonly string[] {
    return this.ids(RECENT);
  }

  /** The models that were asked together last. */
  get several(): readonly string[] {
    return this.ids(SEVERAL);
  }

  rememberSeveral(ids: readonly string[]): void {
    try {
      this.storage.setItem(SEVERAL, JSON.stringify(ids));
    } catch {
      // Without storage the next comparison begins with the model of the conversation.
    }
  }

  /** Models that have all words of `query` in what is said of them, by group or provider; those that can answer first. */
  find(query: string): readonly ModelGroup[] {
    return this.lookup.find(query);
  }

  /**
   * The models that somebody means who typed a name that no list has: `provider/name`, or the name at each provider that is set up.
   * They work as well as any other, if their provider knows them.
   */
  typed(query: string, providers: readonly ProviderInfo[]): ModelInfo[] {
    const name = query.trim();
    const usable = providers.filter(
      one => one.configured && one.kind !== DEMO && (one.has_key || !one.needs_key)
    );
    const slash = name.indexOf('/');
    const named = usable.filter(
      one => slash > 0 && slash < name.length - 1 && one.name === name.slice(0, slash)
    );
    const meant = named.length > 0 ? named : usable.slice(0, MOST_MEANT);
    if (name === '' || /\s/.test(name) || name.endsWith('/')) {
      return [];
    }
    return meant
      .map(one => unlisted(named.length > 0 ? name : `${one.name}/${name}`, one))
      .filter(({ id }) => !this.get(id));
  }

  private get lookup(): Lookup {
    if (this.prepared.models !== this.models) {
      this.prepared = new Lookup(this.models);
    }
    return this.prepared;
  }

  private ids(key: string): readonly string[] {
    try {
      const ids: unknown = JSON.parse(this.storage.getItem(key) ?? '[]');
      return Array.isArray(ids) ? ids.filter(id => typeof id === 'string') : [];
    } catch {
      return [];
    }
  }

  private async ask(): Promise<void> {
    try {
      const [models, config] = await Promise.all([this.client.models(), this.client.config()]);
      this.models = models.items;
      this.config = config;
      this.error = null;
      this.isLoaded = true;
    } catch (thrown) {
      this.error = errorInfo(thrown);
    }
    this.changed();
  }
}

function unlisted(id: string, provider: ProviderInfo): ModelInfo {
  return {
    id,
    label: id,
    provider: provider.name,
    kind: provider.kind,
    available: true,
    capabilities: [],
    local: provider.local,
    sure: false
  };
}
