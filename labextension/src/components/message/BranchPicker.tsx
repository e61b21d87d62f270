import { caretLeftIcon, caretRightIcon } from '@jupyterlab/ui-components';
import { type MouseEvent, useLayoutEffect, useRef } from 'react';

import { compareIcon, mapIcon } from '../../icons';
import type { Message } from '../../api/schema';
import type { ChatModel } from '../../model/chat';
import type { Hold } from '../../model/holds';
import { siblingsOf, textOf } from '../../model/node';
import { IconButton } from '../controls';
import { useServices } from '../context';
import { openMenu } from '../menu';

/** ‹2/3›: which of several messages in the same place is shown. Works while another branch is being answered. */
export function BranchPicker({ chat, message }: { chat: ChatModel; message: Message }) {
  const { trans, hub, session } = useServices();
  const group = useRef<HTMLSpanElement>(null);
  const siblings = siblingsOf(message);
  const at = siblings.indexOf(message.id);

  // The picker that was used belonged to another message: this one stands where that was.
  useLayoutEffect(() => {
    const held = chat.holds.take(message.id);
    return held && group.current ? standWhere(held, group.current) : undefined;
  }, [chat, message.id]);

  if (siblings.length < 2) {
    return null;
  }
  const place = `${at + 1}/${siblings.length}`;
  const go = (step: -1 | 1) => (event: MouseEvent<HTMLElement>) => {
    const isFocused = event.currentTarget === document.activeElement;
    chat.holds.keep(message.id, { top: group.current?.getBoundingClientRect().top ?? null, isFocused, step });
    void session.latest.stepBranch(step, message.id);
  };
  const nameOf = (id: string, index: number): string => {
    const known = chat.node(id)?.message;
    const words = known?.role === 'user' ? textOf(known.parts).trim() : hub.catalogue.label(known?.model);
    return words ? `${index + 1} · ${words.slice(0, 40)}` : trans.__('Version %1', index + 1);
  };
  const openVersions = ({ currentTarget }: MouseEvent<HTMLElement>): void => {
    // Many versions: those around this one; the map has all.
    const near = siblings
      .map((id, index) => ({ id, index }))
      .filter(({ index }) => Math.abs(index - at) <= NEAR);
    openMenu(currentTarget, trans.__('Versions'), [
      ...near.map(({ id, index }) => ({
        label: nameOf(id, index),
        isToggled: index === at,
        obstacle: chat.isPosting && index !== at ? trans.__('Something is being sent.') : null,
        testId: 'llmhub-version',
        onSelect: () => {
          if (index !== at) {
            void chat.switchTo(id);
          }
        }
      })),
      ...near
        .filter(({ index }) => index !== at)
        .map(({ id, index }, nth) => ({
          label: trans.__('Compare with %1', nameOf(id, index)),
          icon: compareIcon,
          isApart: nth === 0,
          testId: 'llmhub-compare-with',
          onSelect: () => {
            session.screen.compare([message.id, id]);
          }
        })),
      {
        label: trans.__('Map of the conversation'),
        icon: mapIcon,
        isApart: true,
        testId: 'llmhub-version-map',
        onSelect: () => {
          session.screen.show('map');
        }
      }
    ]);
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
      <button
        type="button"
        className="jp-llmhub-branch-label"
        title={trans.__('Versions: show or compare')}
        data-testid="llmhub-branch-label"
        aria-haspopup="menu"
        aria-label={`${place}, ${trans.__('Versions: show or compare')}`}
        onClick={openVersions}
      >
        {place}
      </button>
      <IconButton
        icon={caretRightIcon}
        label={trans.__('Next branch')}
        testId="llmhub-branch-next"
        aria-keyshortcuts="Alt+ArrowRight"
        aria-disabled={at === siblings.length - 1 || chat.isPosting}
        onClick={go(1)}
      />
      {message.role === 'assistant' && (
        <IconButton
          icon={compareIcon}
          label={trans.__('Show the answers side by side')}
          testId="llmhub-compare"
          onClick={() => {
            chat.comparisons.open(message.id);
          }}
        />
      )}
    </span>
  );
}

/** So many versions before and after the one that is shown are in the menu. */
const NEAR = 6;
/** Frames until rows are measured and stand still. */
const FRAMES = 3;

/** Put a picker where another one was, with the focus that it had. */
function standWhere({ top, isFocused, step }: Hold, picker: HTMLElement): () => void {
  const view = picker.closest('.jp-llmhub-scroll');
  const message = picker.closest<HTMLElement>('[data-message-id]');
  const body = message?.querySelector<HTMLElement>('.jp-llmhub-body');
  let frames = 0;
  let frame = 0;
  const stand = (): void => {
    if (isFocused && !message?.contains(document.activeElement)) {
      const used = step < 0 ? '[data-testid="llmhub-branch-prev"]' : '[data-testid="llmhub-branch-next"]';
      picker.querySelector<HTMLElement>(`button${used}`)?.focus({ preventScroll: true });
    }
    if (top !== null && view && body) {
      view.scrollTop += picker.getBoundingClientRect().top - top;
      const missing = top - picker.getBoundingClientRect().top;
      // What is shorter than what was there leaves room as long as the pointer is here.
      if (missing > 1) {
        body.style.minHeight = `${body.offsetHeight + missing}px`;
      }
    }
    if (frames++ < FRAMES) {
      frame = requestAnimationFrame(stand);
    }
  };
  const release = (): void => {
    if (body) {
      body.style.minHeight = '';
    }
  };
  stand();
  message?.addEventListener('pointerleave', release);
  return () => {
    cancelAnimationFrame(frame);
    message?.removeEventListener('pointerleave', release);
  };
}
