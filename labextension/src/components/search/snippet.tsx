import { plain } from './plain';

/** Part of a snippet: found, or around it. */
export interface Piece {
  readonly text: string;
  readonly isMatch: boolean;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#x27;': "'"
};

/** The server's snippet as text: `<mark>` is its only markup, and whatever else looks like some is shown as it is. */
export function piecesOf(snippet: string): readonly Piece[] {
  return snippet
    .split(/(<mark>.*?<\/mark>)/su)
    .filter(Boolean)
    .map(piece => {
      const marked = /^<mark>(.*)<\/mark>$/su.exec(piece);
      const text = (marked?.[1] ?? piece).replace(
        /&(?:amp|lt|gt|quot|#x27);/g,
        name => ENTITIES[name] ?? name
      );
      return { text, isMatch: marked !== null };
    });
}

/** `isMarkdown`: what it is part of is drawn as Markdown, and so it reads here, without its signs. */
export function Snippet({ snippet, isMarkdown }: { snippet: string; isMarkdown: boolean }) {
  const pieces = piecesOf(snippet);
  return (
    <>
      {(isMarkdown ? plain(pieces) : pieces).map(({ text, isMatch }, index) =>
        isMatch ? (
          <mark key={index} className="jp-llmhub-match">
            {text}
          </mark>
        ) : (
          <span key={index}>{text}</span>
        )
      )}
    </>
  );
}
