import { checkIcon, runIcon, stopIcon } from '@jupyterlab/ui-components';
import { useId, useReducer, useState } from 'react';

import { counted } from '../../counts';
import type { OpenNotebook } from '../../model/proposal/notebook';
import type { Result } from '../../model/proposal/results';
import { cellsToRun, type Round, type Trial } from '../../model/proposal/trial';
import type { Trials } from '../../model/proposal/trials';
import { useServices } from '../context';
import { Button } from '../controls';
import { Icon } from '../Icon';
import { endingWords, sequelWords, stageWords } from './trialWords';

interface Props {
  trial: Trial;
  trials: Trials;
  round: Round;
  notebook: OpenNotebook;
  setBelow: (isBelow: boolean) => void;
}

/** Running what was changed: what came out, and what goes back to the model where it failed. */
export function TrialView({ trial, trials, round, notebook, setBelow }: Props) {
  const { trans } = useServices();
  const { stage, ending, failure, results, sequel, isUnderWay } = trial;
  const near = cellsToRun({ ...round, below: false }, notebook).length;
  const below = cellsToRun({ ...round, below: true }, notebook).length - near;
  // The failure is told in the line below.
  const told = results.filter(({ state }) => state !== 'failed' || failure === null);
  const canRun = trials.isAllowed && notebook.runner !== null && near > 0;
  if (!canRun && !isUnderWay && ending === null) {
    return null;
  }
  return (
    <div className="jp-llmhub-trial" data-testid="llmhub-trial" aria-busy={isUnderWay}>
      {canRun && !isUnderWay && (
        <div className="jp-llmhub-trial-line">
          <Button
            icon={runIcon}
            testId="llmhub-trial-run"
            accent={ending === null}
            onClick={() => {
              void trial.go(round);
            }}
          >
            {ending === null ? trans.__('Run and verify') : trans.__('Run again')}
          </Button>
          {below > 0 && (
            <label>
              <input
                type="checkbox"
                data-testid="llmhub-trial-below"
                checked={round.below}
                onChange={event => {
                  setBelow(event.currentTarget.checked);
                }}
              />
              {trans._n('and the cell below', 'and the %1 cells below', counted(below))}
            </label>
          )}
        </div>
      )}
      {canRun && ending !== 'failed' && trials.isByItself(notebook.path) && (
        <ByItself {...{ trials, notebook }} />
      )}
      {told.length > 0 && (
        <ul>
          {told.map(result => (
            <li key={result.cell}>
              <Outcome result={result} />
            </li>
          ))}
        </ul>
      )}
      <div className="jp-llmhub-trial-line">
        <p role="status" data-ending={ending ?? undefined} data-testid="llmhub-trial-status">
          {ending === 'green' && <Icon of={checkIcon} tag="span" />}
          {isUnderWay ? stageWords(trial, trans) : endingWords(trial, trans)}
          {!isUnderWay && sequel !== null && ` ${sequelWords(sequel, trials.rounds, trans)}`}
        </p>
        {isUnderWay && stage !== 'sending' && (
          <Button
            icon={stopIcon}
            testId="llmhub-trial-stop"
            onClick={() => {
              trial.stop();
            }}
          >
            {trans.__('Stop')}
          </Button>
        )}
      </div>
      {failure && !isUnderWay && ending === 'failed' && sequel !== 'asked' && (
        <Back {...{ trial, trials, round, notebook }} />
      )}
    </div>
  );
}

/** What came out of one cell. */
function Outcome({ result }: { result: Result }) {
  const { trans } = useServices();
  const { number, state, text, image } = result;
  const name = number > 0 ? trans.__('Cell %1', number) : trans.__('A cell');
  const words = {
    running: trans.__('%1 runs…', name),
    ok: trans.__('%1 ran', name),
    failed: trans.__('%1 failed', name),
    cut: trans.__('%1 did not come to its end', name),
    gone: trans.__('%1 was deleted meanwhile', name)
  };
  return (
    <>
      <span>{words[state]}</span>
      {text && (
        <pre tabIndex={0} role="group" aria-label={trans.__('What came out')}>
          {text}
        </pre>
      )}
      {image && (
        <img src={`data:${image.type};base64,${image.base64}`} alt={trans.__('Picture that came out')} />
      )}
    </>
  );
}

/** Whether mends are asked for, applied and run in this notebook without asking. */
function ByItself({ trials, notebook }: { trials: Trials; notebook: OpenNotebook }) {
  const { trans } = useServices();
  const [, look] = useReducer((count: number) => count + 1, 0);
  return (
    <label className="jp-llmhub-trial-always">
      <input
        type="checkbox"
        data-testid="llmhub-trial-always"
        checked={trials.isByItself(notebook.path)}
        onChange={event => {
          trials.setByItself(notebook.path, event.currentTarget.checked);
          look();
        }}
      />
      {trans._n(
        'In this notebook go on by itself: send an error with the values of variables, apply and run the mend, for one round',
        'In this notebook go on by itself: send errors with the values of variables, apply and run the mends, up to %1 rounds',
        trials.rounds
      )}
    </label>
  );
}

/** What of a failure goes back to the model, to the letter, before it does. */
function Back({ trial, trials, round, notebook }: Omit<Props, 'setBelow'>) {
  const { trans } = useServices();
  const [hasValues, setValues] = useState(true);
  const label = useId();
  const { failure } = trial;
  const isLast = trials.isLast(round.base);
  const canTell = failure !== null && (failure.values.length > 0 || failure.row !== null);
  return (
    <div className="jp-llmhub-trial-back">
      <details>
        <summary id={label}>{trans.__('What goes back to the model')}</summary>
        <pre tabIndex={0} role="group" aria-labelledby={label} data-testid="llmhub-trial-report">
          {trial.report(round, hasValues)}
        </pre>
      </details>
      {canTell && (
        <label>
          <input
            type="checkbox"
            data-testid="llmhub-trial-values"
            checked={hasValues}
            onChange={event => {
              setValues(event.currentTarget.checked);
            }}
          />
          {trans.__('with what the variables stood for')}
        </label>
      )}
      <ByItself {...{ trials, notebook }} />
      <div className="jp-llmhub-trial-line">
        <Button
          accent={!isLast}
          testId="llmhub-trial-ask"
          onClick={() => {
            void trial.ask(round, { hasValues });
          }}
        >
          {isLast ? trans.__('Ask once more') : trans.__('Ask for a mend')}
        </Button>
      </div>
    </div>
  );
}
