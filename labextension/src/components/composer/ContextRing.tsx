import type { TranslationBundle } from '@jupyterlab/translation';
import { useEffect, useRef, useState } from 'react';

import { type Budget, budgetFor } from '../../model/context';
import { isRunning } from '../../model/node';
import { useServices } from '../context';
import { useModel } from '../hooks';

const RADIUS = 7;
const ROUND = 2 * Math.PI * RADIUS;
/** Milliseconds until the server is asked: who only walks through branches asks nothing. */
const WAIT = 400;

/**
 * How full the model's window will be, and what the next turn will roughly cost; the details are a click away. Where nobody knows how
 * much the model takes, the cost stands in the ring's place.
 */
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
  const gauge = useModel(hub.gauge);
  const { chat } = session;
  const { instructions } = session.writing;
  const head = chat.tree.head?.message;
  // An answer that is being written is counted when it has ended.
  const leaf = head && !isRunning(head) ? head.id : null;
  const asked = model?.id ?? null;
  const counted = gauge.of(chat.id, leaf, asked, instructions);
  const budget = budgetFor(chat.history(instructions), draft, model, counted);

  useEffect(() => {
    const { id } = chat;
    if (!id || !leaf || !asked) {
      return;
    }
    const timer = setTimeout(() => {
      void gauge.ask(id, leaf, asked, instructions);
    }, WAIT);
    return () => {
      clearTimeout(timer);
    };
  }, [gauge, chat, chat.id, leaf, asked, instructions]);

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
  const { share, cost } = budget;
  const percent = share === null ? null : Math.round(share * 100);
  const most = cost ? atMost(cost.high) : '';
  const label =
    percent === null ? trans.__('The next turn: %1', most) : trans.__('%1 % of the context used', percent);
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
        className={share === null ? 'jp-llmhub-link jp-llmhub-context-cost' : 'jp-llmhub-icon-button'}
        data-testid="llmhub-context"
        data-level={budget.level}
        data-percent={percent ?? undefined}
        aria-expanded={isOpen}
        aria-label={label}
        title={
          cost === null
            ? label
            : share === null
              ? trans.__('The next turn: %1', range(cost))
              : `${label} · ${range(cost)}`
        }
        onClick={() => {
          setOpen(!isOpen);
        }}
      >
        {share === null ? (
          most
        ) : (
          <svg viewBox="0 0 20 20" aria-hidden="true">
            <circle className="jp-llmhub-ring-track" cx="10" cy="10" r={RADIUS} />
            <circle
              className="jp-llmhub-ring-used"
              cx="10"
              cy="10"
              r={RADIUS}
              strokeDasharray={`${Math.min(1, share) * ROUND} ${ROUND}`}
            />
          </svg>
        )}
      </button>
      {isOpen && <Details budget={budget} />}
    </div>
  );
}

function Details({ budget }: { budget: Budget }) {
  const { hub, trans } = useServices();
  const isFolded = hub.catalogue.config?.settings['compaction.enabled']?.value !== false;
  const parts: [string, string, number][] = [
    ['instructions', trans.__('Instructions'), budget.instructions],
    ['memory', trans.__('Memory'), budget.memory],
    ['history', trans.__('Said so far'), budget.history],
    ['tools', trans.__('Tools'), budget.tools],
    ['files', trans.__('Attached'), budget.files],
    ['draft', trans.__('What is written'), budget.draft],
    ['reserve', trans.__('Kept free for the answer'), budget.reserve]
  ];
  const whole = Math.max(budget.window ?? 0, budget.used + budget.reserve);
  return (
    <div
      className="jp-llmhub-context-details"
      role="dialog"
      aria-label={trans.__('Context')}
      data-testid="llmhub-context-details"
    >
      <div className="jp-llmhub-context-bar" aria-hidden="true">
        {parts.map(([key, , tokens]) => (
          <span key={key} data-part={key} style={{ width: `${(tokens / whole) * 100}%` }} />
        ))}
      </div>
      <dl>
        {parts.map(([key, name, tokens]) => (
          <div key={key} data-part={key} data-tokens={Math.round(tokens)}>
            <dt>{name}</dt>
            <dd>{count(tokens)}</dd>
          </div>
        ))}
        <div>
          <dt>{trans.__('The model takes')}</dt>
          <dd>{budget.window === null ? trans.__('not known') : count(budget.window)}</dd>
        </div>
        {budget.cost !== null && (
          <div data-testid="llmhub-context-price">
            <dt>{trans.__('The next turn')}</dt>
            <dd>{range(budget.cost)}</dd>
          </div>
        )}
      </dl>
      {budget.cost !== null && (
        <p>{trans.__('From all cached and a short answer, to nothing cached and the longest answer.')}</p>
      )}
      <p data-testid="llmhub-context-exactness">{exactness(budget, trans)}</p>
      {budget.level !== 'quiet' && (
        <p>
          {isFolded
            ? trans.__('When it is nearly full, older messages are folded into a summary.')
            : trans.__('When it is full, the oldest messages are left out of what the model sees.')}
        </p>
      )}
    </div>
  );
}

/** How exact the count is, in words. */
function exactness({ exactness: how, family }: Budget, trans: TranslationBundle): string {
  if (how === 'reported') {
    return trans.__('Up to the last answer this is the provider’s own count; what is new is estimated.');
  }
  switch (family) {
    case 'openai':
    case 'anthropic': {
      const name = { openai: 'GPT', anthropic: 'Claude' }[family];
      return trans.__(
        'Estimated from the length of the text as %1 usually counts: English and code within about a sixth; other scripts may be half or twice as much.',
        name
      );
    }
    default:
      return trans.__(
        'Estimated from the length of the text: English and code within about a quarter; other scripts may be half or twice as much.'
      );
  }
}

function count(tokens: number): string {
  return Math.round(tokens).toLocaleString();
}

/** A range of prices as a person reads it: two figures that count of each. */
function range({ low, high }: { low: number; high: number }): string {
  const [from, to] = [dollars(low), dollars(high)];
  return from === to ? from : `${from} – ${to}`;
}

function atMost(value: number): string {
  const words = dollars(value);
  return words.startsWith('<') ? words : `≤ ${words}`;
}

function dollars(value: number): string {
  return value < 0.0001 ? '< $0.0001' : value >= 1 ? `$${value.toFixed(2)}` : `$${+value.toPrecision(2)}`;
}
