import { caretRightIcon, checkIcon, errorIcon } from '@jupyterlab/ui-components';
import { useState } from 'react';

import type { ToolCallPart as Call, ToolResultPart as Result } from '../../api/schema';
import { toolIcon } from '../../icons';
import type { PartProps } from '../../registries/parts';
import { useServices } from '../context';
import { readable } from './JsonPart';

/** A tool that the model called: a line that says what and how it went, with the request and the result one click deeper. */
export function ToolCallPart({ parts: [call], node, message, done }: PartProps<Call>) {
  const { trans } = useServices();
  const [isOpen, setOpen] = useState(false);
  if (!call) {
    return null;
  }
  const result = message.parts.find(
    (part): part is Result => part.type === 'tool_result' && part.call_id === call.call_id
  );
  const progress = node.progress[call.call_id];
  const state = result ? (result.ok ? 'done' : 'failed') : done ? 'called' : 'running';
  const words = {
    done: trans.__('done'),
    failed: trans.__('failed'),
    called: trans.__('called'),
    running: progress?.text ?? trans.__('writing the request')
  }[state];
  return (
    <div className="jp-llmhub-tool" data-state={state}>
      <button
        type="button"
        className="jp-llmhub-fold"
        aria-expanded={isOpen}
        onClick={() => {
          setOpen(!isOpen);
        }}
      >
        <toolIcon.react tag="span" className="jp-llmhub-tool-icon" />
        <span className="jp-llmhub-fold-label">{call.title ?? (call.name || trans.__('Tool'))}</span>
        <span className="jp-llmhub-tool-state">
          {state === 'done' && <checkIcon.react tag="span" />}
          {state === 'failed' && <errorIcon.react tag="span" />}
          {words}
        </span>
        <caretRightIcon.react tag="span" className="jp-llmhub-caret" />
      </button>
      {isOpen && (
        <div className="jp-llmhub-tool-body">
          <h4>{trans.__('Request')}</h4>
          <pre tabIndex={0}>{readable(call.arguments)}</pre>
          {result && (
            <>
              <h4>{trans.__('Result')}</h4>
              <pre tabIndex={0}>{resultText(result)}</pre>
            </>
          )}
        </div>
      )}
    </div>
  );
}

/** Drawn with the call it belongs to; alone only if that call is not in the message. */
export function ToolResultPart({ parts: [result], message }: PartProps<Result>) {
  const isShown = message.parts.some(part => part.type === 'tool_call' && part.call_id === result?.call_id);
  return result && !isShown ? <pre className="jp-llmhub-json">{resultText(result)}</pre> : null;
}

function resultText(result: Result): string {
  return result.parts
    .map(part => (part.type === 'text' ? part.text : JSON.stringify(part, null, 2)))
    .join('\n');
}
