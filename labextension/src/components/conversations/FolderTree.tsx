import { caretDownIcon, caretRightIcon, folderIcon, listIcon } from '@jupyterlab/ui-components';
import { type DragEvent, type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react';

import type { FolderRow } from '../../model/folders';
import { useServices } from '../context';
import { useModel } from '../hooks';
import { TitleField } from '../TitleField';
import { beginDrag, type Cargo, cargoOf, isOurs } from './dragging';
import { Icon } from '../Icon';

interface Props {
  /** The folder whose conversations are shown; null: all. */
  shown: string | null;
  onShow: (folder: string | null) => void;
}

/** The folders as a tree above the list: one tab stop, arrow keys within; conversations and folders can be dropped on a line. */
export function FolderTree({ shown, onShow }: Props) {
  const { hub, session, trans } = useServices();
  const folders = useModel(hub.folders);
  useModel(session);
  const { sorting } = session;
  const { rows } = folders;
  const [active, setActive] = useState<string | null>(null);
  const tree = useRef<HTMLDivElement>(null);
  const takesFocus = useRef(false);
  const ids: (string | null)[] = [null, ...rows.map(row => row.folder.id)];
  const reachable = ids.includes(active) ? active : ids.includes(shown) ? shown : null;

  useEffect(() => {
    if (takesFocus.current) {
      takesFocus.current = false;
      tree.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus();
    }
  });
  if (rows.length === 0 && !sorting.adding) {
    return null;
  }
  const drop = (cargo: Cargo, to: string | null): void => {
    if ('folder' in cargo) {
      if (cargo.folder !== to) {
        void folders.change(cargo.folder, { parent_id: to });
      }
    } else {
      void hub.filing.move(cargo.ids, to);
    }
  };
  const goTo = (index: number): void => {
    takesFocus.current = true;
    setActive(ids[Math.max(0, Math.min(index, ids.length - 1))] ?? null);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if ((event.target as HTMLElement).matches('input')) {
      return;
    }
    const at = ids.indexOf(reachable);
    const row = rows[at - 1];
    const done = ((): boolean => {
      switch (event.key) {
        case 'ArrowDown':
          goTo(at + 1);
          return true;
        case 'ArrowUp':
          goTo(at - 1);
          return true;
        case 'Home':
          goTo(0);
          return true;
        case 'End':
          goTo(ids.length - 1);
          return true;
        case 'ArrowRight':
          if (row?.hasChildren && !row.isOpen) {
            folders.setOpen(row.folder.id, true);
          } else {
            goTo(at + (row?.isOpen ? 1 : 0));
          }
          return true;
        case 'ArrowLeft':
          if (row?.isOpen) {
            folders.setOpen(row.folder.id, false);
          } else {
            goTo(ids.indexOf(row?.folder.parent_id ?? null));
          }
          return true;
        case 'Enter':
        case ' ':
          onShow(reachable);
          return true;
        case 'F2':
          if (row) {
            sorting.rename(row.folder.id);
          }
          return true;
        case 'Delete':
          if (row) {
            folders.remove(row.folder.id, 'move');
          }
          return true;
        default:
          return false;
      }
    })();
    if (done) {
      event.preventDefault();
      event.stopPropagation();
    }
  };
  return (
    <div
      ref={tree}
      className="jp-llmhub-folders"
      role="tree"
      aria-label={trans.__('Folders')}
      data-testid="llmhub-folders"
      onKeyDown={onKeyDown}
    >
      <Line
        id={null}
        level={1}
        name={trans.__('All conversations')}
        isShown={shown === null}
        isReachable={reachable === null}
        icon={<Icon of={listIcon} />}
        onShow={onShow}
        onDrop={drop}
      />
      {sorting.adding?.parent === null && <NewFolder parent={null} />}
      {rows.map(row => (
        <FolderLine
          key={row.folder.id}
          row={row}
          isShown={shown === row.folder.id}
          isReachable={reachable === row.folder.id}
          onShow={onShow}
          onDrop={drop}
          onRenamed={() => {
            takesFocus.current = true;
            setActive(row.folder.id);
          }}
        />
      ))}
    </div>
  );
}

function FolderLine({
  row,
  onRenamed,
  ...rest
}: Pick<LineProps, 'isShown' | 'isReachable' | 'onShow' | 'onDrop'> & {
  row: FolderRow;
  onRenamed: () => void;
}) {
  const { hub, session, trans } = useServices();
  const { folder, level, hasChildren, isOpen, unread, running } = row;
  const { sorting } = session;
  const twisty = isOpen ? caretDownIcon : caretRightIcon;
  return (
    <>
      {sorting.renaming === folder.id ? (
        <div className="jp-llmhub-folder" role="none" style={{ paddingLeft: indent(level) }}>
          <TitleField
            title={folder.name}
            label={trans.__('Name of the folder')}
            onDone={name => {
              onRenamed();
              sorting.close();
              if (name) {
                void hub.folders.change(folder.id, { name });
              }
            }}
          />
        </div>
      ) : (
        <Line
          {...rest}
          id={folder.id}
          level={level}
          name={folder.name}
          isOpen={hasChildren ? isOpen : undefined}
          icon={
            hasChildren ? (
              <span
                className="jp-llmhub-folder-twisty"
                onClick={event => {
                  event.stopPropagation();
                  hub.folders.setOpen(folder.id, !isOpen);
                }}
              >
                <Icon of={twisty} />
              </span>
            ) : (
              <Icon of={folderIcon} />
            )
          }
        >
          {running > 0 ? (
            <span className="jp-llmhub-running" role="img" aria-label={trans.__('Answering')} />
          ) : (
            unread > 0 && (
              <span
                className="jp-llmhub-unread"
                role="img"
                aria-label={trans._n('%1 unread', '%1 unread', unread)}
              />
            )
          )}
          <span className="jp-llmhub-folder-count">{folder.conversations}</span>
        </Line>
      )}
      {sorting.adding?.parent === folder.id && <NewFolder parent={folder.id} level={level + 1} />}
    </>
  );
}

function NewFolder({ parent, level = 1 }: { parent: string | null; level?: number }) {
  const { hub, session, trans } = useServices();
  return (
    <div className="jp-llmhub-folder" role="none" style={{ paddingLeft: indent(level) }}>
      <TitleField
        title=""
        label={trans.__('Name of the new folder')}
        onDone={name => {
          session.sorting.close();
          if (name) {
            void hub.folders.add(name, parent);
          }
        }}
      />
    </div>
  );
}

interface LineProps {
  id: string | null;
  level: number;
  name: string;
  icon: ReactNode;
  isOpen?: boolean | undefined;
  isShown: boolean;
  isReachable: boolean;
  onShow: (folder: string | null) => void;
  onDrop: (cargo: Cargo, to: string | null) => void;
  children?: ReactNode;
}

function Line({ id, level, name, icon, isOpen, isShown, isReachable, onShow, onDrop, children }: LineProps) {
  const [isOver, setOver] = useState(false);
  const take = (event: DragEvent): void => {
    if (isOurs(event)) {
      event.preventDefault();
      event.stopPropagation();
      event.dataTransfer.dropEffect = 'move';
      setOver(true);
    }
  };
  return (
    <div
      className="jp-llmhub-folder"
      role="treeitem"
      aria-level={level}
      aria-expanded={isOpen}
      aria-selected={isShown}
      tabIndex={isReachable ? 0 : -1}
      style={{ paddingLeft: indent(level) }}
      title={name}
      data-folder-id={id ?? ''}
      data-testid="llmhub-folder"
      data-over={isOver || undefined}
      draggable={id !== null}
      onClick={() => {
        onShow(id);
      }}
      onDragStart={event => {
        if (id !== null) {
          beginDrag(event, { folder: id }, name);
        }
      }}
      onDragEnter={take}
      onDragOver={take}
      onDragLeave={() => {
        setOver(false);
      }}
      onDrop={event => {
        setOver(false);
        const cargo = isOurs(event) ? cargoOf(event) : null;
        if (cargo) {
          event.preventDefault();
          event.stopPropagation();
          onDrop(cargo, id);
        }
      }}
    >
      {icon}
      <span className="jp-llmhub-item-title">{name}</span>
      {children}
    </div>
  );
}

function indent(level: number): string {
  return `${8 + (level - 1) * 14}px`;
}
