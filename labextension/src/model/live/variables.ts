import { laterInPage } from '../conversations';
import { fuzzy } from '../fuzzy';
import { Observable } from '../observable';
import { askFor, foreignSnapshot, hasDoor, type Inspected, variablesIn } from './foreign';
import { type Snapshot, snapshotFrom, type Variable, variablesFrom } from './snapshot';
import { LIST, looking } from './snippet';

/** The kernel of the notebook that was used last, as far as it can be asked. */
export interface LiveKernel {
  /** Names the kernel and what has run in it: as long as it is the same, so are the variables. */
  readonly key: string;
  readonly language: string;
  /** The folder of its notebook. */
  readonly project: string;
  /** It runs something: what is asked would wait for the end of that. */
  readonly isBusy: boolean;
  /** Python only: what an expression gives, as text. Nothing stays behind in the notebook, nor in its history. */
  evaluate(expression: string): Promise<string>;
  /** What the kernel itself says of a name; null: nothing. */
  inspect(name: string): Promise<Inspected | null>;
  /** Names that the kernel knows and that begin so. */
  complete(prefix: string): Promise<readonly string[]>;
}

/** How long a kernel that is idle may take to answer. Milliseconds. */
const PATIENCE_MS = 10_000;

/** Why there are no variables. */
export type Silence = 'no-kernel' | 'busy' | 'failed';

/** The variables of the live kernel, as they are mentioned while somebody types. */
export class Variables extends Observable {
  /** Null: they can be seen, or nobody has looked yet. */
  silence: Silence | null = null;
  private known: readonly Variable[] = [];
  private seen = '';
  /** What is being asked now. */
  private looking: string | null = null;

  /** `attend` tells when the kernel became another one, or begins or ends some work, until what it gives back is called. */
  constructor(
    private readonly kernel: () => LiveKernel | null,
    private readonly later: typeof laterInPage = laterInPage,
    private readonly attend: (listener: () => void) => () => void = () => () => undefined
  ) {
    super();
  }

  get project(): string {
    return this.kernel()?.project ?? '';
  }

  get language(): string {
    return this.kernel()?.language ?? '';
  }

  get isPython(): boolean {
    const kernel = this.kernel();
    return kernel !== null && isPython(kernel);
  }

  /** What is known are names of all sorts: the kernel does not say which of them are variables. */
  get areNames(): boolean {
    const kernel = this.kernel();
    return kernel !== null && !isPython(kernel) && !hasDoor(kernel.language);
  }

  /** Whether the kernel can be asked now. */
  get state(): 'ready' | 'no-kernel' | 'busy' {
    const kernel = this.kernel();
    return kernel ? (kernel.isBusy ? 'busy' : 'ready') : 'no-kernel';
  }

  /** Ask the kernel which there are, unless nothing has run since. `prefix`: for kernels that only complete names. */
  async refresh(prefix = ''): Promise<void> {
    const kernel = this.kernel();
    if (!kernel) {
      this.say('no-kernel', []);
      return;
    }
    const isSame = isPython(kernel) || hasDoor(kernel.language);
    const key = isSame ? kernel.key : `${kernel.key} ${prefix}`;
    if (key === this.looking || key === this.seen) {
      return;
    }
    if (kernel.isBusy) {
      this.say('busy', this.known);
      return;
    }
    this.looking = key;
    try {
      const known = await this.inTime(listed(kernel, prefix));
      if (this.looking === key) {
        this.seen = key;
        this.say(null, known);
      }
    } catch {
      if (this.looking === key) {
        this.say('failed', []);
      }
    } finally {
      if (this.looking === key) {
        this.looking = null;
      }
    }
  }

  /** The next to ask is answered by the kernel: what it has may be another since, without a cell that has run, as after a restart. */
  forget(): void {
    this.seen = '';
  }

  /** Ask now, and again when a kernel starts or its work has ended. What is given back ends that. */
  watch(prefix = ''): () => void {
    void this.refresh(prefix);
    return this.attend(() => {
      // What is asked is work, too: asked again after it failed, a kernel would never rest.
      if (this.silence !== 'failed') {
        void this.refresh(prefix);
      }
    });
  }

  /** Those that fit, the best first; with nothing typed the newest. */
  find(query: string, count: number): readonly { variable: Variable; at: readonly number[] }[] {
    const hits = this.known.flatMap(variable => {
      const hit = fuzzy(query, variable.name);
      return hit ? [{ variable, at: hit.at, score: hit.score }] : [];
    });
    return (query ? hits.sort((a, b) => b.score - a.score) : hits).slice(0, count);
  }

  /** One variable as it is now; null: there is none of that name. Throws what the kernel says. */
  async look(name: string): Promise<Snapshot | null> {
    const kernel = this.kernel();
    if (!kernel) {
      return null;
    }
    if (isPython(kernel)) {
      return snapshotFrom(await this.inTime(kernel.evaluate(looking(name))));
    }
    const said = await this.inTime(kernel.inspect(name));
    return said && foreignSnapshot(name, kernel.language, said);
  }

  /** Kernels may never answer: bash_kernel does not where it stumbles. */
  private async inTime<T>(answer: Promise<T>): Promise<T> {
    let cancel = (): void => undefined;
    const late = new Promise<never>((_resolve, reject) => {
      cancel = this.later(() => {
        reject(new Error('It does not answer.'));
      }, PATIENCE_MS);
    });
    try {
      return await Promise.race([answer, late]);
    } finally {
      cancel();
    }
  }

  private say(silence: Silence | null, known: readonly Variable[]): void {
    this.silence = silence;
    this.known = known;
    this.changed();
  }
}

function isPython({ language }: LiveKernel): boolean {
  return language.toLowerCase() === 'python';
}

async function listed(kernel: LiveKernel, prefix: string): Promise<readonly Variable[]> {
  if (isPython(kernel)) {
    return variablesFrom(await kernel.evaluate(LIST));
  }
  const asked = askFor(kernel.language, prefix);
  return asked === null ? [] : variablesIn(await kernel.complete(asked), kernel.language);
}
