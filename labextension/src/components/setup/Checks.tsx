import { checkIcon, closeIcon } from '@jupyterlab/ui-components';
import { useEffect, useRef } from 'react';

import type { ProviderVerdict } from '../../api/schema';
import { useServices } from '../context';
import { Problem } from './Problem';
import { Icon } from '../Icon';

/** What a test found, one line for each thing it tried. */
export function Checks({ verdict, who }: { verdict: ProviderVerdict; who: string | null }) {
  const { trans } = useServices();
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // Below the button that asked for it, it may well be out of view.
    box.current?.scrollIntoView({ block: 'nearest' });
  }, [verdict]);
  const names: Record<string, string> = {
    reachable: trans.__('Reachable'),
    key: trans.__('Key accepted'),
    models: trans.__('Models'),
    streaming: trans.__('Streaming'),
    tools: trans.__('Tools')
  };
  return (
    <div
      ref={box}
      className="jp-llmhub-checks"
      role="status"
      data-testid="llmhub-checks"
      data-ok={verdict.ok}
    >
      <ul>
        {verdict.checks.map(({ name, ok, detail }) => (
          <li key={name} data-ok={String(ok)}>
            {ok === null && (
              <span className="jp-llmhub-check-unknown" aria-label={trans.__('not tried')}>
                –
              </span>
            )}
            {ok === true && <Icon of={checkIcon} tag="span" aria-label={trans.__('works')} />}
            {ok === false && <Icon of={closeIcon} tag="span" aria-label={trans.__('does not work')} />}
            <span>
              {names[name] ?? name}
              {detail && <span className="jp-llmhub-hint"> {detail}</span>}
            </span>
          </li>
        ))}
      </ul>
      {verdict.error && (
        <Problem
          error={verdict.error}
          who={who}
          isTold={verdict.checks.some(({ ok, detail }) => ok === false && detail)}
        />
      )}
    </div>
  );
}
