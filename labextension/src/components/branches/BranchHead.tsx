import { deleteIcon } from '@jupyterlab/ui-components';

import type { ChatModel } from '../../model/chat';
import type { TwoBranches } from '../../model/map/branches';
import { isRunning } from '../../model/node';
import { useServices } from '../context';
import { Button, IconButton } from '../controls';
import { useModel } from '../hooks';
import { dollars, duration } from '../message/figures';
import { counted } from '../../counts';

/** Which branch it is, what it took, and what can be done with all of it. */
export function BranchHead({
  chat,
  branches,
  side
}: {
  chat: ChatModel;
  branches: TwoBranches;
  side: 0 | 1;
}) {
  const { trans, hub, session } = useServices();
  useModel(chat);
  const messages = branches.rows
    .map(row => row[side])
    .filter(message => message !== null)
    .map(message => chat.node(message.id)?.message ?? message);
  const leaf = branches.leaves[side];
  const models = [...new Set(messages.flatMap(({ model }) => (model ? [hub.catalogue.label(model)] : [])))];
  const sum = (
    of: (usage: { cost_usd?: number | null; duration_ms?: number | null }) => number | null | undefined
  ) => messages.reduce((all, { usage }) => all + (usage ? (of(usage) ?? 0) : 0), 0);
  const [cost, time] = [sum(usage => usage.cost_usd), sum(usage => usage.duration_ms)];
  const isShown = chat.tree.path.includes(branches.tops[side]);
  const label = side === 0 ? trans.__('First branch') : trans.__('Second branch');
  const isAll = branches.rest === 0;
  return (
    <section
      className="jp-llmhub-branch-head"
      aria-label={label}
      data-testid="llmhub-branch-head"
      data-side={side}
    >
      <div className="jp-llmhub-branch-name">
        <strong>{models.join(', ') || label}</strong>
        {isShown && <span className="jp-llmhub-branch-shown">{trans.__('shown')}</span>}
      </div>
      <div className="jp-llmhub-hint">
        {[
          trans._n('%1 message', '%1 messages', counted(branches.counts[side])),
          isAll && time > 0 ? duration(time, trans) : '',
          isAll && cost > 0 ? dollars(cost) : ''
        ]
          .filter(Boolean)
          .join(' · ')}
      </div>
      <div className="jp-llmhub-branch-actions">
        <Button
          testId="llmhub-branch-continue"
          onClick={() => {
            session.screen.show('thread');
            void chat.switchTo(leaf).then(() => {
              chat.go('end');
              session.focusComposer();
            });
          }}
        >
          {trans.__('Continue with this one')}
        </Button>
        <IconButton
          icon={deleteIcon}
          label={trans.__('Delete this branch')}
          testId="llmhub-branch-delete"
          disabled={messages.some(message => isRunning(message))}
          onClick={() => {
            session.screen.show('thread');
            void chat.remove(branches.tops[side]);
          }}
        />
      </div>
    </section>
  );
}
