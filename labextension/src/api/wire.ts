import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import { ApiError, LOGGED_OUT, OFFLINE, readError, UNREADABLE, XSRF } from './errors';

export type SendLarge = (
  url: string,
  body: FormData,
  settings: Pick<ServerConnection.ISettings, 'token'>,
  options: { signal: AbortSignal; sent: (share: number) => void }
) => Promise<Response>;

type Query = Record<string, string | number | boolean | null | undefined>;

/**
 * How the server is asked, and how it answers. It holds no state and repeats nothing by itself, but what was refused before
 * anything was done. Every failure is an `ApiError`, also when nobody answers.
 */
export class Wire {
  private readonly accessListeners = new Set<(isIn: boolean) => void>();

  /** `sendLarge` sends a form and says how much of it is there, which `fetch` cannot. */
  constructor(
    readonly settings: ServerConnection.ISettings,
    protected readonly sendLarge?: SendLarge
  ) {}

  /** Told after each answer: whether it was given to somebody who is logged in. Other refusals tell nothing. */
  onAccess(listener: (isIn: boolean) => void): () => void {
    this.accessListeners.add(listener);
    return () => this.accessListeners.delete(listener);
  }

  protected url(path: string): string {
    return URLExt.join(this.settings.baseUrl, 'llmhub/api', path);
  }

  protected get<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
    const known = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
    const search = known.length
      ? `?${new URLSearchParams(known.map(([key, value]) => [key, String(value)]))}`
      : '';
    return this.ask('GET', path, signal ? { signal } : {}, search);
  }

  protected send<T>(method: string, path: string, body?: object, signal?: AbortSignal): Promise<T> {
    const init: RequestInit = body ? { body: JSON.stringify(body) } : {};
    return this.ask(method, path, { ...init, signal });
  }

  protected ask<T>(method: string, path: string, init: RequestInit, search = ''): Promise<T> {
    return this.answered(() => this.fetch(method, path, init, search));
  }

  protected async answered<T>(request: () => Promise<Response>): Promise<T> {
    try {
      const answer = await readOrAgain(request);
      this.tellAccess(true);
      return answer as T;
    } catch (thrown) {
      if (thrown instanceof ApiError && thrown.isLoggedOut) {
        this.tellAccess(false);
      }
      throw thrown;
    }
  }

  private tellAccess(isIn: boolean): void {
    this.accessListeners.forEach(listener => {
      listener(isIn);
    });
  }

  protected async fetch(method: string, path: string, init: RequestInit, search = ''): Promise<Response> {
    try {
      // "no-store" would make Jupyter put a time stamp into the query, which the server refuses as unknown.
      // A redirect leads to a login page, perhaps on another site: it is not followed.
      const request = { ...init, method, cache: 'no-cache', redirect: 'manual' } as const;
      return await ServerConnection.makeRequest(this.url(path) + search, request, this.settings);
    } catch (thrown) {
      return unreached(thrown);
    }
  }
}

/** Nobody answered, unless the request was taken back. */
export function unreached(thrown: unknown): never {
  if (thrown instanceof DOMException && thrown.name === 'AbortError') {
    throw thrown;
  }
  throw new ApiError(0, OFFLINE, 'The Jupyter server cannot be reached.', 'Is it still running?');
}

/**
 * A login may outlive its XSRF cookie: another tab logged in anew, or a browser cleared it. The server refuses before it does
 * anything, and gives a new cookie along.
 */
async function readOrAgain(request: () => Promise<Response>): Promise<unknown> {
  try {
    return await read(await request());
  } catch (thrown) {
    if (thrown instanceof ApiError && thrown.status === 403 && thrown.code === XSRF) {
      return await read(await request());
    }
    throw thrown;
  }
}

export async function read(response: Response): Promise<unknown> {
  if (response.type === 'opaqueredirect') {
    throw loggedOut(response.status);
  }
  const text = await response.text();
  const body = parse(text);
  if (response.ok) {
    if (body === undefined && text) {
      throw new ApiError(response.status, UNREADABLE, 'The server answered with something that is not JSON.');
    }
    return body;
  }
  const error = readError(body);
  const isRefused = response.status === 403 && (error === undefined || error.details['logged_in'] === false);
  if (response.status === 401 || isRefused) {
    throw loggedOut(response.status);
  }
  if (error) {
    throw new ApiError(response.status, error.code, error.message, error.hint, error.details);
  }
  if ([502, 503, 504].includes(response.status)) {
    // A proxy in front of the server (JupyterHub's, nginx) says that nobody is behind it.
    throw new ApiError(
      response.status,
      OFFLINE,
      'The Jupyter server cannot be reached.',
      'Is it still running?'
    );
  }
  throw new ApiError(
    response.status,
    `http_${response.status}`,
    words(response, body),
    response.status === 404 ? 'Is the llmhub server extension enabled?' : ''
  );
}

function loggedOut(status: number): ApiError {
  return new ApiError(status, LOGGED_OUT, 'You are logged out.', 'Log in again.');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function words(response: Response, body: unknown): string {
  if (typeof body === 'object' && body !== null && 'message' in body && typeof body.message === 'string') {
    return body.message;
  }
  return `The server answered ${response.status} ${response.statusText}`.trim() + '.';
}
