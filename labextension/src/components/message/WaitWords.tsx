import type { TranslationBundle } from '@jupyterlab/translation';

import { isRunning, type Node, type Wait } from '../../model/node';
import { useServices } from '../context';
import { errorWords } from './errorWords';
import { roundDuration } from './figures';

/** What an answer waits for, as long as nothing of it can be read. */
export function WaitWords({ node }: { node: Node }) {
  const { trans } = useServices();
  const { message, wait } = node;
  if (!isRunning(message) || (wait === null && message.parts.length > 0)) {
    return null;
  }
  const words = wait === null ? trans.__('Thinking') : waitWords(wait, trans);
  return (
    <div
      className="jp-llmhub-wait"
      // That it connects and thinks is what everybody expects.
      role={wait === null || wait.code === 'connecting' ? undefined : 'status'}
      data-testid="llmhub-wait"
    >
      {words}
      <span className="jp-llmhub-dots" aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
    </div>
  );
}

/** A wait in the language of the page; as the server says it where its code is not known here. */
export function waitWords({ code, text, details }: Wait, trans: TranslationBundle): string {
  const named = (name: string): string => {
    const value = details[name];
    return typeof value === 'string' ? value : '';
  };
  const time = (): string => roundDuration(Number(details['seconds'] ?? 0) * 1000, trans);
  switch (code) {
    case 'connecting':
      return trans.__('Connecting');
    case 'server':
      return trans.__('Waiting for the Jupyter server');
    case 'login':
      return trans.__('Waiting for you to log in');
    case 'rate_limit':
      return trans.__('Waiting %1 for the provider’s rate limit', time());
    case 'unwell':
      return trans.__('Waiting %1: “%2” is not well', time(), named('provider'));
    case 'falling_back':
      return trans.__('“%1” cannot answer now; asking “%2”', named('model'), named('next'));
    case 'answered_by':
      return trans.__('Answered by %1', named('model'));
    case 'shortened':
      return trans.__('The oldest messages do not fit into the model’s window and are left out');
    case 'compacting':
      return trans.__('Summarising the earlier messages, so that there is room');
    case 'compacted': {
      const count = Number(details['messages'] ?? 0);
      return trans._n('%1 earlier message is summarised', '%1 earlier messages are summarised', count);
    }
    case 'compaction_failed': {
      const error = { code: named('code'), message: named('message'), hint: '', details: {} };
      return trans.__(
        'The earlier messages could not be summarised. %1',
        errorWords(error, null, trans).title
      );
    }
    case 'not_stored': {
      const error = { code: named('code'), message: '', hint: '', details: {} };
      return trans.__(
        'The answer is not stored yet, it is tried again. %1',
        errorWords(error, null, trans).title
      );
    }
    default:
      return text;
  }
}
