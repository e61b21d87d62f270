import { useServices } from './context';
import { Button } from './controls';
import { useModel } from './hooks';

/** For a while after a conversation was deleted, a way to have it back. */
export function UndoBar() {
  const { hub, trans } = useServices();
  const { removal } = useModel(hub.conversations);
  if (!removal) {
    return null;
  }
  return (
    <div className="jp-llmhub-undo" role="status" data-testid="llmhub-undo">
      <span className="jp-llmhub-undo-words">
        {trans.__('Deleted “%1”', removal.title ?? trans.__('New chat'))}
      </span>
      <Button
        onClick={() => {
          hub.undoDeletion();
        }}
      >
        {trans.__('Undo')}
      </Button>
    </div>
  );
}
