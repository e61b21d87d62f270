import {
  caretDownIcon,
  checkIcon,
  copyIcon,
  downloadIcon,
  fileIcon,
  type LabIcon,
  notebookIcon
} from '@jupyterlab/ui-components';
import { memo, type MouseEvent, type ReactNode, useLayoutEffect, useRef, useState } from 'react';

import { insertCellIcon, replaceCellIcon, wrapIcon } from '../../icons';
import { Highlighter } from '../../markdown/highlight';
import { endingOf, findLanguage } from '../../languages';
import type { CodeAction } from '../../workbench';
import { copyText } from '../clipboard';
import { IconButton } from '../controls';
import { useDrawing } from '../context';
import { download } from '../download';
import { useFlash } from '../hooks';
import { useLeisure } from '../leisure';
import { type MenuItem, openMenu } from '../menu';
import { grab, useWorkbench } from '../workbench';
import { Icon } from '../Icon';
import { counted } from '../../counts';

/** Longer code is folded to this many lines. */
const LINES = 30;
/** Languages that the editor does not know, as they write themselves. */
const NAMES: Readonly<Record<string, string>> = { mermaid: 'Mermaid' };

interface Props {
  code: string;
  language: string;
  /** No more will come. */
  done: boolean;
  /** What is shown in place of the code. */
  picture?: ReactNode;
  /** A tool of its own, before the others. */
  tool?: ReactNode;
  /** A sentence below the code. */
  note?: string;
}

/** Code in the colours of JupyterLab's editor, with its language and what can be done with it. */
export const CodeBlock = memo(function CodeBlock({ code, language, done, picture, tool, note }: Props) {
  const { languages, trans, workbench } = useDrawing();
  const drags = done && workbench !== null;
  const host = useRef<HTMLElement>(null);
  const box = useRef<HTMLPreElement>(null);
  const highlighter = useRef<Highlighter | null>(null);
  const wasGrowing = useRef(!done);
  const [isWrapped, setWrapped] = useState(false);
  const [isUnfolded, setUnfolded] = useState(false);
  const known = findLanguage(languages, language);
  const isTime = useLeisure();
  const lines = countLines(code);
  const isLong = lines > LINES + 5;
  const isFolded = isLong && !isUnfolded;

  useLayoutEffect(() => {
    if (!host.current) {
      return;
    }
    highlighter.current = new Highlighter(host.current);
    const loading = known && languages ? highlighter.current.speak(languages, known) : null;
    void loading?.then(
      () => {
        highlighter.current?.show(latest.current);
      },
      (reason: unknown) => {
        console.warn(`llmhub: JupyterLab cannot load ${known?.name ?? ''}.`, reason);
      }
    );
  }, [known, languages]);

  const latest = useRef(code);
  useLayoutEffect(() => {
    latest.current = code;
    highlighter.current?.show(code);
    if (done) {
      highlighter.current?.settle();
    }
    if (box.current && isFolded && !done) {
      // What is being written stays in view.
      box.current.scrollTop = box.current.scrollHeight;
    }
  }, [code, done, isFolded, known, languages]);

  useLayoutEffect(() => {
    // What was whole when it came stands at its beginning: to scroll it would only have the page laid out once more.
    if (done && wasGrowing.current && box.current) {
      box.current.scrollTop = 0;
    }
    wasGrowing.current = !done;
  }, [done]);

  return (
    <div
      className="jp-llmhub-code"
      data-wrapped={isWrapped || undefined}
      data-folded={isFolded || undefined}
      data-testid="llmhub-code"
    >
      <div
        className="jp-llmhub-code-head"
        data-drags={drags || undefined}
        onPointerDown={({ nativeEvent }) => {
          if (drags) {
            grab(workbench, nativeEvent, { code, language });
          }
        }}
      >
        <span className="jp-llmhub-code-language">
          {known?.displayName ??
            known?.name ??
            NAMES[language.toLowerCase()] ??
            (language || trans.__('text'))}
        </span>
        {isTime && (
          <Tools
            tool={tool}
            code={code}
            language={language}
            ending={endingOf(known, language)}
            isWrapped={isWrapped}
            onWrap={() => {
              setWrapped(!isWrapped);
            }}
          />
        )}
      </div>
      {picture}
      <pre ref={box} tabIndex={0} role="group" aria-label={trans.__('Code')} hidden={Boolean(picture)}>
        <code ref={host} />
      </pre>
      {note && <p className="jp-llmhub-code-note">{note}</p>}
      {isLong && !picture && (
        <button
          type="button"
          className="jp-llmhub-code-fold"
          aria-expanded={!isFolded}
          data-testid="llmhub-code-fold"
          onClick={() => {
            setUnfolded(isFolded);
          }}
        >
          <Icon of={caretDownIcon} tag="span" className="jp-llmhub-caret" />
          {isFolded
            ? trans._n('Show all %1 line', 'Show all %1 lines', counted(lines))
            : trans.__('Show less')}
        </button>
      )}
    </div>
  );
});

interface ToolsProps {
  tool: ReactNode;
  code: string;
  language: string;
  ending: string;
  isWrapped: boolean;
  onWrap: () => void;
}

function Tools({ tool, code, language, ending, isWrapped, onWrap }: ToolsProps) {
  const { trans } = useDrawing();
  const bench = useWorkbench();
  const [copied, flash] = useFlash();
  const items: (MenuItem & { id: string })[] = [
    {
      id: 'wrap',
      label: trans.__('Wrap lines'),
      icon: wrapIcon,
      isToggled: isWrapped,
      onSelect: onWrap
    },
    {
      id: 'download',
      label: trans.__('Download'),
      icon: downloadIcon,
      onSelect: () => {
        download(code, `code.${ending}`);
      }
    }
  ];
  const act = (id: CodeAction, label: string, icon: LabIcon): MenuItem & { id: string } => ({
    id,
    label,
    icon,
    obstacle: bench.obstacle(id),
    onSelect: () => {
      bench.perform(id, { code, language });
    }
  });
  if (bench.exists) {
    items.unshift(
      act('insert-cell', trans.__('Insert as cell'), insertCellIcon),
      act('replace-cell', trans.__('Replace the active cell'), replaceCellIcon),
      act('new-notebook', trans.__('New notebook'), notebookIcon),
      act('open-file', trans.__('Open as file'), fileIcon)
    );
  }
  return (
    <span className="jp-llmhub-code-tools" role="toolbar" aria-label={trans.__('Code actions')}>
      {tool}
      {items.map(({ id, label, icon, isToggled, obstacle, onSelect }) => (
        <IconButton
          key={id}
          className="jp-llmhub-lesser"
          icon={icon ?? fileIcon}
          label={obstacle ? `${label}: ${obstacle}` : label}
          aria-pressed={isToggled}
          disabled={Boolean(obstacle)}
          testId={`llmhub-code-${id}`}
          onClick={onSelect}
        />
      ))}
      <IconButton
        icon={copied ? checkIcon : copyIcon}
        label={copied ? trans.__('Copied') : trans.__('Copy code')}
        testId="llmhub-code-copy"
        onClick={() => {
          copyText(code);
          flash();
        }}
      />
      <IconButton
        className="jp-llmhub-more"
        icon={caretDownIcon}
        label={trans.__('More code actions')}
        aria-haspopup="menu"
        testId="llmhub-code-more"
        onClick={(event: MouseEvent<HTMLButtonElement>) => {
          openMenu(event.currentTarget, trans.__('Code actions'), items);
        }}
      />
    </span>
  );
}

function countLines(code: string): number {
  let count = 1;
  for (let at = code.indexOf('\n'); at >= 0; at = code.indexOf('\n', at + 1)) {
    count++;
  }
  return count;
}
