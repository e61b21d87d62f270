import { beforeEach, expect, it, vi } from 'vitest';

import type { Message } from '../../src/api/schema';
import type { CellRunner, KernelState, OpenNotebook, RunEnd } from '../../src/model/proposal/notebook';
import type { Edit, ProposalCell } from '../../src/model/proposal/edits';
import { type Base, baseIn } from '../../src/model/proposal/request';
import { type Round, Trial } from '../../src/model/proposal/trial';
import { Trials } from '../../src/model/proposal/trials';
import { Proposal } from '../../src/model/proposal/units';
import { Observable } from '../../src/model/observable';
import { DEFAULTS } from '../../src/model/preferences';
import type { Session } from '../../src/model/session';
import { asked, said } from '../support/values';

const code = (id: string, source: string): ProposalCell => ({ id, type: 'code', source });
const CELLS = [code('a', 'x = 0'), code('b', 'print(1)'), code('c', 'print(2)')];
const EDITS: Edit[] = [{ op: 'replace', cell: 'b', source: 'print(1 / x)' }];

/** A notebook whose cells fail where they divide by nought, and print what they are otherwise. */
class Book implements OpenNotebook {
  readonly path = 'a.ipynb';
  readonly isReadOnly = false;
  ran: string[] = [];
  interrupts = 0;
  state: KernelState = 'ready';
  /** How running a cell ends, instead of at once. */
  running: Promise<RunEnd> | null = null;
  /** How the kernel answers what it is asked about an error, instead of at once. */
  telling: Promise<string> | null = null;
  /** The steps that can be taken back, the last one last. */
  steps: { readonly take: () => void }[] = [];
  /** What a cell that fails shows. */
  error = { output_type: 'error', ename: 'ZeroDivisionError', evalue: 'division by zero' };
  private readonly outputs = new Map<string, unknown[]>();

  constructor(public now: readonly ProposalCell[] = CELLS) {}

  cells(): readonly ProposalCell[] {
    return this.now;
  }
  isLocked(): boolean {
    return false;
  }
  make(cells: readonly ProposalCell[]): void {
    const before = this.now;
    this.now = cells;
    this.steps.push({
      take: () => {
        this.now = before;
      }
    });
  }
  get last(): object | null {
    return this.steps.at(-1) ?? null;
  }
  undo(): void {
    this.steps.pop()?.take();
  }
  reveal(): void {
    // Nobody looks.
  }

  readonly runner: CellRunner = {
    language: 'python',
    state: 'ready',
    live: {
      key: '',
      language: 'python',
      project: '',
      isBusy: false,
      evaluate: expression =>
        this.telling ??
        Promise.resolve(
          JSON.stringify({
            values: expression.includes('secret_column') ? [] : ['x (int): 0'],
            row: null,
            traceback: 'line 1\nZeroDivisionError: division by zero'
          })
        ),
      inspect: () => Promise.resolve(null),
      complete: () => Promise.resolve([])
    },
    settled: () => Promise.resolve(this.state),
    run: async id => {
      const cell = this.now.find(one => one.id === id);
      if (!cell) {
        return 'gone';
      }
      this.ran.push(id);
      const fails = cell.source.includes('/ x');
      this.outputs.set(id, [fails ? this.error : { output_type: 'stream', text: `${cell.source}!` }]);
      return (await this.running) ?? (fails ? 'failed' : 'ok');
    },
    interrupt: () => {
      this.interrupts += 1;
      return Promise.resolve();
    },
    shown: id => {
      const cell = this.now.find(one => one.id === id);
      return cell ? { source: cell.source, outputs: this.outputs.get(id) ?? [] } : null;
    }
  };
}

/** A conversation in which a model answers what it is asked with the next of its answers. */
class Chat extends Observable {
  tree = { path: ['m1', 'm2'] };
  failure = null;
  running = null;
  messages = new Map<string, Message>();
  answers: string[] = [];
  asked: { text: string; files: readonly File[] }[] = [];

  node(id: string): { message: Message } | undefined {
    const message = this.messages.get(id);
    return message && { message };
  }
  ask(text: string, files: readonly File[]): Promise<boolean> {
    this.asked.push({ text, files });
    const at = this.messages.size;
    const answer = said(`a${at}`, this.answers.shift() ?? 'I do not know.');
    this.messages.set(`q${at}`, asked(`q${at}`, text)).set(answer.id, answer);
    setTimeout(() => {
      this.tree = { path: [...this.tree.path, `q${at}`, answer.id] };
      this.changed();
    });
    return Promise.resolve(true);
  }
  stop(): Promise<void> {
    return Promise.resolve();
  }
}

let book: Book;
let chat: Chat;
let trials: Trials;
let trial: Trial;

beforeEach(() => {
  localStorage.clear();
  book = new Book();
  chat = new Chat();
  const notebooks = {
    find: () => (book.now.length > 0 ? book : null),
    open: () => Promise.resolve(),
    subscribe: () => () => undefined,
    version: () => 0
  };
  trials = new Trials(notebooks, localStorage, { values: { ...DEFAULTS, mendRounds: 2 } });
  trial = trials.of('first');
});

function round(edits: Edit[] = EDITS, below = false, base: Base = { path: 'a.ipynb', cells: CELLS }): Round {
  const session = Object.assign(new Observable(), { chat, writing: { ask: chat.ask.bind(chat) } });
  const proposal = new Proposal(base.cells, edits);
  void trial.apply(book, proposal, new Set(proposal.units(book.now).map(unit => unit.key)));
  const words: Round['words'] = ({ number, summary }) => `Cell ${number}: ${summary}`;
  return { base, proposal, session: session as unknown as Session, below, words };
}

const replacing = (source: string): string =>
  `So:\n\n\`\`\`notebook-edits\n${JSON.stringify([{ op: 'replace', cell: 'b', source }])}\n\`\`\`\n`;

it('runs what was changed and no more, or what is below it too, and says what came out', async () => {
  await trial.go(round([{ op: 'replace', cell: 'b', source: 'print(9)' }]));
  expect(book.ran).toEqual(['b']);
  expect(trial.ending).toBe('green');
  expect(trial.results).toMatchObject([{ number: 2, state: 'ok', text: 'print(9)!' }]);
  book.now = CELLS;
  await trial.go(round([{ op: 'replace', cell: 'b', source: 'print(8)' }], true));
  expect(book.ran).toEqual(['b', 'b', 'c']);
});

it('an error is sent when a person says so: the notebook as it is, the traceback, the values if they agree', async () => {
  const first = round(EDITS, true);
  await trial.go(first);
  expect([trial.ending, book.ran, chat.asked]).toEqual(['failed', ['b'], []]);
  expect(trial.report(first, true)).toContain('x (int): 0');
  expect(trial.report(first, false)).not.toContain('x (int): 0');
  await trial.ask(first, { hasValues: true });
  expect(trial.sequel).toBe('asked');
  const [{ text, files } = { text: '', files: [] }] = chat.asked;
  expect(text).toBe('Cell 2: ZeroDivisionError: division by zero');
  const [request, report] = await Promise.all(files.map(file => file.text()));
  expect(report).toBe(trial.report(first, true));
  const next = baseIn(request ?? '');
  expect(next?.mending).toEqual({ round: 1, left: ['b', 'c'], below: true });
  expect(next?.cells).toEqual(book.now);
});

it('goes on by itself where that was agreed to, until all runs', async () => {
  trials.setByItself('a.ipynb', true);
  chat.answers = [replacing('print(2 / x)'), replacing('print(3)')];
  await trial.go(round());
  await vi.waitFor(() => {
    expect(book.ran).toEqual(['b', 'b', 'b']);
  });
  expect(book.now[1]?.source).toBe('print(3)');
  expect(chat.asked).toHaveLength(2);
});

it('gives up after as many rounds as were set', async () => {
  trials.setByItself('a.ipynb', true);
  chat.answers = ['print(2 / x)', 'print(3 / x)', 'print(4)'].map(replacing);
  await trial.go(round());
  await vi.waitFor(() => {
    expect(book.ran).toHaveLength(3);
  });
  await vi.waitFor(() => {
    expect(chat.asked).toHaveLength(2);
  });
  expect(book.now[1]?.source).toBe('print(3 / x)');
});

it('does nothing by itself with an answer that proposes nothing, or no longer fits', async () => {
  trials.setByItself('a.ipynb', true);
  await trial.go(round());
  expect(trial.sequel).toBe('no-changes');
  chat.answers = [replacing('print(5)')];
  const second = trials.of('second');
  const ask = chat.ask.bind(chat);
  const given = round();
  Object.assign(given.session.writing, {
    ask: (text: string, files: File[]) => {
      book.now = book.now.map(cell => (cell.id === 'b' ? { ...cell, source: 'mine() / x' } : cell));
      return ask(text, files);
    }
  });
  await second.go(given);
  expect(second.sequel).toBe('unfit');
  expect(book.now[1]?.source).toBe('mine() / x');
});

it('is stopped at any moment, and says so', async () => {
  let end: (how: RunEnd) => void = () => undefined;
  book.running = new Promise(resolve => {
    end = resolve;
  });
  const going = trial.go(round(EDITS, true));
  await vi.waitFor(() => {
    expect(book.ran).toEqual(['b']);
  });
  trial.stop();
  expect(book.interrupts).toBe(1);
  end('failed');
  await going;
  expect([trial.ending, trial.failure, book.ran]).toEqual(['stopped', null, ['b']]);
  expect(trial.results.map(({ state }) => state)).toEqual(['cut']);
});

it.each(['KeyboardInterrupt', 'CancelledError', 'Stopped'])(
  'sends nothing where a person has interrupted: %s',
  async ename => {
    trials.setByItself('a.ipynb', true);
    book.error = { output_type: 'error', ename, evalue: '' };
    await trial.go(round());
    expect([trial.ending, trial.sequel, chat.asked]).toEqual(['stopped', null, []]);
  }
);

it.each<[KernelState, string]>([
  ['none', 'none'],
  ['dead', 'dead']
])('runs nothing where the kernel is %s', async (state, ending) => {
  book.state = state;
  await trial.go(round());
  expect([trial.ending, book.ran]).toEqual([ending, []]);
});

it('says that the kernel ended meanwhile, that a cell is gone, that the notebook was closed', async () => {
  book.running = Promise.resolve<RunEnd>('cut');
  await trial.go(round());
  expect(trial.ending).toBe('cut');
  book.running = null;
  const given = round([{ op: 'replace', cell: 'b', source: 'print(7)' }], true);
  const going = trial.go(given);
  book.now = book.now.filter(cell => cell.id !== 'b');
  await going;
  expect(trial.ending).toBe('empty');
  book.now = [];
  await trial.go(given);
  expect(trial.ending).toBe('closed');
});

it('is stopped while the kernel, which has got other work, does not say what the names stood for', async () => {
  book.telling = new Promise(() => undefined);
  const going = trial.go(round());
  await vi.waitFor(() => {
    expect(trial.stage).toBe('looking');
  });
  trial.stop();
  await going;
  expect([trial.ending, trial.stage, trial.failure]).toEqual(['stopped', 'idle', null]);
});

it('applies nothing by itself once a person does not want that any more', async () => {
  trials.setByItself('a.ipynb', true);
  chat.answers = [replacing('print(5)')];
  const given = round();
  const ask = chat.ask.bind(chat);
  Object.assign(given.session.writing, {
    ask: (text: string, files: File[]) => {
      setTimeout(() => {
        trials.setByItself('a.ipynb', false);
      });
      return ask(text, files);
    }
  });
  await trial.go(given);
  expect([trial.sequel, book.ran, book.now[1]?.source]).toEqual(['asked', ['b'], 'print(1 / x)']);
});

/** Cells that a proposal rewrites, removes, adds and moves. */
const MANY: Edit[] = [
  { op: 'replace', cell: 'b', source: 'print(1)\nprint(x)' },
  { op: 'delete', cell: 'a' },
  { op: 'insert', id: 'n', after: null, type: 'code', source: 'new' },
  { op: 'move', cell: 'c', after: 'n' }
];

it('takes back what it made by the notebook’s own undo, if that is its last step', async () => {
  round(MANY);
  await Promise.resolve();
  expect([book.now.map(({ id }) => id), trial.canUndo(book)]).toEqual([['n', 'c', 'b'], true]);
  const undo = vi.spyOn(book, 'undo');
  await trial.undo(book);
  expect([book.now, undo.mock.calls.length, trial.canUndo(book)]).toEqual([CELLS, 1, false]);
});

it.each([
  ['has no steps, as it was opened again', (): void => void (book.steps = [])],
  ['was edited to and fro', (): void => void book.steps.push({ take: () => undefined })]
])('takes its change back, and no other, where the notebook %s', async (_, meanwhile) => {
  round(MANY);
  await Promise.resolve();
  meanwhile();
  const undo = vi.spyOn(book, 'undo');
  await trial.undo(book);
  expect([book.now, undo.mock.calls.length, trial.canUndo(book)]).toEqual([CELLS, 0, false]);
});

it('takes its change back although others go on typing elsewhere, and keeps what they type', async () => {
  round(MANY);
  await Promise.resolve();
  book.steps = [];
  const theirs = [
    ...book.now.map(cell => (cell.id === 'b' ? { ...cell, source: `# theirs\n${cell.source}` } : cell)),
    code('d', 'theirs')
  ];
  book.now = theirs;
  expect(trial.canUndo(book)).toBe(true);
  await trial.undo(book);
  expect(book.now).toEqual([
    code('a', 'x = 0'),
    code('b', '# theirs\nprint(1)'),
    code('c', 'print(2)'),
    code('d', 'theirs')
  ]);
});

it('takes nothing back where what it made was edited meanwhile', async () => {
  round();
  await Promise.resolve();
  const edited = book.now.map(cell => ({ ...cell, source: `${cell.source} # mine` }));
  book.now = edited;
  expect(trial.canUndo(book)).toBe(false);
  await trial.undo(book);
  expect(book.now).toBe(edited);
});
