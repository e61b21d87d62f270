import { useEffect, useState } from 'react';

import type { Message, Run } from '../../api/schema';
import type { ChatModel } from '../../model/chat';
import { isRunning } from '../../model/node';
import { Button } from '../controls';
import { useServices } from '../context';
import { useNode } from '../hooks';
import { adaptationWords } from './adaptations';
import { dollars, duration, number, speed } from './figures';
import { instructionLabel } from './instructions';
import { showExchange } from './Exchange';

interface Props {
  chat: ChatModel;
  message: Message;
  onLeave: () => void;
}

/** All that is known of an answer: who gave it, how quickly, for how much, and why it ended. */
export function Details({ chat, message: { id }, onLeave }: Props) {
  const services = useServices();
  const { hub, trans } = services;
  const message = useNode(chat, id)?.message;
  const run = useRun(message?.run_id ?? null);
  if (!message) {
    return null;
  }
  const model = hub.catalogue.get(message.model);
  const { usage, run_id: runId } = message;
  const rate = speed(message);
  const provider = model?.provider ?? message.model?.split('/')[0];
  const rows: [string, string | null | undefined][] = [
    [trans.__('Model'), message.model],
    [trans.__('Provider'), provider && hub.providerLabel(provider)],
    [
      trans.__('First token after'),
      usage?.first_token_ms == null ? null : duration(usage.first_token_ms, trans)
    ],
    [trans.__('Time'), usage?.duration_ms == null ? null : duration(usage.duration_ms, trans)],
    [trans.__('Speed'), rate === null ? null : trans.__('%1 tokens/s', number(rate, rate < 10 ? 1 : 0))],
    [
      trans.__('Tokens in'),
      tokens(usage?.input_tokens, usage?.cached_tokens, said => trans.__('%1 cached', said))
    ],
    [
      trans.__('Tokens out'),
      tokens(usage?.output_tokens, usage?.reasoning_tokens, said => trans.__('%1 reasoning', said))
    ],
    [
      trans.__('Price'),
      usage?.cost_usd == null ? (usage ? trans.__('not known') : null) : dollars(usage.cost_usd)
    ],
    [trans.__('Ended'), isRunning(message) ? trans.__('still being written') : whyEnded(message)],
    [trans.__('Asked to be'), message.instruction && instructionLabel(message.instruction, trans)],
    [trans.__('Parameters'), parameters(run)],
    [trans.__('Begun'), new Date(message.created_at).toLocaleString()]
  ];

  function whyEnded({ status, finish_reason: reason, error }: Message): string {
    const words: Record<string, string> = {
      stop: trans.__('by itself'),
      length: trans.__('at its length limit'),
      tool_calls: trans.__('to call a tool'),
      content_filter: trans.__('by a content filter'),
      stopped: trans.__('stopped by you'),
      interrupted: trans.__('interrupted'),
      error: trans.__('by an error')
    };
    if (reason) {
      return words[reason] ?? reason;
    }
    return error || status === 'failed' ? trans.__('by an error') : trans.__('the provider did not say why');
  }

  return (
    <>
      <dl className="jp-llmhub-details">
        {rows.map(([term, value]) =>
          value ? (
            <div key={term}>
              <dt>{term}</dt>
              <dd>{value}</dd>
            </div>
          ) : null
        )}
      </dl>
      {message.adapted.length > 0 && (
        <section className="jp-llmhub-adapted" data-testid="llmhub-adapted">
          <h4>{trans.__('Changed for this model')}</h4>
          <ul>
            {message.adapted.map((item, index) => (
              <li key={index}>{adaptationWords(item, trans, id => hub.catalogue.label(id))}</li>
            ))}
          </ul>
        </section>
      )}
      {runId && (
        <Button
          className="jp-llmhub-door"
          testId="llmhub-exchange-door"
          onClick={() => {
            onLeave();
            void showExchange(services, runId);
          }}
        >
          {trans.__('Raw request and response…')}
        </Button>
      )}
    </>
  );
}

function tokens(
  count: number | null | undefined,
  part: number | null | undefined,
  of: (said: string) => string
): string | null {
  if (count == null) {
    return null;
  }
  return part ? `${number(count)} (${of(number(part))})` : number(count);
}

function parameters(run: Run | null): string | null {
  const said = Object.entries(run?.params ?? {}).map(([name, value]) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return `${name}: ${text.length > 160 ? `${text.slice(0, 160)}…` : text}`;
  });
  return said.join('\n') || null;
}

function useRun(id: string | null): Run | null {
  const { hub } = useServices();
  const [run, setRun] = useState<Run | null>(null);
  useEffect(() => {
    let isWanted = id !== null;
    if (id !== null) {
      hub.client.run(id).then(
        found => {
          if (isWanted) {
            setRun(found);
          }
        },
        () => {
          // What the message itself says is shown all the same.
        }
      );
    }
    return () => {
      isWanted = false;
    };
  }, [hub, id]);
  return run;
}
