import { memo, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { Virtualizer, type VirtualizerHandle } from 'virtua';

import { arrowDownIcon } from '../../icons';
import type { ChatModel } from '../../model/chat';
import { Button } from '../controls';
import { useServices } from '../context';
import { useModel } from '../hooks';
import { useFollowing } from './follow';
import { QuoteButton } from '../message/QuoteButton';
import { ErrorCard } from './ErrorCard';
import { MessageView } from './MessageView';

/** Fetch what is above before the first message comes into view. Pixels. */
const NEAR_TOP = 800;

/** The messages of a conversation. Only those near the view are in the page. */
export function Thread({ chat }: { chat: ChatModel }) {
  const { trans } = useServices();
  useModel(chat);
  const view = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const rows = useRef<VirtualizerHandle>(null);
  const { isFollowing, jumpToEnd } = useFollowing(view, content);
  const { path } = chat.tree;
  const isPrepending = useIsPrepending(path);
  const lastId = path.at(-1);

  useLayoutEffect(() => {
    if (chat.isPosting) {
      jumpToEnd();
    }
  }, [chat, chat.isPosting, jumpToEnd]);

  useLayoutEffect(() => {
    if (isFollowing && view.current) {
      view.current.scrollTop = view.current.scrollHeight;
    }
    // Only when another message is the last one.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [lastId]);

  const loadNearTop = (): void => {
    if (view.current && view.current.scrollTop < NEAR_TOP && chat.hasOlder && !chat.isLoadingOlder) {
      void chat.loadOlder();
    }
  };

  useEffect(loadNearTop);

  useEffect(
    () =>
      chat.onReveal(id => {
        rows.current?.scrollToIndex(chat.tree.path.indexOf(id), { align: 'nearest' });
      }),
    [chat]
  );

  return (
    <div className="jp-llmhub-thread">
      <div
        className="jp-llmhub-scroll"
        ref={view}
        onScroll={loadNearTop}
        tabIndex={0}
        role="group"
        aria-label={trans.__('Conversation')}
        data-testid="llmhub-thread"
      >
        <div className="jp-llmhub-messages" ref={content}>
          <Virtualizer ref={rows} scrollRef={view} shift={isPrepending} bufferSize={600}>
            {path.map((id, index) => (
              <Row key={chat.node(id)?.key ?? id} chat={chat} id={id} isLast={index === path.length - 1} />
            ))}
          </Virtualizer>
          {chat.failure && (
            <ErrorCard
              error={chat.failure.error}
              onRetry={chat.failure.retry}
              onDismiss={() => {
                chat.dismiss();
              }}
            />
          )}
        </div>
      </div>
      <QuoteButton root={view} />
      {chat.isLoadingOlder && (
        <div className="jp-llmhub-loading-older">{trans.__('Loading earlier messages…')}</div>
      )}
      {!isFollowing && (
        <Button className="jp-llmhub-jump" icon={arrowDownIcon} testId="llmhub-jump" onClick={jumpToEnd}>
          {trans.__('Jump to latest')}
        </Button>
      )}
    </div>
  );
}

const Row = memo(function Row({ chat, id, isLast }: { chat: ChatModel; id: string; isLast: boolean }) {
  return (
    <div className="jp-llmhub-row">
      <MessageView chat={chat} id={id} isLast={isLast} />
    </div>
  );
});

/** Whether this path is the one before with more above it: then the view keeps its distance from the end. */
function useIsPrepending(path: readonly string[]): boolean {
  const [seen, setSeen] = useState({ path, isPrepending: false });
  if (seen.path !== path) {
    const first = seen.path[0];
    const at = first === undefined ? -1 : path.indexOf(first);
    setSeen({ path, isPrepending: at > 0 });
  }
  return useMemo(() => {
    const first = seen.path[0];
    return seen.path === path ? seen.isPrepending : first !== undefined && path.indexOf(first) > 0;
  }, [seen, path]);
}
