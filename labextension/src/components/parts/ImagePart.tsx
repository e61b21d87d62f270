import type { ImagePart as Image } from '../../api/schema';
import type { PartProps } from '../../registries/parts';
import { useServices } from '../context';
import { Enlarge } from '../Lightbox';

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
            <Enlarge key={index} source={source} name={trans.__('Image')}>
              <img src={source} alt={trans.__('Image')} loading="lazy" />
            </Enlarge>
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
