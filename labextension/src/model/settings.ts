import type { ErrorInfo, OwnSetting, ServerConfig, SettingsChanges } from '../api/schema';
import type { Client } from '../api/client';
import { errorInfo } from '../api/errors';
import type { Catalogue } from './catalogue';
import { Observable } from './observable';

/** What a setting can be. Null: it is taken away, and what is inherited holds. */
export type Value = string | number | boolean | null;

/** The user's own part of the server's settings, and the changing of it. What holds stands in the catalogue's configuration. */
export class UserSettings extends Observable {
  /** The settings that are being stored. */
  readonly saving = new Set<string>();
  /** Why a setting was not taken, by its key. */
  readonly problems = new Map<string, ErrorInfo>();

  /** The notices, by their words, that the person has waved away. */
  readonly dismissed = new Set<string>();

  constructor(
    private readonly client: Pick<Client, 'updateSettings'>,
    private readonly catalogue: Catalogue
  ) {
    super();
  }

  get config(): ServerConfig | null {
    return this.catalogue.config;
  }

  get own(): readonly OwnSetting[] {
    return this.config?.own ?? [];
  }

  /** Store a value. True when the server has taken it. */
  async set(key: string, value: Value): Promise<boolean> {
    this.saving.add(key);
    this.problems.delete(key);
    this.changed();
    try {
      await this.client.updateSettings(nested(key, value));
      await this.catalogue.reload();
    } catch (thrown) {
      this.problems.set(key, errorInfo(thrown));
    }
    this.saving.delete(key);
    this.changed();
    return !this.problems.has(key);
  }

  dismiss(words: string): void {
    this.dismissed.add(words);
    this.changed();
  }

  /** Whoever edits goes on: what was wrong is no longer said. */
  forgive(key: string): void {
    if (this.problems.delete(key)) {
      this.changed();
    }
  }
}

/** `limits.day` and 3 as `{limits: {day: 3}}`. */
function nested(key: string, value: Value): SettingsChanges {
  return key.split('.').reduceRight<unknown>((inner, name) => ({ [name]: inner }), value) as SettingsChanges;
}

/** Where a value came from. */
export type Origin =
  | { readonly kind: 'default' | 'host' | 'user' }
  | { readonly kind: 'file'; readonly path: string; readonly line: string | null }
  | { readonly kind: 'environment'; readonly name: string };

/** The server's word for an origin ("file /etc/llmhub.yaml:3"), taken apart. */
export function originOf(source: string): Origin {
  const [kind = '', rest = ''] = /^(\S+) ?(.*)$/.exec(source)?.slice(1) ?? [];
  switch (kind) {
    case 'file': {
      const [, path = rest, line = null] = /^(.*?)(?::(\d+))?$/.exec(rest) ?? [];
      return { kind, path, line };
    }
    case 'environment':
      return { kind, name: rest };
    case 'host':
    case 'user':
      return { kind };
    default:
      return { kind: 'default' };
  }
}
