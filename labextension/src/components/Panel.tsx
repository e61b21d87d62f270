import { useEffect, useRef, useState } from 'react';

import { OVER_CEILING } from '../api/errors';
import { isRunning } from '../model/node';
import type { View } from '../model/screen';
import { Composer } from './composer/Composer';
import { Connection } from './Connection';
import { useServices } from './context';
import { ConversationList } from './conversations/ConversationList';
import { Header } from './Header';
import { Late } from './Late';
import { useModel } from './hooks';
import { Notes } from './Notes';
import { ProvidersView } from './setup/ProvidersView';
import { Welcome } from './setup/Welcome';
import { DeletedBar } from './message/DeletedBar';
import { SummaryBar } from './message/SummaryMark';
import { ErrorCard } from './message/ErrorCard';
import { Thread } from './thread/Thread';
import { UndoBar } from './UndoBar';
import { errorWords } from './message/errorWords';
import { loadBranches, loadFindBar, loadMap, loadStars } from './views';

/** The whole panel. */
export function Panel() {
  const { session } = useServices();
  useModel(session);
  return (
    <>
      <Header />
      <Connection />
      <Notes />
      <div className="jp-llmhub-views">
        {session.screen.hasList && <ConversationList />}
        {session.screen.view !== 'conversations' && (
          <div className="jp-llmhub-main">
            <Main view={session.screen.view} />
          </div>
        )}
      </div>
      <UndoBar />
      <Announcer />
    </>
  );
}

function Main({ view }: { view: Exclude<View, 'conversations'> }) {
  const { session } = useServices();
  switch (view) {
    case 'providers':
      return <ProvidersView key={session.screen.providerWanted} />;
    case 'map':
      return (
        <Late
          key="map"
          load={loadMap}
          meanwhile={() => {
            session.chat.foresee();
          }}
        />
      );
    case 'branches':
      return <Late key="branches" load={loadBranches} />;
    case 'stars':
      return <Late key="stars" load={loadStars} />;
    case 'thread':
      return <ChatView />;
  }
}

function ChatView() {
  const { trans, session } = useServices();
  useModel(session);
  const chat = useModel(session.chat);
  const isEmpty = chat.tree.path.length === 0;
  return (
    <>
      {session.error && (
        <ErrorCard
          error={session.error}
          onRetry={null}
          onDismiss={() => {
            session.newChat();
          }}
        />
      )}
      {isEmpty && (chat.failure === null || chat.failure.error.code === OVER_CEILING) ? (
        <div className="jp-llmhub-empty-thread">
          {chat.isLoading ? <div className="jp-llmhub-empty">{trans.__('Loading…')}</div> : <Welcome />}
        </div>
      ) : (
        <>
          {session.screen.isFindingHere && <Late key="find" load={loadFindBar} />}
          <Thread key={chat.key} chat={chat} />
        </>
      )}
      {chat.isTemporary && (
        <div className="jp-llmhub-temporary" role="note" data-testid="llmhub-temporary">
          {trans.__('Temporary: kept nowhere, in no list, and gone with this tab or when you leave it.')}
        </div>
      )}
      <DeletedBar chat={chat} />
      <SummaryBar chat={chat} />
      <Composer />
    </>
  );
}

/** Tells screen readers when an answer is complete; its tokens are not read out one by one. */
function Announcer() {
  const { trans, session } = useServices();
  useModel(session);
  const chat = useModel(session.chat);
  const [words, setWords] = useState('');
  const last = useRef<string | null>(null);
  const running = chat.answering?.message.id ?? null;

  useEffect(() => {
    const before = last.current;
    last.current = running;
    const ended = before === null ? undefined : chat.node(before)?.message;
    if (ended && !isRunning(ended)) {
      const why = ended.error ? errorWords(ended.error, null, trans).title : '';
      setWords(
        ended.status === 'complete'
          ? trans.__('The answer is complete.')
          : why
            ? trans.__('The answer has ended early: %1', why)
            : trans.__('The answer has ended early.')
      );
    } else if (running !== null) {
      setWords('');
    }
  }, [chat, running, trans]);

  return (
    <div className="jp-llmhub-announcer" aria-live="polite">
      {words}
    </div>
  );
}
