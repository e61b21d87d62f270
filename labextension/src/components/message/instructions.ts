import type { TranslationBundle } from '@jupyterlab/translation';

/** How another answer can differ. `said` goes to the model and is kept with the answer, so it must not change lightly. */
export interface Instruction {
  readonly name: 'shorter' | 'longer' | 'exact';
  readonly label: string;
  readonly said: string;
}

export function instructions(trans: TranslationBundle): readonly Instruction[] {
  return [
    {
      name: 'shorter',
      label: trans.__('Shorter'),
      said: 'Answer more briefly than you usually would: only what matters. Keep to the language of the question.'
    },
    {
      name: 'longer',
      label: trans.__('Longer'),
      said: 'Answer at more length than you usually would: explain, and give examples. Keep to the language of the question.'
    },
    {
      name: 'exact',
      label: trans.__('More exact'),
      said:
        'Answer more exactly than you usually would: check each statement, name conditions and exceptions, and say what is uncertain. ' +
        'Keep to the language of the question.'
    }
  ];
}

/** The instruction of an answer as a person knows it: "Shorter", or as it was said. */
export function instructionLabel(said: string, trans: TranslationBundle): string {
  return instructions(trans).find(one => one.said === said)?.label ?? said;
}
