import { URLExt } from '@jupyterlab/coreutils';

import type {
  CeilingChanges,
  Ceilings,
  CompletionPiece,
  CompletionRequest,
  ContextCount,
  Conversation,
  ConversationChanges,
  ConversationDraft,
  ConversationUsage,
  CopyStart,
  Exchanges,
  Folder,
  FolderChanges,
  FolderStart,
  ForkStart,
  Head,
  ExportAccepted,
  ImportAccepted,
  ImportPreview,
  Job,
  ManyDone,
  ManyRequest,
  Mention,
  Message,
  MessageChanges,
  MessageDraft,
  ModelInfo,
  Parameter,
  Preset,
  PresetChanges,
  PresetStart,
  ProviderChanges,
  ProviderKey,
  ProviderTest,
  ProviderVerdict,
  RatedAnswer,
  Run,
  RunAccepted,
  RunEvent,
  RunRequest,
  ServerConfig,
  SettingsChanges,
  StarredMessage,
  StoredFile,
  Summaries,
  Summary,
  SummaryChanges,
  SummaryDraft,
  TagCount,
  TreeNode,
  UsageReport,
  UsageTotal
} from './schema';
import type {
  ConversationQuery,
  ExportQuery,
  FoundServers,
  Page,
  Providers,
  SearchHits,
  UsageQuery
} from './types';
import { ApiError } from './errors';
import { linesOf } from './lines';
import { read, unreached, Wire } from './wire';

/** The routes of the server, one method each. */
export class Client extends Wire {
  // ---- conversations

  conversations(query: ConversationQuery = {}): Promise<Page<Conversation>> {
    return this.get('conversations', { ...query });
  }

  createConversation(body: Partial<ConversationDraft>): Promise<Conversation> {
    return this.send('POST', 'conversations', body);
  }

  conversation(id: string): Promise<Conversation> {
    return this.get(`conversations/${id}`);
  }

  updateConversation(id: string, changes: ConversationChanges): Promise<Conversation> {
    return this.send('PATCH', `conversations/${id}`, changes);
  }

  /** It arrives also when the page that asks for it goes away meanwhile. */
  async deleteConversation(id: string): Promise<void> {
    await this.ask('DELETE', `conversations/${id}`, { keepalive: true });
  }

  /** What was said, and titles, the best first. `q` is a query as people type it; with a conversation: what was said there. */
  search(
    query: { q: string; limit?: number; cursor?: string | null; zone?: string; conversation_id?: string },
    signal?: AbortSignal
  ): Promise<SearchHits> {
    return this.get('search', query, signal);
  }

  /** Where a text stands on a path, letter by letter; without `leaf` on the one that is shown. */
  mentions(id: string, query: { q: string; leaf?: string }, signal?: AbortSignal): Promise<Page<Mention>> {
    return this.get(`conversations/${id}/mentions`, query, signal);
  }

  /** Change or delete many at once. It arrives also when the page goes away meanwhile. */
  changeMany(body: ManyRequest): Promise<ManyDone> {
    const init = { body: JSON.stringify(body), keepalive: body.delete === true };
    return this.ask('POST', 'conversations/bulk', init);
  }

  folders(): Promise<Page<Folder>> {
    return this.get('folders');
  }

  createFolder(body: FolderStart): Promise<Folder> {
    return this.send('POST', 'folders', body);
  }

  updateFolder(id: string, changes: FolderChanges): Promise<Folder> {
    return this.send('PATCH', `folders/${id}`, changes);
  }

  /** What is in it goes up to the folder above, or is deleted too. */
  async deleteFolder(id: string, contents: 'move' | 'delete'): Promise<void> {
    await this.ask('DELETE', `folders/${id}`, { keepalive: true }, `?contents=${contents}`);
  }

  tags(): Promise<Page<TagCount>> {
    return this.get('tags');
  }

  /** Gives all tags. */
  renameTag(tag: string, name: string): Promise<Page<TagCount>> {
    return this.send('PATCH', 'tags', { tag, name });
  }

  /** Gives all tags. */
  deleteTag(tag: string): Promise<Page<TagCount>> {
    return this.ask('DELETE', 'tags', {}, `?tag=${encodeURIComponent(tag)}`);
  }

  messages(
    id: string,
    query: { leaf?: string; limit?: number; cursor?: string } = {}
  ): Promise<Page<Message>> {
    return this.get(`conversations/${id}/messages`, query);
  }

  /** Every message without its body; with `excerpts` also its first words. */
  tree(id: string, query: { excerpts?: boolean } = {}): Promise<Page<TreeNode>> {
    return this.get(`conversations/${id}/tree`, query);
  }

  /** Save a message as a new branch; no model is asked. */
  saveMessage(conversationId: string, body: MessageDraft): Promise<Message> {
    return this.send('POST', `conversations/${conversationId}/messages`, body);
  }

  /** Take a message away, with everything beneath it. */
  deleteMessage(conversationId: string, messageId: string): Promise<Head> {
    return this.send('DELETE', `conversations/${conversationId}/messages/${messageId}`);
  }

  /** Bring back what `deleteMessage` took away. */
  restoreMessage(conversationId: string, messageId: string): Promise<Head> {
    return this.send('POST', `conversations/${conversationId}/messages/${messageId}/restore`);
  }

  /** A new conversation with a part of this one's messages. */
  fork(conversationId: string, body: ForkStart): Promise<Conversation> {
    return this.send('POST', `conversations/${conversationId}/fork`, body);
  }

  /** A copy of a conversation with all its branches. */
  duplicate(conversationId: string, body: CopyStart): Promise<Conversation> {
    return this.send('POST', `conversations/${conversationId}/duplicate`, body);
  }

  /** Starred messages of all conversations, those starred last first. */
  stars(query: { limit?: number; cursor?: string } = {}): Promise<Page<StarredMessage>> {
    return this.get('stars', query);
  }

  /** Rated answers with their questions, in the order of the answers. `ratings?format=csv` is a download. */
  ratings(query: { limit?: number; cursor?: string } = {}): Promise<Page<RatedAnswer>> {
    return this.get('ratings', query);
  }

  /** Pin or star a message, or rate an answer. */
  changeMessage(conversationId: string, messageId: string, changes: MessageChanges): Promise<Message> {
    return this.send('PATCH', `conversations/${conversationId}/messages/${messageId}`, changes);
  }

  // ---- summaries

  summaries(conversationId: string): Promise<Summaries> {
    return this.get(`conversations/${conversationId}/summaries`);
  }

  /** Fold all turns but the last; answers when that is done, which a model takes a while for. */
  makeSummary(conversationId: string, body: SummaryDraft): Promise<Summary> {
    return this.send('POST', `conversations/${conversationId}/summaries`, body);
  }

  async stopSummary(conversationId: string): Promise<void> {
    await this.send('POST', `conversations/${conversationId}/summaries/stop`);
  }

  changeSummary(conversationId: string, id: string, changes: SummaryChanges): Promise<Summary> {
    return this.send('PATCH', `conversations/${conversationId}/summaries/${id}`, changes);
  }

  // ---- in and out

  /** A conversation as the text of a file. */
  async exportConversation(id: string, query: ExportQuery): Promise<string> {
    const search = URLExt.objectToQueryString({ ...query });
    const response = await this.fetch('GET', `conversations/${encodeURIComponent(id)}/export`, {}, search);
    if (!response.ok) {
      await read(response);
    }
    return await response.text();
  }

  /** Announce an export of everything; its run says how far it is, and `exportAllUrl` fetches it. */
  announceExport(query: ExportQuery): Promise<ExportAccepted> {
    return this.send('POST', 'export', query);
  }

  /** Where a browser downloads all conversations as a zip; the page's cookie opens it. */
  exportAllUrl(query: ExportQuery | { run_id: string }): string {
    const { appendToken, token } = this.settings;
    return (
      this.url('export') +
      URLExt.objectToQueryString({ ...query, ...(appendToken && token ? { token } : {}) })
    );
  }

  /** The imports and exports that are going on. */
  jobs(): Promise<{ items: Job[] }> {
    return this.get('jobs');
  }

  /** Bring in a file at once; gives the run that does it. */
  async importFile(file: File): Promise<string> {
    const body = new FormData();
    body.append('file', file, file.name);
    const { run_id } = await this.ask<{ run_id: string }>('POST', 'import', { body });
    return run_id;
  }

  /** The last event of a run, when it has come. */
  async outcome(runId: string): Promise<Extract<RunEvent, { type: 'run.finished' }> | null> {
    const response = await this.fetch('GET', `runs/${encodeURIComponent(runId)}/events`, {});
    if (!response.ok) {
      await read(response);
    }
    for (const line of (await response.text()).split('\n').reverse()) {
      const event = line.startsWith('data: ') ? (JSON.parse(line.slice(6)) as RunEvent) : null;
      if (event?.type === 'run.finished') {
        return event;
      }
    }
    return null;
  }

  /** Send a file and hear what would come in; `sent` hears which share of it is there. */
  lookAtImport(file: File, signal: AbortSignal, sent: (share: number) => void): Promise<ImportPreview> {
    const body = new FormData();
    body.append('file', file, file.name);
    const { sendLarge, settings } = this;
    if (!sendLarge) {
      return this.ask('POST', 'import', { body, signal }, '?dry_run=true');
    }
    const url = `${this.url('import')}?dry_run=true`;
    return this.answered(() => sendLarge(url, body, settings, { signal, sent }).catch(unreached));
  }

  /** Bring in what was looked at. */
  startImport(
    uploadId: string,
    query: { folder_id?: string | null; client_request_id: string }
  ): Promise<ImportAccepted> {
    const { folder_id, client_request_id } = query;
    const search = new URLSearchParams({ upload_id: uploadId, client_request_id });
    if (folder_id) {
      search.set('folder_id', folder_id);
    }
    return this.ask('POST', 'import', {}, `?${search}`);
  }

  // ---- runs

  startRun(conversationId: string, body: RunRequest): Promise<RunAccepted> {
    return this.send('POST', `conversations/${conversationId}/runs`, body);
  }

  /** The runs that are going on. */
  activeRuns(): Promise<Page<Run>> {
    return this.get('runs', { active: true });
  }

  run(id: string): Promise<Run> {
    return this.get(`runs/${id}`);
  }

  stopRun(id: string): Promise<Run> {
    return this.send('POST', `runs/${id}/stop`);
  }

  /** What went to providers and came back; an `exchange_gone` error when the server keeps it no longer. */
  exchange(runId: string): Promise<Exchanges> {
    return this.get(`runs/${runId}/exchange`);
  }

  // ---- models and providers

  models(): Promise<Page<ModelInfo>> {
    return this.get('models');
  }

  /** What a model takes, with ranges and defaults. */
  parameters(model: string): Promise<Page<Parameter>> {
    return this.get('parameters', { model });
  }

  presets(): Promise<Page<Preset>> {
    return this.get('presets');
  }

  savePreset(body: PresetStart): Promise<Preset> {
    return this.send('POST', 'presets', body);
  }

  updatePreset(id: string, changes: PresetChanges): Promise<Preset> {
    return this.send('PATCH', `presets/${id}`, changes);
  }

  async deletePreset(id: string): Promise<void> {
    await this.send('DELETE', `presets/${id}`);
  }

  providers(): Promise<Providers> {
    return this.get('providers');
  }

  async putProvider(name: string, body: ProviderChanges): Promise<void> {
    await this.send('PUT', `providers/${encodeURIComponent(name)}`, body);
  }

  async deleteProvider(name: string): Promise<void> {
    await this.send('DELETE', `providers/${encodeURIComponent(name)}`);
  }

  /** A key, or the secret fields of the provider's kind. */
  async putKey(name: string, key: ProviderKey): Promise<void> {
    await this.send('PUT', `providers/${encodeURIComponent(name)}/key`, key);
  }

  async deleteKey(name: string): Promise<void> {
    await this.send('DELETE', `providers/${encodeURIComponent(name)}/key`);
  }

  async deleteAllKeys(): Promise<void> {
    await this.send('DELETE', 'keys');
  }

  testProvider(name: string, body: ProviderTest, signal?: AbortSignal): Promise<ProviderVerdict> {
    return this.send('POST', `providers/${encodeURIComponent(name)}/test`, body, signal);
  }

  discover(): Promise<FoundServers> {
    return this.send('POST', 'providers/discover', {});
  }

  /** What belongs where the cursor stands in code, piece by piece. Throws an `ApiError`, also after the first words. */
  async *complete(code: CompletionRequest, signal: AbortSignal): AsyncGenerator<string> {
    const response = await this.fetch('POST', 'completion', { body: JSON.stringify(code), signal });
    if (!response.ok || !response.body) {
      await this.answered(() => Promise.resolve(response.clone()));
      return;
    }
    for await (const line of linesOf(response.body)) {
      const { text, error } = (line ? JSON.parse(line) : {}) as Partial<CompletionPiece>;
      if (error) {
        throw new ApiError(response.status, error.code, error.message, error.hint, error.details);
      }
      if (text) {
        yield text;
      }
    }
  }

  // ---- the rest

  config(): Promise<ServerConfig> {
    return this.get('config');
  }

  /** Times as `Date.toISOString` writes them. */
  usage(query: { since?: string; until?: string } = {}): Promise<UsageTotal> {
    return this.get('usage', query);
  }

  usageReport(query: UsageQuery & { zone?: string; by?: string } = {}): Promise<UsageReport> {
    return this.get('usage/report', { ...query });
  }

  /** Every request that was paid for, as CSV. */
  usageTableUrl(query: UsageQuery = {}): string {
    const { appendToken, token } = this.settings;
    const known = Object.entries({ ...query, ...(appendToken && token ? { token } : {}) });
    return this.url('usage/csv') + URLExt.objectToQueryString(Object.fromEntries(known));
  }

  /** Where all ratings can be downloaded as CSV. */
  ratingsTableUrl(): string {
    const { appendToken, token } = this.settings;
    const known = { format: 'csv', ...(appendToken && token ? { token } : {}) };
    return this.url('ratings') + URLExt.objectToQueryString(known);
  }

  conversationUsage(id: string, query: { leaf?: string } = {}): Promise<ConversationUsage> {
    return this.get(`conversations/${id}/usage`, query);
  }

  /** What the next request of a conversation would hold. */
  context(id: string, query: { leaf?: string; model?: string } = {}): Promise<ContextCount> {
    return this.get(`conversations/${id}/context`, query);
  }

  ceilings(): Promise<Ceilings> {
    return this.get('usage/ceilings');
  }

  setCeilings(changes: CeilingChanges): Promise<Ceilings> {
    return this.send('PATCH', 'usage/ceilings', changes);
  }

  /** The notice that a ceiling is near is known, in every browser of the person. */
  sawCeilings(): Promise<Ceilings> {
    return this.send('POST', 'usage/ceilings/seen');
  }

  async updateSettings(changes: SettingsChanges): Promise<void> {
    await this.send('PATCH', 'settings', changes);
  }

  async upload(file: Blob, name: string, { isTemporary = false } = {}): Promise<StoredFile> {
    const init = {
      body: file,
      headers: {
        'Content-Type': file.type || 'application/octet-stream',
        'X-File-Name': encodeURIComponent(name)
      }
    };
    return await this.ask('POST', 'files', init, isTemporary ? '?temporary=true' : '');
  }

  /** A stored file that is text. */
  async fileText(id: string): Promise<string> {
    const response = await this.fetch('GET', `files/${encodeURIComponent(id)}`, {});
    if (!response.ok) {
      await read(response);
    }
    return await response.text();
  }

  /** Where a browser finds a stored file; the page's cookie opens it. */
  fileUrl(id: string): string {
    const { appendToken, token } = this.settings;
    const query = appendToken && token ? URLExt.objectToQueryString({ token }) : '';
    return this.url(`files/${encodeURIComponent(id)}`) + query;
  }

  streamUrl(): string {
    const { wsUrl, appendToken, token } = this.settings;
    const query = appendToken && token ? URLExt.objectToQueryString({ token }) : '';
    return URLExt.join(wsUrl, 'llmhub/api/stream') + query;
  }

  /** A page that is shown after a login, and leads to it until then. */
  get loginUrl(): string {
    return this.settings.baseUrl;
  }
}
