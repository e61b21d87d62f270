import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';

import { Client } from '../api/client';
import { EventStream } from '../api/stream';
import { Hub } from '../model/hub';
import { ILLMHub } from '../tokens';
import { sendLarge } from './upload';

/** What arrives is drawn not more often than this: nobody reads faster. */
const INTERVAL_MS = 30;
const HIDDEN_MS = 200;

/** The models and their way to the server. Nothing is asked of it before the panel is shown. */
export const hubPlugin: JupyterFrontEndPlugin<ILLMHub> = {
  id: '@llmhub/lab:hub',
  description: 'Keeps the conversations, models and providers of llmhub for this page.',
  autoStart: true,
  provides: ILLMHub,
  activate: (app: JupyterFrontEnd): ILLMHub => {
    const settings = app.serviceManager.serverSettings;
    const client = new Client(settings, sendLarge);
    const stream = new EventStream({
      url: () => client.streamUrl(),
      openSocket: url => new settings.WebSocket(url)
    });
    const hub = new Hub({ client, stream, storage: () => window.localStorage, schedule: beforeLong });
    window.addEventListener('online', () => {
      hub.poke();
    });
    window.addEventListener('focus', () => {
      hub.welcomeBack();
    });
    document.addEventListener('visibilitychange', () => {
      hub.setPageShown(document.visibilityState === 'visible');
    });
    greetOtherPages(() => {
      hub.hurry();
    });
    window.addEventListener('storage', ({ key }) => {
      if (key !== null) {
        hub.hear(key, document.hasFocus());
      }
    });
    window.addEventListener('pagehide', () => {
      hub.leavePage();
    });
    return hub;
  }
};

/** A page that opens can reach the server: the others of this browser may try again at once. */
function greetOtherPages(onGreeting: () => void): void {
  const channel = new BroadcastChannel('llmhub');
  channel.onmessage = onGreeting;
  channel.postMessage('here');
}

/** Draw at once what comes after a pause, and not more often than anybody reads; in a page that is not shown, now and then. */
function beforeLong(flush: () => void, since: number): void {
  if (document.visibilityState === 'hidden') {
    setTimeout(flush, HIDDEN_MS);
  } else if (since >= INTERVAL_MS) {
    // When all that has arrived together is there.
    queueMicrotask(flush);
  } else {
    setTimeout(flush, INTERVAL_MS - since);
  }
}
