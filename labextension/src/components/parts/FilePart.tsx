import { caretRightIcon, checkIcon, copyIcon, downloadIcon, fileIcon } from '@jupyterlab/ui-components';
import { useEffect, useState } from 'react';

import type { FilePart as File } from '../../api/schema';
import { errorInfo } from '../../api/errors';
import type { PartProps } from '../../registries/parts';
import { copyText } from '../clipboard';
import { useServices } from '../context';
import { IconButton } from '../controls';
import { useFlash, useFold } from '../hooks';
import { Icon } from '../Icon';

/** More of a text than this is not drawn; it can be copied and downloaded. Characters. */
const DRAWN = 100_000;
const TEXT = /^text\/|[/+](?:json|xml|yaml|toml|javascript|x-sh|sql)$|^application\/x-(?:python|ipynb)/i;

/** A file that was sent along. */
export function FilePart({ parts }: PartProps<File>) {
  return <Files parts={parts} />;
}

/** Texts unfold where they stand; what is no text is opened in a tab of the browser. */
export function Files({ parts }: { parts: readonly File[] }) {
  const { hub } = useServices();
  return (
    <div className="jp-llmhub-files">
      {parts.map((part, index) =>
        TEXT.test(part.media_type) ? (
          <TextFile key={index} part={part} />
        ) : (
          <a
            key={index}
            className="jp-llmhub-chip"
            href={hub.client.fileUrl(part.file_id)}
            target="_blank"
            rel="noopener noreferrer"
          >
            <Icon of={fileIcon} tag="span" className="jp-llmhub-chip-icon" />
            <span className="jp-llmhub-chip-name">{part.name}</span>
          </a>
        )
      )}
    </div>
  );
}

function TextFile({ part }: { part: File }) {
  const [isOpen, toggle] = useFold(`file:${part.file_id}`, false);
  return (
    <div className="jp-llmhub-text-file" data-open={isOpen || undefined}>
      <button
        type="button"
        className="jp-llmhub-chip jp-llmhub-fold"
        aria-expanded={isOpen}
        data-testid="llmhub-file"
        onClick={toggle}
      >
        <Icon of={fileIcon} tag="span" className="jp-llmhub-chip-icon" />
        <span className="jp-llmhub-chip-name">{part.name}</span>
        <Icon of={caretRightIcon} tag="span" className="jp-llmhub-caret" />
      </button>
      {isOpen && <Content part={part} />}
    </div>
  );
}

function Content({ part }: { part: File }) {
  const { hub, trans } = useServices();
  const [text, setText] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [copied, flash] = useFlash();
  const { file_id: id, name } = part;

  useEffect(() => {
    let isCurrent = true;
    hub.client.fileText(id).then(
      content => {
        if (isCurrent) {
          setText(content);
        }
      },
      (thrown: unknown) => {
        if (isCurrent) {
          setProblem(errorInfo(thrown).message);
        }
      }
    );
    return () => {
      isCurrent = false;
    };
  }, [hub, id]);

  if (problem !== null) {
    return (
      <div className="jp-llmhub-problem" role="alert">
        {problem}
      </div>
    );
  }
  return (
    <div className="jp-llmhub-text-content" aria-busy={text === null}>
      <span className="jp-llmhub-text-tools">
        <IconButton
          icon={copied ? checkIcon : copyIcon}
          label={copied ? trans.__('Copied') : trans.__('Copy')}
          testId="llmhub-file-copy"
          disabled={text === null}
          onClick={() => {
            copyText(text ?? '');
            flash();
          }}
        />
        <a
          className="jp-llmhub-icon-button"
          href={hub.client.fileUrl(id)}
          download={name}
          title={trans.__('Download')}
          aria-label={trans.__('Download %1', name)}
        >
          <Icon of={downloadIcon} />
        </a>
      </span>
      <pre tabIndex={0} role="region" aria-label={name} data-testid="llmhub-file-text">
        {text?.slice(0, DRAWN)}
      </pre>
      {text !== null && text.length > DRAWN && (
        <div className="jp-llmhub-chip-cost">
          {trans.__('The first %1 of %2 characters', DRAWN.toLocaleString(), text.length.toLocaleString())}
        </div>
      )}
    </div>
  );
}
