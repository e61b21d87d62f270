import type { ChatModel } from '../../model/chat';
import { Button } from '../controls';
import { useServices } from '../context';
import { useModel } from '../hooks';
import { counted } from '../../counts';

/** For a while after messages were deleted, a way to have them back. `onUndo`: the button goes away, and the keys with it. */
export function DeletedBar({ chat, onUndo }: { chat: ChatModel; onUndo?: () => void }) {
  const { trans } = useServices();
  const { removal } = useModel(chat);
  if (!removal) {
    return null;
  }
  return (
    <div className="jp-llmhub-undo" role="status" data-testid="llmhub-deleted">
      <span className="jp-llmhub-undo-words">
        {trans._n('Deleted one message', 'Deleted %1 messages', counted(removal.count))}
      </span>
      <Button
        testId="llmhub-undelete"
        onClick={() => {
          onUndo?.();
          void chat.undoRemoval();
        }}
      >
        {trans.__('Undo')}
      </Button>
    </div>
  );
}
