import type { TranslationBundle } from '@jupyterlab/translation';

import { isRunning, type Node } from '../../model/node';
import { useServices } from '../context';

/** What an answer waits for, as long as nothing of it can be read. */
export function WaitWords({ node }: { node: Node }) {
  const { trans } = useServices();
  const { message, wait } = node;
  if (!isRunning(message) || (wait === null && message.parts.length > 0)) {
    return null;
  }
  const words = wait === null ? trans.__('Thinking') : waitWords(wait, trans);
  return (
    <div className="jp-llmhub-wait" role="status" data-testid="llmhub-wait">
      {words}
      <span className="jp-llmhub-dots" aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
    </div>
  );
}

/** The server's words for a wait in the language of the page; as they stand where they are not known. */
export function waitWords(said: string, trans: TranslationBundle): string {
  const known: Record<string, string> = {
    connecting: trans.__('Connecting'),
    thinking: trans.__('Thinking'),
    'waiting for the Jupyter server': trans.__('Waiting for the Jupyter server'),
    'waiting for the login': trans.__('Waiting for you to log in')
  };
  const limit = /^waiting (.+): the provider's rate limit$/.exec(said)?.[1];
  if (limit !== undefined) {
    return trans.__('Waiting %1 for the provider’s rate limit', limit);
  }
  const [, time, who] = /^waiting (.+): '(.*)', which is not well$/.exec(said) ?? [];
  if (time !== undefined && who !== undefined) {
    return trans.__('Waiting %1: “%2” is not well', time, who);
  }
  const [, away, next] = /^'(.*)' cannot answer now; asking '(.*)'$/.exec(said) ?? [];
  if (away !== undefined && next !== undefined) {
    return trans.__('“%1” cannot answer now; asking “%2”', away, next);
  }
  const other = /^answered by (.+)$/.exec(said)?.[1];
  if (other !== undefined) {
    return trans.__('Answered by %1', other);
  }
  return known[said] ?? said;
}
