import type { SendLarge } from '../api/wire';

/**
 * Send a body that is large enough for a person to want to know how far it is; `fetch` does not say.
 *
 * Rejects as `fetch` does: with a `TypeError` where nobody answers, with an `AbortError` when `signal` says so.
 */
export const sendLarge: SendLarge = (url, body, settings, options) =>
  new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', url);
    if (settings.token) {
      request.setRequestHeader('Authorization', `token ${settings.token}`);
    }
    // The last, where several paths have one: so does JupyterLab, and so reads the server.
    const xsrf = [...document.cookie.matchAll(/(?:^|; )_xsrf=([^;]*)/g)].at(-1)?.[1];
    if (xsrf !== undefined) {
      request.setRequestHeader('X-XSRFToken', xsrf);
    }
    request.upload.onprogress = ({ loaded, total, lengthComputable }) => {
      if (lengthComputable && total > 0) {
        options.sent(loaded / total);
      }
    };
    request.upload.onload = () => {
      options.sent(1);
    };
    request.onload = () => {
      resolve(new Response(request.responseText || null, { status: request.status }));
    };
    request.onerror = () => {
      reject(new TypeError('The request failed.'));
    };
    request.onabort = () => {
      reject(new DOMException('The request was taken back.', 'AbortError'));
    };
    if (options.signal.aborted) {
      request.onabort(new ProgressEvent('abort'));
      return;
    }
    options.signal.addEventListener('abort', () => {
      request.abort();
    });
    request.send(body);
  });
