import { closeIcon, deleteIcon, folderIcon } from '@jupyterlab/ui-components';

import type { ConversationSearch } from '../../model/search';
import type { Selection } from '../../model/selection';
import { archiveIcon, pinIcon, tagIcon } from '../../icons';
import { IconButton } from '../controls';
import { useServices } from '../context';
import { useModel } from '../hooks';
import { counted } from '../../counts';

/** What can be done with all lines that are chosen. */
export function BulkBar({ selection, search }: { selection: Selection; search: ConversationSearch }) {
  const { hub, session, trans } = useServices();
  useModel(selection);
  if (selection.size === 0) {
    return null;
  }
  const { ids } = selection;
  const chosen = search.items.filter(item => selection.has(item.id));
  const isPinned = chosen.every(item => item.pinned);
  const isArchived = chosen.every(item => item.archived);
  return (
    <div
      className="jp-llmhub-bulk"
      role="toolbar"
      aria-label={trans.__('Chosen conversations')}
      data-testid="llmhub-bulk"
    >
      <span className="jp-llmhub-bulk-count" role="status">
        {trans._n('%1 chosen', '%1 chosen', counted(ids.length))}
      </span>
      <IconButton
        icon={folderIcon}
        label={trans.__('Move to…')}
        onClick={() => {
          session.sorting.move(ids);
        }}
      />
      <IconButton
        icon={tagIcon}
        label={trans.__('Tags')}
        onClick={() => {
          session.sorting.tag(ids);
        }}
      />
      <IconButton
        icon={pinIcon}
        label={isPinned ? trans.__('Unpin') : trans.__('Pin')}
        aria-pressed={isPinned}
        onClick={() => {
          void hub.filing.pin(ids, !isPinned);
        }}
      />
      <IconButton
        icon={archiveIcon}
        label={isArchived ? trans.__('Take out of the archive') : trans.__('Archive')}
        aria-pressed={isArchived}
        onClick={() => {
          void hub.filing.archive(ids, !isArchived);
          selection.clear();
        }}
      />
      <IconButton
        icon={deleteIcon}
        label={trans.__('Delete')}
        onClick={() => {
          hub.deleteConversations(chosen);
          selection.clear();
        }}
      />
      <IconButton
        icon={closeIcon}
        label={trans.__('Choose none')}
        onClick={() => {
          selection.clear();
        }}
      />
    </div>
  );
}
