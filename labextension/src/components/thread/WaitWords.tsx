import { isRunning, type Node } from '../../model/node';
import { useServices } from '../context';

/** What an answer waits for, as long as nothing of it can be read. */
export function WaitWords({ node }: { node: Node }) {
  const { trans } = useServices();
  const { message, wait } = node;
  if (!isRunning(message) || (wait === null && message.parts.length > 0)) {
    return null;
  }
  const known: Record<string, string> = {
    connecting: trans.__('Connecting'),
    thinking: trans.__('Thinking'),
    'waiting for the Jupyter server': trans.__('Waiting for the Jupyter server')
  };
  const words = wait === null ? trans.__('Thinking') : (known[wait] ?? wait);
  return (
    <div className="jp-llmhub-wait" role="status">
      {words}
      <span className="jp-llmhub-dots" aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
    </div>
  );
}
