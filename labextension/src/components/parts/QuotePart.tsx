import type { CitationPart as Citation, QuotePart as Quote } from '../../api/schema';
import type { PartProps } from '../../registries/parts';
import { useServices } from '../context';

/** Words taken from another message; pressed, they lead to it. */
export function QuotePart({ parts }: PartProps<Quote>) {
  const { trans, session } = useServices();
  return (
    <>
      {parts.map((part, index) => (
        <blockquote key={index} className="jp-llmhub-quote">
          <button
            type="button"
            title={trans.__('Show the message that is quoted')}
            data-testid="llmhub-quoted"
            onClick={() => {
              void session.chat.reveal(part.message_id);
            }}
          >
            {part.text}
          </button>
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
