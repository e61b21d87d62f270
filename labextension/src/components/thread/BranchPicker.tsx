import { caretLeftIcon, caretRightIcon } from '@jupyterlab/ui-components';
import { type MouseEvent, useLayoutEffect, useRef } from 'react';

import type { Message } from '../../api/schema';
import type { ChatModel } from '../../model/chat';
import { siblingsOf } from '../../model/node';
import { IconButton } from '../controls';
import { useServices } from '../context';

/** ‹2/3›: which of several messages in the same place is shown. Works while another branch is being answered. */
export function BranchPicker({ chat, message }: { chat: ChatModel; message: Message }) {
  const { trans, session } = useServices();
  const group = useRef<HTMLSpanElement>(null);
  const siblings = siblingsOf(message);
  const at = siblings.indexOf(message.id);

  // The picker that was pressed belonged to another message: this one stands where that was.
  useLayoutEffect(() => {
    const held = chat.heldBranch(message.id);
    const element = group.current;
    if (!held || !element) {
      return;
    }
    const stay = (): void => {
      const view = element.closest('.jp-llmhub-scroll');
      if (view && held.top !== null) {
        view.scrollTop += element.getBoundingClientRect().top - held.top;
      }
    };
    stay();
    if (held.isFocused) {
      element.querySelectorAll('button')[held.step < 0 ? 0 : 1]?.focus({ preventScroll: true });
    }
    // Rows are measured once they are drawn.
    const frame = requestAnimationFrame(stay);
    return () => {
      cancelAnimationFrame(frame);
    };
  }, [chat, message.id]);

  if (siblings.length < 2) {
    return null;
  }
  const go = (step: -1 | 1) => (event: MouseEvent<HTMLElement>) => {
    const isFocused = event.currentTarget === document.activeElement;
    chat.holdBranch(message.id, { top: group.current?.getBoundingClientRect().top ?? null, isFocused, step });
    void session.stepBranch(step, message.id);
  };
  return (
    <span className="jp-llmhub-branches" role="group" aria-label={trans.__('Branches')} ref={group}>
      <IconButton
        icon={caretLeftIcon}
        label={trans.__('Previous branch')}
        testId="llmhub-branch-prev"
        aria-keyshortcuts="Alt+ArrowLeft"
        aria-disabled={at === 0 || chat.isPosting}
        onClick={go(-1)}
      />
      <span data-testid="llmhub-branch-label">{`${at + 1}/${siblings.length}`}</span>
      <IconButton
        icon={caretRightIcon}
        label={trans.__('Next branch')}
        testId="llmhub-branch-next"
        aria-keyshortcuts="Alt+ArrowRight"
        aria-disabled={at === siblings.length - 1 || chat.isPosting}
        onClick={go(1)}
      />
    </span>
  );
}
