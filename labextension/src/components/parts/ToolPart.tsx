import { caretRightIcon, checkIcon, errorIcon } from '@jupyterlab/ui-components';

import type { ToolCallPart as Call, ToolResultPart as Result } from '../../api/schema';
import { toolIcon } from '../../icons';
import type { PartProps } from '../../registries/parts';
import { useServices } from '../context';
import { useFold, useTicks } from '../hooks';
import { duration } from '../message/figures';
import { Files } from './FilePart';
import { Images } from './ImagePart';
import { readable } from './JsonPart';
import { OutputView } from './OutputPart';
import { Icon } from '../Icon';

/** A tool that the model called: a line that says what and how it went, with the request and the result one click deeper. */
export function ToolCallPart({ parts: [call], index, node, message, done }: PartProps<Call>) {
  const { trans } = useServices();
  const [isOpen, toggle] = useFold(`${message.id}:${index}`, false);
  const timing = call ? node.calls[call.call_id] : undefined;
  const result = message.parts.find(
    (part): part is Result => part.type === 'tool_result' && part.call_id === call?.call_id
  );
  const state = result
    ? result.ok
      ? 'done'
      : 'failed'
    : done && !timing
      ? 'called'
      : done
        ? 'ended'
        : 'running';
  const now = useTicks(state === 'running' && timing !== undefined);
  if (!call) {
    return null;
  }
  const progress = node.progress[call.call_id];
  const name = call.name || trans.__('a tool');
  const sentence = {
    done: trans.__('Used %1', name),
    failed: trans.__('%1 failed', name),
    called: trans.__('Asked for %1', name),
    ended: trans.__('Asked for %1', name),
    running: trans.__('Using %1', name)
  }[state];
  // As the server measured, else as this page saw it.
  const took =
    result?.duration_ms ?? timing?.ms ?? (state === 'running' && timing ? now - timing.from : null);
  const words = {
    done: trans.__('done'),
    failed: trans.__('failed'),
    called: trans.__('not run'),
    ended: trans.__('no result'),
    running: timing ? trans.__('running') : trans.__('writing the request')
  }[state];
  const fraction = progress?.fraction ?? null;
  return (
    <div className="jp-llmhub-tool" data-state={state} data-testid="llmhub-tool">
      <button type="button" className="jp-llmhub-fold" aria-expanded={isOpen} onClick={toggle}>
        <Icon of={toolIcon} tag="span" className="jp-llmhub-fold-icon" />
        <span className="jp-llmhub-fold-label">{call.title ?? sentence}</span>
        <span className="jp-llmhub-tool-state">
          {state === 'done' && <Icon of={checkIcon} tag="span" />}
          {state === 'failed' && <Icon of={errorIcon} tag="span" />}
          <span className="jp-llmhub-tool-word">
            {state === 'running' ? (progress?.text ?? words) : words}
          </span>
          {took !== null && took >= 100 && <span>{duration(took, trans)}</span>}
        </span>
        <Icon of={caretRightIcon} tag="span" className="jp-llmhub-caret" />
      </button>
      {state === 'running' && fraction !== null && (
        <progress
          className="jp-llmhub-tool-progress"
          value={fraction}
          max={1}
          aria-label={progress?.text ?? words}
        />
      )}
      {isOpen && (
        <div className="jp-llmhub-tool-body">
          <h4>{trans.__('Request')}</h4>
          <pre tabIndex={0}>{readable(call.arguments) || '{}'}</pre>
          {result && (
            <>
              <h4>{trans.__('Result')}</h4>
              <ResultView result={result} name={`${message.id}:${index}:result`} />
            </>
          )}
        </div>
      )}
    </div>
  );
}

/** Drawn with the call it belongs to; alone only if that call is not in the message. */
export function ToolResultPart({ parts: [result], index, message }: PartProps<Result>) {
  const isShown = message.parts.some(part => part.type === 'tool_call' && part.call_id === result?.call_id);
  return result && !isShown ? <ResultView result={result} name={`${message.id}:${index}`} /> : null;
}

function ResultView({ result, name }: { result: Result; name: string }) {
  return result.parts.map((part, at) => {
    switch (part.type) {
      case 'text':
        return (
          <pre key={at} className="jp-llmhub-json" tabIndex={0}>
            {readable(part.text)}
          </pre>
        );
      case 'output':
        return <OutputView key={at} part={part} name={`${name}:${at}`} />;
      case 'image':
        return <Images key={at} parts={[part]} />;
      case 'file':
        return <Files key={at} parts={[part]} />;
    }
  });
}
