import { caretLeftIcon, caretRightIcon } from '@jupyterlab/ui-components';

import type { Message } from '../../api/schema';
import type { ChatModel } from '../../model/chat';
import { siblingsOf } from '../../model/node';
import { IconButton } from '../controls';
import { useServices } from '../context';

/** ‹2/3›: which of several messages in the same place is shown. Works while another branch is being answered. */
export function BranchPicker({ chat, message }: { chat: ChatModel; message: Message }) {
  const { trans } = useServices();
  const siblings = siblingsOf(message);
  const at = siblings.indexOf(message.id);
  if (siblings.length < 2) {
    return null;
  }
  const go = (to: string | undefined) => () => {
    if (to !== undefined) {
      void chat.switchTo(to);
    }
  };
  return (
    <span className="jp-llmhub-branches" role="group" aria-label={trans.__('Branches')}>
      <IconButton
        icon={caretLeftIcon}
        label={trans.__('Previous branch')}
        testId="llmhub-branch-prev"
        disabled={at === 0 || chat.isPosting}
        onClick={go(siblings[at - 1])}
      />
      <span data-testid="llmhub-branch-label">{`${at + 1}/${siblings.length}`}</span>
      <IconButton
        icon={caretRightIcon}
        label={trans.__('Next branch')}
        testId="llmhub-branch-next"
        disabled={at === siblings.length - 1 || chat.isPosting}
        onClick={go(siblings[at + 1])}
      />
    </span>
  );
}
