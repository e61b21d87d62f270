import { closeIcon, errorIcon, fileIcon, pasteIcon } from '@jupyterlab/ui-components';

import { quoteIcon } from '../../icons';
import { READ_BYTES, type DraftPart, type Upload } from '../../model/attachments';
import { useServices } from '../context';
import { IconButton } from '../controls';
import { bytes } from '../format';
import { Enlarge } from '../Lightbox';
import { aboutTokens, problemWords } from './words';
import { Icon } from '../Icon';

interface Props {
  files: readonly DraftPart[];
  uploads: readonly Upload[];
  onOpen: (index: number) => void;
  onRemove: (index: number) => void;
  onDismiss: (key: number) => void;
}

/** What goes along with the message: what it is and what it costs, each with a way to take it off. */
export function Chips({ files, uploads, onOpen, onRemove, onDismiss }: Props) {
  const { trans } = useServices();
  if (files.length === 0 && uploads.length === 0) {
    return null;
  }
  return (
    <div className="jp-llmhub-chips">
      {files.map((part, index) => (
        <Chip
          key={index}
          part={part}
          onOpen={() => {
            onOpen(index);
          }}
          onRemove={() => {
            onRemove(index);
          }}
        />
      ))}
      {uploads.map(upload => (
        <span
          key={`upload-${upload.key}`}
          className="jp-llmhub-chip"
          data-testid="llmhub-upload"
          data-state={upload.problem === null ? 'busy' : 'failed'}
          role={upload.problem === null ? undefined : 'alert'}
        >
          {upload.problem !== null && <Icon of={errorIcon} tag="span" className="jp-llmhub-chip-icon" />}
          <span className={upload.problem === null ? 'jp-llmhub-chip-name' : 'jp-llmhub-chip-why'}>
            {upload.problem === null ? upload.name : problemWords(upload.name, upload.problem, trans)}
          </span>
          <IconButton
            icon={closeIcon}
            label={trans.__('Remove')}
            onClick={() => {
              onDismiss(upload.key);
            }}
          />
        </span>
      ))}
    </div>
  );
}

function Chip({ part, onOpen, onRemove }: { part: DraftPart; onOpen: () => void; onRemove: () => void }) {
  const { hub, trans } = useServices();
  const { about } = part;
  const isText = part.type === 'file';
  const name = about?.isPaste
    ? trans.__('Pasted text')
    : part.type === 'quote'
      ? part.text
      : (about?.name ?? (isText ? part.name : trans.__('Image')));
  const cost = about && [bytes(about.size), aboutTokens(about.tokens, trans)].join(' · ');
  const isCut = isText && (about?.size ?? 0) > READ_BYTES;
  const icon = about?.isPaste ? pasteIcon : part.type === 'quote' ? quoteIcon : fileIcon;
  const body = (
    <>
      {part.type === 'image' && part.file_id ? (
        <Enlarge source={hub.client.fileUrl(part.file_id)} name={name}>
          <img src={hub.client.fileUrl(part.file_id)} alt={trans.__('Attached image')} />
        </Enlarge>
      ) : (
        <Icon of={icon} tag="span" className="jp-llmhub-chip-icon" />
      )}
      <span className="jp-llmhub-chip-words">
        <span className="jp-llmhub-chip-name">{name}</span>
        {cost && <span className="jp-llmhub-chip-cost">{cost}</span>}
        {isCut && (
          <span className="jp-llmhub-chip-cost">
            {trans.__('The model reads the first %1', bytes(READ_BYTES))}
          </span>
        )}
      </span>
    </>
  );
  return (
    <span className="jp-llmhub-chip" data-testid="llmhub-chip" data-type={part.type} title={name}>
      {isText ? (
        <button
          type="button"
          className="jp-llmhub-chip-open"
          data-testid="llmhub-chip-open"
          title={trans.__('Open %1', name)}
          onClick={onOpen}
        >
          {body}
        </button>
      ) : (
        body
      )}
      <IconButton icon={closeIcon} label={trans.__('Remove %1', name)} onClick={onRemove} />
    </span>
  );
}
