import type { ErrorInfo } from './schema';

/** Codes that are made here, because no server answered. */
export const OFFLINE = 'offline';
export const LOGGED_OUT = 'logged_out';
export const UNREADABLE = 'unreadable_answer';

/** The server's: the request lacks the token that a page of its own sends. */
export const XSRF = 'xsrf';

/** The server's: as much is spent as the person wanted to spend. */
export const OVER_CEILING = 'quota_exceeded';

/** What the server said no with: its code, words and hint, or ours where no server answered. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly hint = '',
    readonly details: Record<string, unknown> = {}
  ) {
    super(message);
  }

  /** Nobody answered: the same request may well succeed when the connection is back. */
  get isOffline(): boolean {
    return this.code === OFFLINE;
  }

  /** The login is over: the same request may well succeed after another one. */
  get isLoggedOut(): boolean {
    return this.code === LOGGED_OUT;
  }

  get info(): ErrorInfo {
    return { code: this.code, message: this.message, hint: this.hint, details: this.details };
  }
}

/** Any thrown thing as words for a person. */
export function errorInfo(thrown: unknown): ErrorInfo {
  if (thrown instanceof ApiError) {
    return thrown.info;
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return { code: 'internal', message, hint: '', details: {} };
}

/** `{"error": {...}}` as the contract has it, or undefined for any other body. */
export function readError(body: unknown): ErrorInfo | undefined {
  if (typeof body !== 'object' || body === null || !('error' in body)) {
    return undefined;
  }
  const error = body.error;
  if (typeof error !== 'object' || error === null || !('code' in error) || !('message' in error)) {
    return undefined;
  }
  const { code, message, hint, details } = error as Partial<ErrorInfo>;
  return { code: String(code), message: String(message), hint: hint ?? '', details: details ?? {} };
}
