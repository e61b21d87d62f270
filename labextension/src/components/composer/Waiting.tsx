import { closeIcon, editIcon } from '@jupyterlab/ui-components';

import { sendIcon } from '../../icons';
import type { Queued } from '../../model/queue';
import { useServices } from '../context';
import { IconButton } from '../controls';
import { useModel } from '../hooks';
import { standingWords } from './words';

/** What was sent while an answer is being written: it waits above the composer, in order. */
export function Waiting() {
  const { hub, trans, session } = useServices();
  useModel(hub.queue);
  useModel(session);
  useModel(session.chat);
  const { waiting } = session.outbox;
  if (waiting.length === 0) {
    return null;
  }
  const why = standingWords(session.outbox.standing, trans);
  return (
    <section
      className="jp-llmhub-queue"
      aria-label={trans.__('Waiting to be sent')}
      data-testid="llmhub-queue"
    >
      {why !== null && (
        <div className="jp-llmhub-queue-why" role="status" data-testid="llmhub-queue-why">
          {why}
        </div>
      )}
      <ol>
        {waiting.map(item => (
          <WaitingMessage key={item.id} item={item} />
        ))}
      </ol>
    </section>
  );
}

function WaitingMessage({ item }: { item: Queued }) {
  const { hub, trans, session } = useServices();
  const extras = [
    item.files.length > 0 && trans._n('%1 attachment', '%1 attachments', item.files.length),
    ...item.models.map(model => hub.catalogue.label(model))
  ].filter(Boolean);
  return (
    <li className="jp-llmhub-queued" data-testid="llmhub-queued">
      <span className="jp-llmhub-queued-text">{item.text.trim() || trans.__('(no words)')}</span>
      {extras.length > 0 && <span className="jp-llmhub-queued-extras">{extras.join(' · ')}</span>}
      <IconButton
        icon={sendIcon}
        label={trans.__('Send now: the answer that is being written stops and stays')}
        testId="llmhub-queued-now"
        onClick={() => {
          session.outbox.sendNow(item.id);
        }}
      />
      <IconButton
        icon={editIcon}
        label={trans.__('Back into the composer')}
        testId="llmhub-queued-edit"
        onClick={() => {
          session.writing.takeBack(item.id);
        }}
      />
      <IconButton
        icon={closeIcon}
        label={trans.__('Delete')}
        testId="llmhub-queued-delete"
        onClick={() => {
          hub.queue.remove(item.id);
        }}
      />
    </li>
  );
}
