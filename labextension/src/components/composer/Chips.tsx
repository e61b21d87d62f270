import { closeIcon, errorIcon, fileIcon } from '@jupyterlab/ui-components';

import type { UserPart } from '../../api/types';
import type { Upload } from '../../model/attachments';
import { IconButton } from '../controls';
import { useServices } from '../context';

interface Props {
  files: readonly UserPart[];
  uploads: readonly Upload[];
  onRemove: (index: number) => void;
  onDismiss: (key: number) => void;
}

/** What goes along with the message, each with a way to take it off. */
export function Chips({ files, uploads, onRemove, onDismiss }: Props) {
  const { hub, trans } = useServices();
  if (files.length === 0 && uploads.length === 0) {
    return null;
  }
  return (
    <div className="jp-llmhub-chips">
      {files.map((part, index) => (
        <span key={index} className="jp-llmhub-chip" data-testid="llmhub-chip">
          {part.type === 'image' && part.file_id ? (
            <img src={hub.client.fileUrl(part.file_id)} alt={trans.__('Attached image')} />
          ) : (
            <fileIcon.react tag="span" className="jp-llmhub-chip-icon" />
          )}
          {part.type === 'file' && <span className="jp-llmhub-chip-name">{part.name}</span>}
          <IconButton
            icon={closeIcon}
            label={trans.__('Remove')}
            onClick={() => {
              onRemove(index);
            }}
          />
        </span>
      ))}
      {uploads.map(upload => (
        <span
          key={`upload-${upload.key}`}
          className="jp-llmhub-chip"
          data-testid="llmhub-upload"
          data-state={upload.problem === null ? 'busy' : 'failed'}
          role={upload.problem === null ? undefined : 'alert'}
        >
          {upload.problem !== null && <errorIcon.react tag="span" className="jp-llmhub-chip-icon" />}
          <span className="jp-llmhub-chip-name">{upload.problem ?? upload.name}</span>
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
