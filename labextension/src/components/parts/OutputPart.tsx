import { useMemo } from 'react';

import type { OutputPart as Output } from '../../api/schema';
import { readAnsi } from '../../markdown/ansi';
import { readOutput } from '../../markdown/outputs';
import type { PartProps } from '../../registries/parts';
import { useServices } from '../context';
import { Prose } from '../markdown/Prose';
import { JsonFold } from './JsonPart';

/** What a cell or a tool showed. */
export function OutputPart({ parts, index, message }: PartProps<Output>) {
  return parts.map((part, at) => <OutputView key={at} part={part} name={`${message.id}:${index + at}`} />);
}

/** One output of Jupyter as in a notebook that is not trusted. `name` is what its fold is remembered by. */
export function OutputView({ part, name }: { part: Output; name: string }) {
  const { markdown, trans } = useServices();
  const output = useMemo(
    () =>
      readOutput(part.mime_bundle, part.metadata, html => {
        const left = markdown.sanitizer.clean(html);
        return left.textContent.trim() !== '' || left.querySelector('img') !== null;
      }),
    [part, markdown]
  );
  switch (output?.kind) {
    case undefined:
      return <p className="jp-llmhub-output-note">{trans.__('An output without content')}</p>;
    case 'image':
      return (
        <div className="jp-llmhub-output jp-llmhub-output-image">
          <img
            src={output.url}
            width={output.width}
            height={output.height}
            alt={output.alt || trans.__('Output')}
          />
        </div>
      );
    case 'html':
    case 'markdown':
      return (
        <div className="jp-llmhub-output jp-llmhub-markdown jp-RenderedHTMLCommon">
          <Prose source={output.text} links={null} closed isHtml={output.kind === 'html'} />
        </div>
      );
    case 'text':
      return (
        <div className="jp-llmhub-output jp-RenderedText" data-error={output.isError || undefined}>
          {output.cut > 0 && (
            <p className="jp-llmhub-output-note">
              {trans._n(
                '%1 character before this is left out',
                '%1 characters before this are left out',
                output.cut
              )}
            </p>
          )}
          <pre tabIndex={0} role="group" aria-label={trans.__('Output')}>
            {readAnsi(output.text).map(({ text, className }, at) =>
              className ? (
                <span key={at} className={className}>
                  {text}
                </span>
              ) : (
                text
              )
            )}
          </pre>
        </div>
      );
    case 'json':
      return <JsonFold label={output.type} value={output.value} name={name} />;
  }
}
