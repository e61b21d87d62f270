import { useServices } from '../context';
import { Button } from '../controls';
import type { OpenNotebook } from '../../model/proposal/notebook';
import { type Base, requestFor } from '../../model/proposal/request';
import type { Trials } from '../../model/proposal/trials';

interface Props {
  base: Base;
  notebook: OpenNotebook | null;
  trials: Trials;
  /** What is asked; null: that is left to be written. */
  words: string | null;
  /** Ids of the cells that it is about. */
  about?: readonly string[];
}

/** Ask for changes once more, to the notebook or file as it is now. */
export function Again({ base, notebook, trials, words, about = [] }: Props) {
  const { session, trans } = useServices();
  const again = (): void => {
    const now = { ...base, cells: notebook?.cells() ?? base.cells, path: notebook?.path ?? base.path };
    const file = requestFor(trials.fitted(now, about), { language: notebook?.runner?.language ?? '', about });
    void (words === null || words === ''
      ? session.writing.add('', [file])
      : session.writing.ask(words, [file]));
  };
  return (
    <Button testId="llmhub-proposal-again" onClick={again}>
      {words === null ? trans.__('Ask for something else…') : trans.__('Ask again')}
    </Button>
  );
}
