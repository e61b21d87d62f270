import { useServices } from '../context';
import type { Change } from '../../model/proposal/proposal';

/** So many lines around a hunk are shown as they are. */
const AROUND = 2;

interface Line {
  readonly sign: '+' | '−' | ' ';
  readonly text: string;
}

/** By which a screen reader says what a line is. */
const TAGS = { '+': 'ins', '−': 'del', ' ': 'span' } as const;

/** The lines that a change takes away and brings; nothing for a cell that only moves but its first line. */
export function Diff({ change }: { change: Change }) {
  const { trans } = useServices();
  return (
    <pre className="jp-llmhub-proposal-diff" tabIndex={0} role="group" aria-label={trans.__('Changed lines')}>
      {linesOf(change).map(({ sign, text }, at) => {
        const Line = TAGS[sign];
        return (
          <Line key={at}>
            <span className="jp-llmhub-proposal-sign" aria-hidden="true">
              {sign}
            </span>
            <code>{text || '\u200b'}</code>
          </Line>
        );
      })}
    </pre>
  );
}

function linesOf(change: Change): Line[] {
  const { cell } = change;
  const lines = cell.source.split('\n');
  const as = (sign: Line['sign'], texts: readonly string[]): Line[] => texts.map(text => ({ sign, text }));
  switch (change.kind) {
    case 'added':
      return as('+', lines);
    case 'removed':
      return as('−', lines);
    case 'moved':
      return as(' ', lines.slice(0, 1));
    case 'changed':
      return change.hunks.flatMap(({ at, gone, fresh }) => [
        ...as(' ', lines.slice(Math.max(0, at - AROUND), at)),
        ...as('−', gone),
        ...as('+', fresh),
        ...as(' ', lines.slice(at + gone.length, at + gone.length + AROUND))
      ]);
  }
}
