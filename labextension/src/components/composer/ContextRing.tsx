import { useEffect, useRef, useState } from 'react';

import { type Budget, budgetFor } from '../../model/context';
import { useServices } from '../context';
import { useModel } from '../hooks';

const RADIUS = 7;
const ROUND = 2 * Math.PI * RADIUS;

/** How full the model's window will be, and what the next turn will roughly cost; the details are a click away. */
export function ContextRing() {
  const { hub, trans, session } = useServices();
  useModel(session);
  useModel(session.chat);
  useModel(hub.drafts);
  useModel(hub.catalogue);
  const [isOpen, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const draft = hub.drafts.get(session.writing.key);
  const model = hub.catalogue.get(draft.model ?? session.model);
  const budget = budgetFor(session.chat.history(session.writing.instructions), draft, model);

  useEffect(() => {
    if (!isOpen) {
      return;
    }
    const onPointerDown = (event: PointerEvent): void => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) {
        setOpen(false);
      }
    };
    document.addEventListener('pointerdown', onPointerDown, true);
    return () => {
      document.removeEventListener('pointerdown', onPointerDown, true);
    };
  }, [isOpen]);

  if (!budget) {
    return null;
  }
  const percent = Math.round(budget.share * 100);
  const label = trans.__('%1 % of the context used', percent);
  return (
    <div
      className="jp-llmhub-context"
      ref={root}
      onKeyDown={event => {
        if (event.key === 'Escape' && isOpen) {
          event.stopPropagation();
          setOpen(false);
        }
      }}
    >
      <button
        type="button"
        className="jp-llmhub-icon-button"
        data-testid="llmhub-context"
        data-level={budget.level}
        data-percent={percent}
        aria-expanded={isOpen}
        aria-label={label}
        title={budget.cost === null ? label : `${label} · ${dollars(budget.cost)}`}
        onClick={() => {
          setOpen(!isOpen);
        }}
      >
        <svg viewBox="0 0 20 20" aria-hidden="true">
          <circle className="jp-llmhub-ring-track" cx="10" cy="10" r={RADIUS} />
          <circle
            className="jp-llmhub-ring-used"
            cx="10"
            cy="10"
            r={RADIUS}
            strokeDasharray={`${Math.min(1, budget.share) * ROUND} ${ROUND}`}
          />
        </svg>
      </button>
      {isOpen && <Details budget={budget} />}
    </div>
  );
}

function Details({ budget }: { budget: Budget }) {
  const { trans } = useServices();
  const rows: [string, string][] = [
    [trans.__('Said so far'), count(budget.history)],
    [trans.__('What is written'), count(budget.draft)],
    [trans.__('Attached'), count(budget.files)],
    [trans.__('Kept free for the answer'), count(budget.reserve)],
    [trans.__('The model takes'), count(budget.window)]
  ];
  return (
    <div
      className="jp-llmhub-context-details"
      role="dialog"
      aria-label={trans.__('Context')}
      data-testid="llmhub-context-details"
    >
      <dl>
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
        {budget.cost !== null && (
          <div>
            <dt>{trans.__('The next turn, roughly')}</dt>
            <dd>{dollars(budget.cost)}</dd>
          </div>
        )}
      </dl>
      {budget.level !== 'quiet' && (
        <p>{trans.__('When it is full, the oldest messages are left out of what the model sees.')}</p>
      )}
    </div>
  );
}

function count(tokens: number): string {
  return Math.round(tokens).toLocaleString();
}

/** A price as a person reads it: two figures that count. */
function dollars(value: number): string {
  const shown =
    value < 0.0001 ? '< $0.0001' : value >= 1 ? `$${value.toFixed(2)}` : `$${+value.toPrecision(2)}`;
  return `≈ ${shown}`.replace('≈ <', '<');
}
