import type { ConversationSearch } from '../../model/search';
import { useServices } from '../context';
import { Button } from '../controls';

/** Why the list is empty. */
export function Nothing({ search }: { search: ConversationSearch }) {
  const { hub, trans, session } = useServices();
  const all = hub.conversations;
  const error = search.isPlain ? all.error : search.error;
  if (error) {
    return (
      <div className="jp-llmhub-empty" role="status">
        {error.message} {error.hint}
      </div>
    );
  }
  if (!search.isPlain) {
    return (
      <div className="jp-llmhub-empty" role="status">
        {search.isBehind ? trans.__('Loading…') : trans.__('There is nothing here.')}
        {search.scope.folder !== null && !search.isBehind && (
          <Button
            onClick={() => {
              session.newChat({ folder: search.scope.folder, temporary: false });
            }}
          >
            {trans.__('Begin a conversation in this folder')}
          </Button>
        )}
      </div>
    );
  }
  return all.isLoaded ? (
    <div className="jp-llmhub-empty">
      <p>{trans.__('No conversations yet. What you ask is kept here.')}</p>
      <Button
        onClick={() => {
          session.newChat();
        }}
      >
        {trans.__('Begin one')}
      </Button>
      <Button
        testId="llmhub-import-first"
        onClick={() => {
          hub.importFiles([]);
        }}
      >
        {trans.__('Import conversations…')}
      </Button>
    </div>
  ) : (
    <div className="jp-llmhub-empty">{trans.__('Loading…')}</div>
  );
}
