import { caretRightIcon } from '@jupyterlab/ui-components';
import { useState } from 'react';

import type { ReasoningPart as Reasoning } from '../../api/schema';
import type { PartProps } from '../../registries/parts';
import { useServices } from '../context';
import { useModel, useNow } from '../hooks';
import { Markdown } from '../markdown/Markdown';

/** What a model thought: one line, until somebody wants to read it. */
export function ReasoningPart({ parts, index, node, done }: PartProps<Reasoning>) {
  const { trans, hub } = useServices();
  const { unfoldReasoning } = useModel(hub.preferences).values;
  const [choice, setChoice] = useState<boolean | null>(null);
  const isOpen = choice ?? unfoldReasoning;
  const text = parts.map(part => part.text).join('');
  const thought = node.thoughts[index];
  const isLive = !done;
  const now = useNow(isLive);
  const ms = thought ? (thought.ms ?? now - thought.from) : null;
  const seconds = ms === null ? null : Math.max(1, Math.round(ms / 1000));
  if (!text && done) {
    return null;
  }
  return (
    <div className="jp-llmhub-reasoning" data-live={isLive || undefined}>
      <button
        type="button"
        className="jp-llmhub-fold"
        aria-expanded={isOpen}
        onClick={() => {
          setChoice(!isOpen);
        }}
      >
        <caretRightIcon.react tag="span" className="jp-llmhub-caret" />
        <span className="jp-llmhub-fold-label">
          {isLive
            ? trans.__('Thinking…')
            : seconds === null
              ? trans.__('Thoughts')
              : trans._n('Thought for %1 second', 'Thought for %1 s', seconds)}
        </span>
      </button>
      {isOpen && (
        <div className="jp-llmhub-reasoning-text">
          <Markdown text={text} done={done} />
        </div>
      )}
    </div>
  );
}
