import { caretRightIcon } from '@jupyterlab/ui-components';
import type { ReactNode } from 'react';

import { toolIcon } from '../../icons';
import type { Node } from '../../model/node';
import { useServices } from '../context';
import { useFold } from '../hooks';
import { roundDuration } from './figures';
import { Icon } from '../Icon';

/** What was thought and done for a finished answer, as one line: "Worked 48 s, 7 steps". */
export function Work({ node, steps, children }: { node: Node; steps: number; children: ReactNode }) {
  const { trans } = useServices();
  const [isOpen, toggle] = useFold(`${node.message.id}:work`, false);
  const ms = node.message.usage?.duration_ms;
  const words =
    ms == null
      ? trans._n('Worked in one step', 'Worked in %1 steps', steps)
      : trans._n('Worked %2, one step', 'Worked %2, %1 steps', steps, roundDuration(ms, trans));
  return (
    <div className="jp-llmhub-work" data-testid="llmhub-work">
      <button type="button" className="jp-llmhub-fold" aria-expanded={isOpen} onClick={toggle}>
        <Icon of={toolIcon} tag="span" className="jp-llmhub-fold-icon" />
        <span className="jp-llmhub-fold-label">{words}</span>
        <Icon of={caretRightIcon} tag="span" className="jp-llmhub-caret" />
      </button>
      {isOpen && <div className="jp-llmhub-work-body">{children}</div>}
    </div>
  );
}
