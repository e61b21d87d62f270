/** Shapes around the generated ones: what the schema cannot say in one name. */
import type { FoundServer, ProviderInfo, ProviderKind, SearchHit, SearchNote, UserMessage } from './schema';

/** Part of a list; `next` is the cursor of what follows. */
export interface Page<T> {
  items: T[];
  next: string | null;
}

/** What was found. */
export interface SearchHits extends Page<SearchHit> {
  notes: SearchNote[];
  /** Messages of an old database that are not found yet. */
  unindexed: number;
}

/** A part that a person may send. */
export type UserPart = UserMessage['parts'][number];

export interface Providers {
  items: ProviderInfo[];
  kinds: ProviderKind[];
}

export interface FoundServers {
  items: FoundServer[];
}

/** Which requests: those of a time, of a model, ... Times are RFC 3339. */
export interface UsageQuery {
  readonly since?: string;
  readonly until?: string;
  readonly model?: string;
  readonly source?: string;
  readonly conversation_id?: string;
}

/** What an export holds, and how; `only`, `prompts` and `answers` are a notebook's. */
export interface ExportQuery {
  readonly format: 'ipynb' | 'json' | 'md' | 'html';
  /** The branch that ends at this message; left out: the one that is shown. */
  readonly leaf?: string;
  readonly branches?: 'path' | 'all';
  readonly only?: 'code';
  readonly prompts?: 'hidden';
  readonly answers?: 'magics';
}

/** Which conversations, and in which order; all conditions hold together. */
export interface ConversationQuery {
  readonly query?: string;
  readonly folder_id?: string;
  readonly subfolders?: boolean;
  readonly tag?: string;
  readonly pinned?: boolean;
  readonly archived?: boolean;
  readonly unread?: boolean;
  readonly running?: boolean;
  readonly model?: string;
  readonly sort?: 'used' | 'created' | 'title';
  readonly pinned_first?: boolean;
  readonly limit?: number;
  readonly cursor?: string | null;
}
