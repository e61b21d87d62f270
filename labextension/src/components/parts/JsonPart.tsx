import type { PartProps } from '../../registries/parts';

/** A part that nothing here knows how to draw, readable all the same. */
export function JsonPart({ parts }: PartProps) {
  return (
    <pre className="jp-llmhub-json" tabIndex={0}>
      {parts.map(part => JSON.stringify(part, null, 2)).join('\n')}
    </pre>
  );
}

/** JSON text with line breaks; as it stands where it is not JSON (yet). */
export function readable(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
}
