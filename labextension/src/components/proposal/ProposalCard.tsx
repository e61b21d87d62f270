import { checkIcon, fileIcon, notebookIcon, undoIcon } from '@jupyterlab/ui-components';
import { useContext, useEffect, useId, useMemo, useRef, useState, useSyncExternalStore } from 'react';

import { counted } from '../../counts';
import { errorInfo } from '../../api/errors';
import { nameOfBlock, readBlock } from '../../model/proposal/edits';
import type { OpenNotebook, OpenNotebooks } from '../../model/proposal/notebook';
import { leftOut } from '../../model/proposal/budget';
import type { Base } from '../../model/proposal/request';
import { readTextBlock } from '../../model/proposal/text';
import type { Round } from '../../model/proposal/trial';
import type { Trials } from '../../model/proposal/trials';
import { isMade, Proposal } from '../../model/proposal/units';
import { nameOf } from '../../model/workspace';
import { useServices } from '../context';
import { Button } from '../controls';
import { useFold, useModel } from '../hooks';
import { Icon } from '../Icon';
import { CodeBlock } from '../markdown/CodeBlock';
import { Speaking } from '../message/speaking';
import { Again } from './Again';
import { type Asked, useAsked } from './base';
import { CellChange, groups } from './CellChange';
import { TrialView } from './TrialView';
import { faultWords } from './words';

interface Props {
  code: string;
  notebooks: OpenNotebooks;
  trials: Trials;
}

/** Changes to a notebook that a model proposes, cell by cell, to be accepted or refused. */
export function View({ code, notebooks, trials }: Props) {
  const { trans } = useServices();
  const asked = useAsked();
  const { base } = asked;
  const message = useContext(Speaking);
  const name = useMemo(() => nameOfBlock(message?.id ?? '', code), [message?.id, code]);
  const { read, proposal } = useMemo(() => {
    const read = base && (base.isText ? readTextBlock(code, base.cells) : readBlock(code, base.cells, name));
    return { read, proposal: base && read && 'edits' in read ? new Proposal(base.cells, read.edits) : null };
  }, [code, base, name]);
  if (base === undefined) {
    return <div className="jp-llmhub-proposal" aria-busy="true" />;
  }
  if (base === null || proposal === null) {
    const fault = read && 'fault' in read ? faultWords(read.fault, trans) : null;
    const note =
      fault !== null
        ? `${fault} ${trans.__('Nothing was changed. Ask again, or use the text as it is.')}`
        : trans.__(
            'It is not known which notebook this is about. Ask by “Change…” in the menu of a cell, or by /change.'
          );
    return (
      <>
        <CodeBlock code={code} language={base?.isText ? '' : 'json'} done note={note} />
        {base && (
          <p>
            <Again
              {...{ base, trials }}
              notebook={notebooks.find(base)}
              words={trans.__('%1 Propose the changes again.', fault ?? '')}
            />
          </p>
        )}
      </>
    );
  }
  return <Card key={name} words={asked.words} {...{ base, notebooks, trials, proposal, name }} />;
}

interface CardProps {
  base: Base;
  notebooks: OpenNotebooks;
  trials: Trials;
  proposal: Proposal;
  /** What was asked for. */
  words: Asked['words'];
  /** By which it is remembered that it was refused, and what was run of it. */
  name: string;
}

function Card({ base, notebooks, trials, proposal, words, name }: CardProps) {
  const { session, trans } = useServices();
  const title = useId();
  useSyncExternalStore(notebooks.subscribe, notebooks.version);
  const [isOpen, toggle] = useFold(`proposal:${name}`, true);
  const [refused, setRefused] = useState<ReadonlySet<string>>(new Set());
  const [problem, setProblem] = useState<string | null>(null);
  const wasPressed = useRef(false);
  const isApplying = useRef(false);
  const trial = useModel(trials.of(name));
  const [isBelow, setBelow] = useState(base.mending?.below ?? false);
  const notebook = notebooks.find(base);
  const now = notebook?.cells() ?? base.cells;
  const isLocked = (cell: string): boolean => notebook?.isLocked(cell) ?? false;
  const units = proposal.units(now, isLocked, trials.made.of(name));
  const open = units.filter(unit => unit.state === 'open');
  const chosen = open.filter(unit => !refused.has(unit.key));
  const isReadOnly = notebook?.isReadOnly ?? false;
  // Who asked for a mend wants to know whether it is one.
  const canTry =
    base.mending !== undefined && trials.isAllowed && notebook !== null && notebook.runner !== null;
  const footer = useRef<HTMLElement>(null);
  const { short, unlisted } = leftOut(base);
  const isUnfit = units.some(unit => unit.state !== 'open' && !isMade(unit));
  const canUndo = notebook !== null && !trial.isUnderWay && trial.canUndo(notebook);
  const round: Round = {
    base,
    proposal,
    session,
    below: isBelow,
    words: ({ number, summary }) => trans.__('Running cell %1 failed: %2. Mend it.', number, summary)
  };

  useEffect(() => {
    // One that is not open, or was closed just now, says nothing about what became of its cells.
    if (notebook !== null && now.length > 0) {
      trials.made.see(name, units);
    }
  });
  useEffect(() => {
    // The button that was pressed is gone: the keys go on with what stands in its place.
    const { activeElement, body } = document;
    if (wasPressed.current && (activeElement === null || activeElement === body)) {
      footer.current?.querySelector('button')?.focus();
    }
    wasPressed.current = false;
  });

  const choose = (keys: readonly string[], isWanted: boolean): void => {
    setRefused(before => {
      const others = [...before].filter(key => !keys.includes(key));
      return new Set(isWanted ? others : [...others, ...keys]);
    });
  };
  const say = (thrown: unknown): void => {
    setProblem(errorInfo(thrown).message);
  };
  /** As it is now: a file may have been opened since this was drawn. */
  const current = (drawn: OpenNotebook): OpenNotebook => notebooks.find(base) ?? drawn;
  const apply = async (target: OpenNotebook): Promise<void> => {
    if (isApplying.current) {
      return;
    }
    isApplying.current = true;
    setProblem(null);
    try {
      await trial.apply(target, proposal, new Set(chosen.map(unit => unit.key)));
    } finally {
      isApplying.current = false;
    }
    target.reveal(chosen[0]?.change.cell.id ?? null);
    if (canTry) {
      void trial.go(round);
    }
  };
  const openNotebook = (): void => {
    setProblem(null);
    notebooks.open(base.path).catch((thrown: unknown) => {
      setProblem(trans.__('“%1” cannot be opened: %2', base.path, errorInfo(thrown).message));
    });
  };
  return (
    <section className="jp-llmhub-proposal" aria-labelledby={title} data-testid="llmhub-proposal">
      <header>
        <Icon of={base.isText ? fileIcon : notebookIcon} tag="span" />
        <h4 id={title} title={base.path}>
          {trans.__('Changes to %1', nameOf(notebook?.path ?? base.path))}
        </h4>
        {!isOpen && <span>{trans.__('refused')}</span>}
        {base.mending && <span>{trans.__('Round %1 of %2', base.mending.round, trials.rounds)}</span>}
      </header>
      {isOpen && (
        <ol>
          {groups(units).map(group => (
            <li key={group[0]?.key}>
              <CellChange {...{ group, refused, choose, isReadOnly }} cells={base.cells} />
            </li>
          ))}
        </ol>
      )}
      {units.length === 0 && (
        <p className="jp-llmhub-proposal-note">
          {base.isText
            ? trans.__('The file is like that already.')
            : trans.__('The notebook is like that already.')}
        </p>
      )}
      {isReadOnly && (
        <p className="jp-llmhub-proposal-note">
          {base.isText ? trans.__('The file can only be read.') : trans.__('The notebook can only be read.')}
        </p>
      )}
      {short + unlisted > 0 && (
        <p className="jp-llmhub-proposal-note">
          {trans.__(
            'The notebook was too large to go along whole: of %1 cells the model saw the first line, %2 it did not see.',
            counted(short),
            counted(unlisted)
          )}
        </p>
      )}
      {problem !== null && (
        <p className="jp-llmhub-proposal-note jp-llmhub-problem" role="alert">
          {problem}
        </p>
      )}
      <footer
        ref={footer}
        onClick={() => {
          wasPressed.current = true;
        }}
      >
        {!isOpen ? (
          <Button testId="llmhub-proposal-look" onClick={toggle}>
            {trans.__('Look at it again')}
          </Button>
        ) : notebook === null ? (
          <Button accent testId="llmhub-proposal-open" onClick={openNotebook}>
            {base.isText ? trans.__('Open the file') : trans.__('Open the notebook')}
          </Button>
        ) : (
          open.length > 0 &&
          !isReadOnly && (
            <Button
              accent
              testId="llmhub-proposal-apply"
              disabled={chosen.length === 0}
              onClick={() => {
                apply(current(notebook)).catch(say);
              }}
            >
              {canTry
                ? trans.__('Apply and run')
                : chosen.length === units.length
                  ? trans.__('Apply all')
                  : chosen.length === 0
                    ? trans.__('Apply')
                    : trans._n('Apply %1 change', 'Apply %1 changes', counted(chosen.length))}
            </Button>
          )
        )}
        {((isOpen && isUnfit) || !isOpen) && (
          <Again
            {...{ base, notebook, trials }}
            words={isOpen ? words : null}
            about={proposal.changes.map(({ cell }) => cell.id)}
          />
        )}
        {isOpen && open.length > 0 && (
          <Button testId="llmhub-proposal-refuse" onClick={toggle}>
            {trans.__('Refuse')}
          </Button>
        )}
        <span role="status" className="jp-llmhub-proposal-status">
          {units.length > 0 && units.every(isMade) && (
            <>
              <Icon of={checkIcon} tag="span" />
              {trans.__('Applied')}
            </>
          )}
        </span>
        {canUndo && (
          <Button
            icon={undoIcon}
            testId="llmhub-proposal-undo"
            onClick={() => {
              setProblem(null);
              trial.undo(current(notebook)).catch(say);
            }}
          >
            {trans.__('Undo')}
          </Button>
        )}
      </footer>
      {isOpen && notebook && <TrialView {...{ trial, trials, round, notebook, setBelow }} />}
    </section>
  );
}
