import { consentFor } from '../live/consent';
import { textOf } from '../node';
import { Observable } from '../observable';
import type { Session } from '../session';
import { answerBelow } from './answers';
import { blockIn, nameOfBlock, type ProposalCell, readBlock } from './edits';
import { type CellFailure, failureFile, failureIn, failureText } from './failure';
import type { OpenNotebook } from './notebook';
import { type Base, requestFile } from './request';
import { type Result, resultOf } from './results';
import { editsBetween } from './steps';
import type { Trials } from './trials';
import { Proposal, type Unit } from './units';

/** What is tried: a proposal that was applied, and in which conversation it stands. */
export interface Round {
  readonly base: Base;
  readonly proposal: Proposal;
  readonly session: Session;
  /** Run all cells below the first changed one, too. */
  readonly below: boolean;
  /** How a person asks for a mend. */
  readonly words: (failure: CellFailure) => string;
}

/** `waiting`: for the kernel, which runs something else; `looking`: at what went wrong. */
export type Stage = 'idle' | 'waiting' | 'running' | 'looking' | 'sending' | 'answering';

/** How running ended; `none`, `dead`: there is no kernel, or it has died; `cut`: it ended meanwhile; `empty`: nothing was left to run. */
export type Ending = 'green' | 'failed' | 'stopped' | 'cut' | 'none' | 'dead' | 'closed' | 'empty';

/** What became of a failure that went back. `written`: it stands in the message field; `away`: another conversation is shown. */
export type Sequel =
  'asked' | 'written' | 'away' | 'stopped' | 'no-answer' | 'no-changes' | 'unfit' | 'given-up';

/** Runs what one proposal changed, and has what fails mended. It goes on while nobody looks at it. */
export class Trial extends Observable {
  stage: Stage = 'idle';
  ending: Ending | null = null;
  results: readonly Result[] = [];
  /** How many cells are run in all. */
  total = 0;
  failure: CellFailure | null = null;
  sequel: Sequel | null = null;
  /** What takes back what was made; null: nothing was, or it was taken back. */
  private back: Proposal | null = null;
  /** By which the notebook knows what was made, if it keeps its steps. */
  private step: object | null = null;
  private stopper = new AbortController();
  private undone: readonly string[] = [];

  constructor(private readonly trials: Trials) {
    super();
  }

  get isUnderWay(): boolean {
    return this.stage !== 'idle';
  }

  /** Whether what was made can be taken back whole: what it made was not edited since then. */
  canUndo(notebook: OpenNotebook): boolean {
    const states = this.unitsBack(notebook).map(({ state }) => state);
    return states.includes('open') && states.every(state => state === 'open' || state === 'done');
  }

  /** Take what was made back, and no more: what was done elsewhere meanwhile, by this person or by others, stays. */
  async undo(notebook: OpenNotebook): Promise<void> {
    const { back, step } = this;
    if (back && this.canUndo(notebook)) {
      if (step !== null && notebook.last === step) {
        notebook.undo();
      } else {
        // Its last step is not ours: it was edited, opened or closed since then.
        const keys = this.unitsBack(notebook).map(unit => unit.key);
        await notebook.make(back.applied(notebook.cells(), new Set(keys)));
      }
      this.back = null;
    }
    this.forget();
  }

  /** Make the changes, as far as they are accepted. */
  async apply(notebook: OpenNotebook, proposal: Proposal, accepted: ReadonlySet<string>): Promise<void> {
    const before = notebook.cells();
    await notebook.make(proposal.applied(before, accepted, cell => notebook.isLocked(cell)));
    const made = notebook.cells();
    this.back = new Proposal(made, editsBetween(made, before));
    this.step = notebook.last;
    this.forget();
  }

  /** What was run is over: the notebook is another one. */
  forget(): void {
    Object.assign(this, { ending: null, results: [], failure: null, sequel: null });
    this.changed();
  }

  /** Run what was changed. Where the person has said so, errors go back by themselves, and so on to the end. */
  async go(round: Round): Promise<void> {
    if (this.isUnderWay) {
      return;
    }
    this.stopper = new AbortController();
    this.forget();
    this.stage = 'waiting';
    this.changed();
    this.ending = await this.run(round);
    this.stage = 'idle';
    this.changed();
    const notebook = this.trials.find(round.base);
    if (this.ending === 'failed' && notebook && this.trials.isByItself(notebook.path)) {
      if (this.trials.isLast(round.base)) {
        this.sequel = 'given-up';
        this.changed();
      } else {
        await this.ask(round, { hasValues: true });
      }
    }
  }

  /** End it, whatever is done just now. What was done stays. */
  stop(): void {
    this.stopper.abort();
  }

  /** Exactly what goes to the model when it is asked for a mend. */
  report({ base }: Pick<Round, 'base'>, hasValues: boolean): string {
    const language = this.trials.find(base)?.runner?.language ?? '';
    return this.failure ? failureText(this.failure, { language, hasValues }) : '';
  }

  /** Send what went wrong back to the model. */
  async ask(round: Round, { hasValues }: { hasValues: boolean }): Promise<void> {
    const { base, session, below, words } = round;
    const { failure } = this;
    const notebook = this.trials.find(base);
    if (!failure || !notebook || this.isUnderWay) {
      return;
    }
    this.stopper = new AbortController();
    const { signal } = this.stopper;
    const { chat } = session;
    const mending = { round: (base.mending?.round ?? 0) + 1, left: this.undone, below };
    const about = [failure.cell];
    const next = this.trials.fitted({ path: notebook.path, cells: notebook.cells(), mending }, about);
    const files = [
      requestFile(next, { language: notebook.runner?.language ?? '', about }),
      failureFile(notebook.path, this.report(round, hasValues))
    ];
    const known = new Set(chat.tree.path);
    this.stage = 'sending';
    this.sequel = null;
    this.changed();
    const isSent = await session.writing.ask(words(failure), files);
    if (!isSent) {
      this.end(session.chat === chat ? 'written' : 'away');
      return;
    }
    if (!this.trials.isByItself(notebook.path)) {
      this.end('asked');
      return;
    }
    this.stage = 'answering';
    this.changed();
    const answer = await answerBelow(session, chat, known, signal);
    if (signal.aborted) {
      this.end('stopped');
      if (session.chat === chat && chat.running && !known.has(chat.running.message.id)) {
        void chat.stop();
      }
    } else if (answer === null) {
      this.end(session.chat === chat ? 'no-answer' : 'away');
    } else if (answer.status !== 'complete') {
      this.end(answer.status === 'stopped' ? 'stopped' : 'no-answer');
    } else if (!this.trials.isByItself(notebook.path)) {
      // The person has thought better of it while the answer was written.
      this.end('asked');
    } else {
      this.end(await this.goOn({ ...round, base: next }, answer.id, textOf(answer.parts)));
    }
  }

  /** Make the changes of an answer and run them, since the person has agreed to that. Says what stands in the way, if anything. */
  private async goOn(round: Round, message: string, text: string): Promise<Sequel> {
    const { base } = round;
    const notebook = this.trials.find(base);
    const block = blockIn(text);
    if (!notebook || block === null) {
      return 'no-changes';
    }
    const name = nameOfBlock(message, block);
    const read = readBlock(block, base.cells, name);
    if ('fault' in read) {
      return 'no-changes';
    }
    const proposal = new Proposal(base.cells, read.edits);
    const units = proposal.units(notebook.cells(), cell => notebook.isLocked(cell));
    if (notebook.isReadOnly || units.some(({ state }) => state !== 'open' && state !== 'done')) {
      return 'unfit';
    }
    const next = this.trials.of(name);
    await next.apply(notebook, proposal, new Set(units.map(unit => unit.key)));
    void next.go({ ...round, proposal });
    return 'asked';
  }

  private async run(round: Round): Promise<Ending> {
    const { signal } = this.stopper;
    const isStopped = (): boolean => signal.aborted;
    const notebook = this.trials.find(round.base);
    const runner = notebook?.runner;
    if (!notebook || !runner) {
      return 'closed';
    }
    const state = await runner.settled(signal);
    if (isStopped()) {
      return 'stopped';
    }
    if (state === 'none' || state === 'dead') {
      return state;
    }
    const wanted = cellsToRun(round, notebook);
    this.total = wanted.length;
    this.stage = 'running';
    const interrupt = (): void => {
      if (this.stage === 'running') {
        void runner.interrupt();
      }
    };
    signal.addEventListener('abort', interrupt);
    for (const [at, cell] of wanted.entries()) {
      const ending = await this.runOne(cell, notebook);
      if (isStopped()) {
        return 'stopped';
      }
      if (ending !== null) {
        this.undone = wanted.slice(at);
        return ending;
      }
    }
    signal.removeEventListener('abort', interrupt);
    return this.results.some(({ state }) => state === 'ok') ? 'green' : 'empty';
  }

  /** Null: the next one can be run. */
  private async runOne(cell: string, notebook: OpenNotebook): Promise<Ending | null> {
    const { runner } = notebook;
    const numberOf = (): number => notebook.cells().findIndex(({ id }) => id === cell) + 1;
    const say = (state: Result['state']): void => {
      const others = this.results.filter(one => one.cell !== cell);
      this.results = [...others, resultOf({ cell, number: numberOf(), state }, runner)];
      this.changed();
    };
    if (notebook.cells().length === 0 || !runner) {
      return 'closed';
    }
    say('running');
    const end = await runner.run(cell);
    if (notebook.cells().length === 0) {
      return 'closed';
    }
    // What a person stops has not failed.
    say(end === 'failed' && this.stopper.signal.aborted ? 'cut' : end);
    if (end === 'ok' || end === 'gone') {
      return null;
    }
    if (end === 'cut' || this.stopper.signal.aborted) {
      return 'cut';
    }
    this.stage = 'looking';
    this.changed();
    const shown = runner.shown(cell) ?? {};
    const project = runner.live?.project ?? '';
    const consent = consentFor(project, this.trials.storage);
    const { signal } = this.stopper;
    const failure = await failureIn(shown, { cell, number: numberOf() }, runner, { consent, signal });
    if (signal.aborted) {
      return 'stopped';
    }
    this.failure = failure;
    return failure.isInterrupt ? 'stopped' : 'failed';
  }

  private unitsBack(notebook: OpenNotebook): Unit[] {
    return this.back?.units(notebook.cells(), cell => notebook.isLocked(cell)) ?? [];
  }

  private end(sequel: Sequel): void {
    this.stage = 'idle';
    this.sequel = sequel;
    this.changed();
  }
}

/** Which cells are run, from the top down: those that were changed, those that had been left, and those below if that was asked for. */
export function cellsToRun(
  { base, proposal, below }: Pick<Round, 'base' | 'proposal' | 'below'>,
  notebook: Pick<OpenNotebook, 'cells' | 'isLocked'>
): readonly string[] {
  const now = notebook.cells();
  const touched = new Set([
    ...(base.mending?.left ?? []),
    ...proposal
      .units(now, cell => notebook.isLocked(cell))
      .flatMap(({ state, change }) => (state === 'done' && change.kind !== 'removed' ? [change.cell.id] : []))
  ]);
  const first = now.findIndex(({ id }) => touched.has(id));
  const isWanted = ({ id }: ProposalCell, at: number): boolean =>
    touched.has(id) || (below && first >= 0 && at > first);
  return now
    .filter((cell, at) => cell.type === 'code' && cell.source.trim() !== '' && isWanted(cell, at))
    .map(({ id }) => id);
}
