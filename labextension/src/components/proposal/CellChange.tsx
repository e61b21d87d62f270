import { useEffect, useRef } from 'react';

import type { Base } from '../../model/proposal/request';
import type { Unit } from '../../model/proposal/units';
import { useServices } from '../context';
import { Diff } from './Diff';
import { changeWords, stateWords } from './words';

interface CellProps {
  /** What happens to one cell in one way: its hunks, or the one thing. */
  group: readonly Unit[];
  cells: Base['cells'];
  refused: ReadonlySet<string>;
  isReadOnly: boolean;
  choose: (keys: readonly string[], isWanted: boolean) => void;
}

/** What happens to one cell in one way, as a diff whose pieces are accepted or refused. */
export function CellChange({ group, cells, refused, choose, isReadOnly }: CellProps) {
  const { trans } = useServices();
  const [first] = group;
  if (!first) {
    return null;
  }
  const words = changeWords(first.change, cells, trans);
  const isOne = group.length === 1;
  const states = [...new Set(group.map(unit => unit.state))];
  const common = states.length === 1 && first.state !== 'open' ? stateWords(first.state, trans) : null;
  return (
    <>
      <div className="jp-llmhub-proposal-head">
        <Tick
          label={words}
          testId="llmhub-proposal-cell"
          {...{ refused, choose, isReadOnly }}
          units={group}
        />
        {common && <span className="jp-llmhub-proposal-state">{common}</span>}
      </div>
      {group.map((unit, at) => (
        <div key={unit.key} className="jp-llmhub-proposal-piece" data-state={unit.state}>
          {!isOne && (
            <div className="jp-llmhub-proposal-head">
              <Tick
                label={trans.__('Part %1 of %2', at + 1, group.length)}
                testId="llmhub-proposal-hunk"
                {...{ refused, choose, isReadOnly }}
                units={[unit]}
              />
              {common === null && (
                <span className="jp-llmhub-proposal-state">{stateWords(unit.state, trans)}</span>
              )}
            </div>
          )}
          <Diff change={unit.change} />
        </div>
      ))}
    </>
  );
}

interface TickProps {
  label: string;
  testId: string;
  units: readonly Unit[];
  refused: ReadonlySet<string>;
  isReadOnly: boolean;
  choose: (keys: readonly string[], isWanted: boolean) => void;
}

/** Whether pieces are accepted; where none can be, only what they are. */
function Tick({ label, testId, units, refused, isReadOnly, choose }: TickProps) {
  const box = useRef<HTMLInputElement>(null);
  const keys = units.filter(unit => unit.state === 'open').map(unit => unit.key);
  const count = keys.filter(key => !refused.has(key)).length;
  const isMixed = count > 0 && count < keys.length;
  useEffect(() => {
    if (box.current) {
      box.current.indeterminate = isMixed;
    }
  }, [isMixed]);
  if (keys.length === 0 || isReadOnly) {
    return <span>{label}</span>;
  }
  return (
    <label>
      <input
        ref={box}
        type="checkbox"
        data-testid={testId}
        checked={count === keys.length}
        onChange={event => {
          choose(keys, event.currentTarget.checked);
        }}
      />
      {label}
    </label>
  );
}

/** Neighbours that are about one cell in one way. */
export function groups(units: readonly Unit[]): Unit[][] {
  const found: Unit[][] = [];
  for (const unit of units) {
    const last = found.at(-1);
    const other = last?.[0]?.change;
    if (last && other?.kind === unit.change.kind && other.cell.id === unit.change.cell.id) {
      last.push(unit);
    } else {
      found.push([unit]);
    }
  }
  return found;
}
