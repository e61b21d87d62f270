import type { TranslationBundle } from '@jupyterlab/translation';

import type { Done } from '../model/filing';
import { useServices } from './context';
import { Button } from './controls';
import { useModel } from './hooks';
import { counted } from '../counts';

/** For a while after a conversation was deleted, a way to have it back. */
export function UndoBar() {
  const { hub, trans } = useServices();
  const { removal, removalCount } = useModel(hub.conversations);
  const filing = useModel(hub.filing);
  const folders = useModel(hub.folders);
  const title = removal?.title ?? trans.__('New chat');
  const error = filing.error ?? folders.error;
  return (
    <>
      {removal && (
        <Undo
          words={
            removalCount > 1
              ? trans._n('%1 conversation deleted', '%1 conversations deleted', counted(removalCount))
              : trans.__('Deleted “%1”', title)
          }
          onUndo={() => {
            hub.undoDeletion();
          }}
        />
      )}
      {folders.removal && (
        <Undo
          words={trans.__('Deleted the folder “%1”', folders.removal.name)}
          onUndo={() => {
            folders.undoRemoval();
          }}
        />
      )}
      {filing.done && (
        <Undo
          words={wordsOf(filing.done, trans)}
          onUndo={() => {
            void filing.undo();
          }}
        />
      )}
      {error && (
        <div className="jp-llmhub-undo" role="alert" data-testid="llmhub-filing-error">
          <span className="jp-llmhub-undo-words">
            {error.message} {error.hint}
          </span>
          <Button
            onClick={() => {
              filing.dismissError();
              folders.dismissError();
            }}
          >
            {trans.__('Close')}
          </Button>
        </div>
      )}
    </>
  );
}

function Undo({ words, onUndo }: { words: string; onUndo: () => void }) {
  const { trans } = useServices();
  return (
    <div className="jp-llmhub-undo" role="status" data-testid="llmhub-undo">
      <span className="jp-llmhub-undo-words">{words}</span>
      <Button onClick={onUndo}>{trans.__('Undo')}</Button>
    </div>
  );
}

function wordsOf({ what, count, name }: Done, trans: TranslationBundle): string {
  switch (what) {
    case 'moved':
      return name
        ? trans._n('%1 conversation moved to “%2”', '%1 conversations moved to “%2”', counted(count), name)
        : trans._n(
            '%1 conversation taken out of its folder',
            '%1 conversations taken out of folders',
            counted(count)
          );
    case 'tagged':
      return trans._n('%1 conversation tagged “%2”', '%1 conversations tagged “%2”', counted(count), name);
    case 'untagged':
      return trans._n(
        'Tag “%2” taken away from %1 conversation',
        'Tag “%2” taken away from %1 conversations',
        counted(count),
        name
      );
    case 'tag-renamed':
      return trans._n(
        '%1 conversation has the tag “%2” now',
        '%1 conversations have the tag “%2” now',
        counted(count),
        name
      );
    case 'tag-deleted':
      return trans._n(
        'Deleted the tag “%2” of %1 conversation',
        'Deleted the tag “%2” of %1 conversations',
        counted(count),
        name
      );
    case 'pinned':
      return trans._n('%1 conversation pinned', '%1 conversations pinned', counted(count));
    case 'unpinned':
      return trans._n('%1 conversation unpinned', '%1 conversations unpinned', counted(count));
    case 'archived':
      return trans._n('%1 conversation archived', '%1 conversations archived', counted(count));
    case 'unarchived':
      return trans._n('%1 conversation is back', '%1 conversations are back', counted(count));
  }
}
