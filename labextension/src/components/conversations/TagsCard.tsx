import { deleteIcon, editIcon } from '@jupyterlab/ui-components';
import { useState } from 'react';

import type { TagCount } from '../../api/schema';
import { useServices } from '../context';
import { IconButton } from '../controls';
import { useModel } from '../hooks';
import { Popover } from '../Popover';
import { TitleField } from '../TitleField';

/** More than these are easier found by typing. */
const FEW = 10;
/** Characters of a tag. */
const LONGEST = 100;

interface Props {
  anchor: HTMLElement;
  /** A tag has another name now, or (null) is no more. */
  onGone: (tag: string, name: string | null) => void;
  onClose: () => void;
}

/** All tags, each to be renamed or deleted wherever it is; the bar below the panel has the way back. */
export function TagsCard({ anchor, onGone, onClose }: Props) {
  const { hub, trans } = useServices();
  const { tags } = useModel(hub.filing);
  const [text, setText] = useState('');
  const [renaming, setRenaming] = useState<string | null>(null);
  const wanted = text.trim().toLowerCase();
  const rename = (tag: string, name: string | null): void => {
    setRenaming(null);
    if (name !== null) {
      onGone(tag, name);
      void hub.filing.renameTag(tag, name);
    }
  };
  return (
    <Popover
      anchor={anchor}
      label={trans.__('All tags')}
      testId="llmhub-tags"
      className="jp-llmhub-chooser"
      onClose={onClose}
    >
      {tags.length > FEW && (
        <input
          className="jp-llmhub-field"
          value={text}
          aria-label={trans.__('Find a tag')}
          placeholder={trans.__('Find a tag')}
          onChange={event => {
            setText(event.target.value);
          }}
        />
      )}
      <ul className="jp-llmhub-all-tags" aria-label={trans.__('All tags')}>
        {tags
          .filter(({ tag }) => tag.toLowerCase().includes(wanted))
          .map(({ tag, conversations }) => (
            <li key={tag} className="jp-llmhub-tag-line" data-testid="llmhub-tag-line">
              {renaming === tag ? (
                <TitleField
                  title={tag}
                  label={trans.__('Name of the tag')}
                  longest={LONGEST}
                  onDone={name => {
                    rename(tag, name);
                  }}
                />
              ) : (
                <TagLine
                  tag={tag}
                  conversations={conversations}
                  onRename={() => {
                    setRenaming(tag);
                  }}
                  onDelete={() => {
                    onGone(tag, null);
                    void hub.filing.deleteTag(tag);
                  }}
                />
              )}
            </li>
          ))}
      </ul>
      {tags.length === 0 && <p className="jp-llmhub-empty">{trans.__('There are no tags.')}</p>}
    </Popover>
  );
}

function TagLine({
  tag,
  conversations,
  onRename,
  onDelete
}: TagCount & { onRename: () => void; onDelete: () => void }) {
  const { trans } = useServices();
  return (
    <>
      <span className="jp-llmhub-item-title" title={tag}>
        {tag}
      </span>
      <span className="jp-llmhub-folder-count">{conversations}</span>
      <IconButton icon={editIcon} label={trans.__('Rename the tag “%1”', tag)} onClick={onRename} />
      <IconButton icon={deleteIcon} label={trans.__('Delete the tag “%1”', tag)} onClick={onDelete} />
    </>
  );
}
