import { caretRightIcon } from '@jupyterlab/ui-components';

import type { ReasoningPart as Reasoning } from '../../api/schema';
import { thoughtIcon } from '../../icons';
import type { Node } from '../../model/node';
import type { PartProps } from '../../registries/parts';
import { useServices } from '../context';
import { useFold, useModel, useTicks } from '../hooks';
import { Markdown } from '../markdown/Markdown';
import { roundDuration } from '../message/figures';
import { Icon } from '../Icon';

/** What a model thought: one line, until somebody wants to read it. */
export function ReasoningPart({ parts, index, node, done }: PartProps<Reasoning>) {
  const { trans, hub } = useServices();
  const { unfoldReasoning } = useModel(hub.preferences).values;
  const [isOpen, toggle] = useFold(`${node.message.id}:${index}`, unfoldReasoning);
  const text = parts.map(part => part.text).join('');
  const isLive = !done;
  const now = useTicks(isLive);
  const ms = thoughtFor(parts, index, node, now);
  if (!text && done) {
    return null;
  }
  return (
    <div className="jp-llmhub-reasoning" data-live={isLive || undefined} data-testid="llmhub-reasoning">
      <button type="button" className="jp-llmhub-fold" aria-expanded={isOpen} onClick={toggle}>
        <Icon of={thoughtIcon} tag="span" className="jp-llmhub-fold-icon" />
        <span className="jp-llmhub-fold-label">
          {isLive
            ? trans.__('Thinking…')
            : ms === null
              ? trans.__('Thoughts')
              : trans.__('Thought for %1', roundDuration(ms, trans))}
        </span>
        <Icon of={caretRightIcon} tag="span" className="jp-llmhub-caret" />
      </button>
      {isOpen && (
        <div className="jp-llmhub-reasoning-text">
          <Markdown text={text} done={done} />
        </div>
      )}
    </div>
  );
}

/** Milliseconds, as the server measured, else as this page saw it; null where nobody knows. */
function thoughtFor(parts: readonly Reasoning[], index: number, node: Node, now: number): number | null {
  let sum: number | null = null;
  for (const [at, part] of parts.entries()) {
    const seen = node.thoughts[index + at];
    const ms = part.duration_ms ?? (seen ? (seen.ms ?? now - seen.from) : null);
    sum = ms === null ? sum : (sum ?? 0) + ms;
  }
  return sum;
}
