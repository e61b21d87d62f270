import type { Preferences } from '../preferences';
import type { Storage } from '../storage';
import { fitted } from './budget';
import { Made } from './made';
import type { OpenNotebook, OpenNotebooks } from './notebook';
import type { Base } from './request';
import { Trial } from './trial';

const key = (path: string): string => `llmhub:run:${path}`;

/** What was run of the proposals of this page, and in which notebooks it goes on by itself. */
export class Trials {
  readonly made: Made;
  private readonly known = new Map<string, Trial>();

  constructor(
    private readonly notebooks: OpenNotebooks,
    readonly storage: Storage,
    private readonly preferences: Pick<Preferences, 'values'>
  ) {
    this.made = new Made(storage);
  }

  /** The one of a proposal, by its name. */
  of(name: string): Trial {
    const trial = this.known.get(name) ?? new Trial(this);
    this.known.set(name, trial);
    return trial;
  }

  find(base: Base): OpenNotebook | null {
    return this.notebooks.find(base);
  }

  /** As much of a notebook as may go along. */
  fitted(base: Base, about: readonly string[]): Base {
    return fitted(base, about, this.preferences.values.changeBudget);
  }

  /** Whether changes may be run at all. */
  get isAllowed(): boolean {
    return this.preferences.values.runChanges !== 'never';
  }

  /** How often an error goes back to the model. */
  get rounds(): number {
    return Math.max(0, Math.round(this.preferences.values.mendRounds));
  }

  /** Whether an error of this round would go back once too often. */
  isLast({ mending }: Base): boolean {
    return (mending?.round ?? 0) >= this.rounds;
  }

  /** Whether the person has said that in this notebook mends are asked for, applied and run without asking. */
  isByItself(path: string): boolean {
    return this.isAllowed && this.storage.getItem(key(path)) === 'always';
  }

  setByItself(path: string, isWanted: boolean): void {
    if (isWanted) {
      this.storage.setItem(key(path), 'always');
    } else {
      this.storage.removeItem(key(path));
    }
  }
}
