import { useEffect } from 'react';

import { stopSquareIcon } from '../../icons';
import type { ChatModel } from '../../model/chat';
import { isRunning } from '../../model/node';
import { Button, IconButton } from '../controls';
import { useServices } from '../context';
import { useChosen, useNode } from '../hooks';
import { MessageView } from './MessageView';
import { type Side, SideBySide } from './SideBySide';

interface Props {
  chat: ChatModel;
  id: string;
  isLast: boolean;
  position: number;
  count: number;
}

/** A message; or, where several models were asked, all their answers. */
export function MessagePlace(props: Props) {
  const { chat, id } = props;
  const compared = useChosen(chat, () => chat.comparisons.of(id)?.join(' ') ?? null);
  return compared === null ? (
    <MessageView {...props} />
  ) : (
    <Comparison {...props} answers={compared.split(' ')} />
  );
}

/** Answers of several models to one question. Each lives by itself; one of them is gone on with. */
function Comparison({ chat, id, answers, isLast, position, count }: Props & { answers: readonly string[] }) {
  const { hub } = useServices();
  const shown = useChosen(chat, () => chat.comparisons.at(id));
  const known = answers.filter(one => chat.node(one)).length;

  useEffect(() => {
    if (known < answers.length) {
      void chat.comparisons.load(id);
    }
  }, [chat, id, known, answers.length]);

  const useSide = (one: string): Side => {
    const message = useNode(chat, one)?.message;
    return { label: hub.catalogue.label(message?.model), model: message?.model, status: message?.status };
  };
  return (
    <SideBySide
      answers={answers}
      shown={shown}
      seen={shown}
      keyOf={one => chat.node(one)?.key ?? one}
      useSide={useSide}
      body={one => <MessageView chat={chat} id={one} isLast={isLast} isCompared />}
      foot={one => <Foot chat={chat} id={one} />}
      onShow={one => {
        chat.comparisons.look(id, one);
      }}
      aria-posinset={position}
      aria-setsize={count}
    />
  );
}

/** What can be done with one of them. */
function Foot({ chat, id }: { chat: ChatModel; id: string }) {
  const { hub, trans, session } = useServices();
  const node = useNode(chat, id);
  const isPosting = useChosen(chat, () => chat.isPosting);
  const isBusy = node !== undefined && isRunning(node.message);
  return (
    <>
      <Button
        testId="llmhub-choose"
        disabled={isPosting || id.startsWith('local-')}
        onClick={() => {
          void session.continueWith(id);
        }}
      >
        {trans.__('Continue with this one')}
      </Button>
      {isBusy && node.message.run_id && (
        <IconButton
          icon={stopSquareIcon}
          label={trans.__('Stop %1', hub.catalogue.label(node.message.model))}
          testId="llmhub-column-stop"
          onClick={() => {
            void chat.stopOne(id);
          }}
        />
      )}
    </>
  );
}
