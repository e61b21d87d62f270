import type { FilePart as File, ImagePart as Image } from '../../api/schema';
import type { PartProps } from '../../registries/parts';
import { fileIcon } from '@jupyterlab/ui-components';
import { useServices } from '../context';

const SAFE_DATA = /^data:image\/(?:png|jpe?g|gif|webp|avif|bmp);/i;

/** An image that is stored here. One from elsewhere is a link: fetching it would tell its server that it was seen. */
export function ImagePart({ parts }: PartProps<Image>) {
  return <Images parts={parts} />;
}

export function Images({ parts }: { parts: readonly Image[] }) {
  const { hub, trans } = useServices();
  return (
    <div className="jp-llmhub-images">
      {parts.map((part, index) => {
        const source = part.file_id
          ? hub.client.fileUrl(part.file_id)
          : SAFE_DATA.test(part.url ?? '')
            ? part.url
            : null;
        if (source) {
          return (
            <a key={index} href={part.file_id ? source : undefined} target="_blank" rel="noopener noreferrer">
              <img src={source} alt={trans.__('Image')} loading="lazy" />
            </a>
          );
        }
        return /^https?:/i.test(part.url ?? '') ? (
          <a key={index} href={part.url ?? undefined} target="_blank" rel="noopener noreferrer">
            {part.url}
          </a>
        ) : null;
      })}
    </div>
  );
}

/** A file that was sent along. */
export function FilePart({ parts }: PartProps<File>) {
  return <Files parts={parts} />;
}

export function Files({ parts }: { parts: readonly File[] }) {
  const { hub } = useServices();
  return (
    <div className="jp-llmhub-files">
      {parts.map((part, index) => (
        <a
          key={index}
          className="jp-llmhub-chip"
          href={hub.client.fileUrl(part.file_id)}
          target="_blank"
          rel="noopener noreferrer"
        >
          <fileIcon.react tag="span" className="jp-llmhub-chip-icon" />
          <span className="jp-llmhub-chip-name">{part.name}</span>
        </a>
      ))}
    </div>
  );
}
