import { closeIcon, filterIcon, newFolderIcon } from '@jupyterlab/ui-components';

import { EVERYTHING, type ConversationSearch, type Scope, type Sort } from '../../model/search';
import { useServices } from '../context';
import { IconButton } from '../controls';
import { useModel } from '../hooks';
import { type MenuItem, openMenu } from '../menu';
import { Icon } from '../Icon';

/** Tags in the menu; more are reached by typing. */
const MOST_TAGS = 15;

/** Buttons beside the search field: which conversations, in which order; a new folder. */
export function ListTools({ search }: { search: ConversationSearch }) {
  const { hub, session, trans } = useServices();
  useModel(search);
  const { filing } = hub;
  const { scope } = search;
  // Which folder is shown is seen in the tree.
  const isNarrowed = Object.entries({ ...EVERYTHING, folder: scope.folder }).some(
    ([name, usual]) => scope[name as keyof Scope] !== usual
  );
  const sorts: Record<Sort, string> = {
    used: trans.__('Used last'),
    created: trans.__('Newest'),
    title: trans.__('By title')
  };
  const items = (): MenuItem[] => [
    ...(Object.keys(sorts) as Sort[]).map(sort => ({
      label: sorts[sort],
      isToggled: scope.sort === sort,
      onSelect: () => {
        search.narrow({ sort });
      }
    })),
    {
      label: trans.__('Archive'),
      isApart: true,
      isToggled: scope.archived,
      testId: 'llmhub-show-archive',
      onSelect: () => {
        search.narrow({ archived: !scope.archived });
      }
    },
    {
      label: trans.__('Only unread'),
      isToggled: scope.unread,
      onSelect: () => {
        search.narrow({ unread: !scope.unread });
      }
    },
    {
      label: trans.__('Only where an answer is written'),
      isToggled: scope.running,
      onSelect: () => {
        search.narrow({ running: !scope.running });
      }
    },
    ...(session.model
      ? [
          {
            label: trans.__('Only with %1', hub.catalogue.get(session.model)?.label ?? session.model),
            isToggled: scope.model === session.model,
            onSelect: () => {
              search.narrow({ model: scope.model === session.model ? null : session.model });
            }
          }
        ]
      : []),
    ...filing.tags.slice(0, MOST_TAGS).map(({ tag, conversations }, index) => ({
      label: `# ${tag} (${conversations})`,
      isApart: index === 0,
      isToggled: scope.tag === tag,
      onSelect: () => {
        search.narrow({ tag: scope.tag === tag ? null : tag });
      }
    })),
    ...(filing.tags.length > 0
      ? [
          {
            label: trans.__('All tags…'),
            testId: 'llmhub-all-tags',
            onSelect: () => {
              session.sorting.mindTags();
            }
          }
        ]
      : [])
  ];
  return (
    <>
      <IconButton
        icon={filterIcon}
        label={trans.__('Filter and sort')}
        testId="llmhub-list-filter"
        aria-haspopup="menu"
        aria-pressed={isNarrowed}
        onClick={({ currentTarget }) => {
          void filing.loadTags().then(() => {
            openMenu(currentTarget, trans.__('Filter and sort'), items());
          });
        }}
      />
      <IconButton
        icon={newFolderIcon}
        label={trans.__('New folder')}
        testId="llmhub-new-folder"
        onClick={() => {
          session.sorting.add(null);
        }}
      />
    </>
  );
}

/** What the list is narrowed to, each with a way out. */
export function ScopeChips({ search }: { search: ConversationSearch }) {
  const { hub, trans } = useServices();
  const { scope } = useModel(search);
  const chips: { label: string; clear: () => void }[] = [];
  const add = (label: string | null, changes: Parameters<ConversationSearch['narrow']>[0]): void => {
    if (label) {
      chips.push({
        label,
        clear: () => {
          search.narrow(changes);
        }
      });
    }
  };
  add(scope.archived ? trans.__('Archive') : null, { archived: false });
  add(scope.unread ? trans.__('Unread') : null, { unread: false });
  add(scope.running ? trans.__('Answering') : null, { running: false });
  add(scope.tag && `# ${scope.tag}`, { tag: null });
  add(scope.model && (hub.catalogue.get(scope.model)?.label ?? scope.model), { model: null });
  return chips.length === 0 ? null : (
    <div className="jp-llmhub-scope" data-testid="llmhub-scope">
      {chips.map(({ label, clear }) => (
        <button
          key={label}
          type="button"
          className="jp-llmhub-scope-chip"
          title={trans.__('No longer only: %1', label)}
          onClick={clear}
        >
          {label}
          <Icon of={closeIcon} />
        </button>
      ))}
    </div>
  );
}
