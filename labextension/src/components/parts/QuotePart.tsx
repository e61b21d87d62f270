import type { CitationPart as Citation, QuotePart as Quote } from '../../api/schema';
import type { PartProps } from '../../registries/parts';

/** Words taken from another message. */
export function QuotePart({ parts }: PartProps<Quote>) {
  return (
    <>
      {parts.map((part, index) => (
        <blockquote key={index} className="jp-llmhub-quote">
          {part.text}
        </blockquote>
      ))}
    </>
  );
}

/** A passage that the answer rests on. */
export function CitationPart({ parts }: PartProps<Citation>) {
  return (
    <ul className="jp-llmhub-citations">
      {parts.map((part, index) => (
        <li key={index} title={part.quote}>
          <strong>{part.title}</strong> {part.locator}
        </li>
      ))}
    </ul>
  );
}
