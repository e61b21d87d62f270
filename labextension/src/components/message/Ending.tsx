import { useState } from 'react';

import { continueIcon } from '../../icons';
import type { ChatModel } from '../../model/chat';
import { isCut, isRunning, type Node } from '../../model/node';
import { Button } from '../controls';
import { useServices } from '../context';
import { useChosen, useModel } from '../hooks';
import { ErrorCard } from './ErrorCard';
import { showExchange } from './Exchange';
import { ModelChoice } from './ModelChoice';

interface Props {
  chat: ChatModel;
  node: Node;
  isLast: boolean;
}

/** How a message ended, if not well, and how to go on. */
export function Ending({ chat, node, isLast }: Props) {
  const { trans, session } = useServices();
  const isPosting = useChosen(chat, () => chat.isPosting);
  const { message } = node;
  if (isRunning(message)) {
    return null;
  }
  const canAsk = isLast && !isPosting;
  if (message.role === 'user') {
    return canAsk ? <Unanswered chat={chat} id={message.id} /> : null;
  }
  const goOn = canAsk && isCut(message) && (
    <Button
      icon={continueIcon}
      testId="llmhub-continue"
      onClick={() => {
        void chat.continueAnswer(message.id, session.model);
      }}
    >
      {trans.__('Continue')}
    </Button>
  );
  if (message.error) {
    return <FailedAnswer chat={chat} node={node} canAsk={canAsk} goOn={goOn} />;
  }
  const words = {
    stopped: trans.__('Stopped'),
    interrupted: trans.__('Interrupted'),
    failed: trans.__('Failed'),
    complete:
      message.finish_reason === 'length' ? trans.__('Cut off: the answer reached its length limit') : null,
    running: null,
    waiting: null
  }[message.status];
  if (!words) {
    return null;
  }
  return (
    <div className="jp-llmhub-ending">
      <span>{words}</span>
      {goOn}
      {canAsk && message.parts.length === 0 && (
        <Button
          testId="llmhub-retry"
          onClick={() => {
            void chat.retry(message.id, session.model);
          }}
        >
          {trans.__('Retry')}
        </Button>
      )}
    </div>
  );
}

/** A question that nobody was asked yet: it was saved, or its answer was deleted. */
function Unanswered({ chat, id }: { chat: ChatModel; id: string }) {
  const { trans, session } = useServices();
  const hasModel = useChosen(session, () => session.model !== null);
  if (id.startsWith('local-')) {
    return null;
  }
  return (
    <div className="jp-llmhub-ending">
      <Button
        testId="llmhub-answer"
        disabled={!hasModel}
        onClick={() => {
          void chat.answer(id, session.model);
        }}
      >
        {trans.__('Get an answer')}
      </Button>
    </div>
  );
}

interface FailedProps {
  chat: ChatModel;
  node: Node;
  canAsk: boolean;
  goOn: React.ReactNode;
}

function FailedAnswer({ chat, node: { message, seq, isNews }, canAsk, goOn }: FailedProps) {
  const services = useServices();
  const { trans, session } = services;
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const { isMaking } = useModel(chat.summaries);
  const { error, run_id: runId, parent_id: question } = message;
  if (!error) {
    return null;
  }
  const retry = (model: string | null): void => {
    void chat.retry(message.id, model);
  };
  const isTooLong = error.code === 'context_too_long';
  const canFold = canAsk && isTooLong && !!question && chat.summaries.isMissing(question);
  const isAboutQuestion = isTooLong || error.code === 'content_refused' || error.code === 'request_rejected';
  return (
    <>
      <ErrorCard
        error={error}
        isQuiet
        isInterrupted={message.status === 'interrupted'}
        since={seq > 0 || isNews ? undefined : message.created_at}
        run={runId ?? undefined}
        onRetry={
          canAsk
            ? () => {
                retry(session.model);
              }
            : null
        }
        others={
          canAsk && (
            <Button
              testId="llmhub-other-model"
              aria-haspopup="dialog"
              onClick={event => {
                setAnchor(event.currentTarget);
              }}
            >
              {trans.__('Another model…')}
            </Button>
          )
        }
        onDetails={
          runId
            ? () => {
                void showExchange(services, runId);
              }
            : undefined
        }
      >
        {goOn}
        {canFold && (
          <Button
            accent
            testId="llmhub-fold"
            disabled={isMaking}
            onClick={() => {
              void chat.foldAndRetry(message.id, session.model);
            }}
          >
            {trans.__('Summarise the older messages and send again')}
          </Button>
        )}
        {canAsk && isTooLong && question && (
          <Button
            accent={!canFold}
            testId="llmhub-ask-anew"
            onClick={() => {
              session.askAnew(question);
            }}
          >
            {trans.__('Ask in a new chat')}
          </Button>
        )}
        {canAsk && isAboutQuestion && question && (
          <Button
            testId="llmhub-edit-question"
            onClick={() => {
              chat.edits.begin(question);
              void chat.reveal(question);
            }}
          >
            {trans.__('Edit the question')}
          </Button>
        )}
      </ErrorCard>
      {anchor && (
        <ModelChoice
          anchor={anchor}
          current={message.model ?? null}
          onClose={() => {
            setAnchor(null);
          }}
          onChoose={model => {
            session.setModel(model);
            retry(model);
          }}
        />
      )}
    </>
  );
}
