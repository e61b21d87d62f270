import { type FormEvent, type KeyboardEvent, useEffect, useId, useRef, useSyncExternalStore } from 'react';

import type { ErrorInfo, Part } from '../api/schema';
import { useDrawing } from '../components/context';
import { Button, IconButton } from '../components/controls';
import { Markdown } from '../components/markdown/Markdown';
import { type Side, SideBySide } from '../components/message/SideBySide';
import { sendIcon, stopSquareIcon } from '../icons';
import { isRunning, type Node } from '../model/node';
import type { Place, Talk } from './talk';

/** A conversation in an output: what was said, and where one goes on. Nothing, until a kernel tells what it is. */
export function TalkView({ talk }: { talk: Talk }) {
  const { trans } = useDrawing();
  useSyncExternalStore(talk.subscribe, talk.version);
  const end = useFollowing(talk);
  const look = (): void => {
    talk.look();
  };
  if (!talk.places) {
    return null;
  }
  return (
    <section
      className="jp-llmhub-cell-talk"
      aria-label={trans.__('Chat')}
      data-testid="llmhub-cell"
      onPointerEnter={look}
      onFocus={look}
    >
      {talk.places.length > 0 && (
        <div
          className="jp-llmhub-cell-thread"
          ref={end}
          tabIndex={0}
          role="log"
          aria-label={trans.__('Messages')}
        >
          {talk.places.map(place =>
            place.ids.length > 1 ? (
              <Compared key={place.ids[0]} talk={talk} place={place} />
            ) : (
              <MessageBox key={place.shown} node={talk.node(place.shown)} />
            )
          )}
        </div>
      )}
      {talk.error && <Trouble error={talk.error} isAlert />}
      <Composer talk={talk} />
    </section>
  );
}

/** Where a conversation is higher than its room, its end stays in view, unless somebody has scrolled away from it. */
function useFollowing(talk: Talk) {
  const box = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  useEffect(() => {
    const { current } = box;
    if (!current) {
      return;
    }
    const note = (): void => {
      isAtEnd.current = current.scrollHeight - current.scrollTop - current.clientHeight < 40;
    };
    const stay = new ResizeObserver(() => {
      if (isAtEnd.current) {
        current.scrollTop = current.scrollHeight;
      }
    });
    current.addEventListener('scroll', note, { passive: true });
    for (const child of current.children) {
      stay.observe(child);
    }
    return () => {
      current.removeEventListener('scroll', note);
      stay.disconnect();
    };
  }, [talk.places?.length]);
  return box;
}

/** Answers of several models to one question; the next goes on from one of them. */
function Compared({ talk, place }: { talk: Talk; place: Place }) {
  const useSide = (id: string): Side => {
    const message = talk.node(id)?.message;
    return { label: talk.label(message?.model), model: message?.model, status: message?.status };
  };
  return (
    <SideBySide
      answers={place.ids}
      shown={place.shown}
      seen={talk.seen(place)}
      keyOf={id => id}
      useSide={useSide}
      body={id => <MessageBox node={talk.node(id)} isCompared />}
      foot={id => <Foot talk={talk} id={id} isShown={id === place.shown} />}
      onShow={id => {
        talk.see(place, id);
      }}
    />
  );
}

function Foot({ talk, id, isShown }: { talk: Talk; id: string; isShown: boolean }) {
  const { trans } = useDrawing();
  const message = talk.node(id)?.message;
  return (
    <>
      {isShown ? (
        <span className="jp-llmhub-cell-wait">{trans.__('What is said next goes on from here.')}</span>
      ) : (
        <Button
          testId="llmhub-cell-choose"
          onClick={() => {
            talk.goOn(id);
          }}
        >
          {trans.__('Continue with this one')}
        </Button>
      )}
      {message && isRunning(message) && (
        <IconButton
          icon={stopSquareIcon}
          label={trans.__('Stop %1', talk.label(message.model))}
          testId="llmhub-cell-column-stop"
          onClick={() => {
            talk.stop(id);
          }}
        />
      )}
    </>
  );
}

function MessageBox({ node, isCompared = false }: { node: Node | undefined; isCompared?: boolean }) {
  const { trans } = useDrawing();
  if (!node) {
    return null;
  }
  const { message } = node;
  const isUser = message.role === 'user';
  const isLive = isRunning(message);
  const groups = joined(message.parts);
  const endings: Partial<Record<typeof message.status, string>> = {
    stopped: trans.__('Stopped'),
    interrupted: trans.__('Interrupted')
  };
  const ending = endings[message.status];
  return (
    <article
      className={`jp-llmhub-message jp-llmhub-${message.role}`}
      data-testid="llmhub-cell-message"
      data-role={message.role}
      data-status={message.status}
      aria-label={isUser ? trans.__('You') : trans.__('Answer')}
      aria-busy={isLive}
      data-message-id={message.id}
      tabIndex={isCompared ? -1 : undefined}
    >
      <div className="jp-llmhub-body">
        {groups.map((part, index) => (
          <PartBox key={index} part={part} isUser={isUser} done={!isLive || index < groups.length - 1} />
        ))}
        {isLive && (node.wait ?? groups.length === 0) && (
          <p className="jp-llmhub-cell-wait" role="status">
            {node.wait?.text ? `${node.wait.text} …` : trans.__('Thinking…')}
          </p>
        )}
      </div>
      {message.error ? (
        <Trouble error={message.error} />
      ) : (
        ending && <p className="jp-llmhub-cell-wait">{ending}</p>
      )}
      {!isUser && !isCompared && message.model && !isLive && (
        <p className="jp-llmhub-cell-model">{message.model}</p>
      )}
    </article>
  );
}

/** Texts that follow one another are one: an answer that was continued has several, without a seam. */
function joined(parts: readonly Part[]): Part[] {
  const groups: Part[] = [];
  for (const part of parts) {
    const last = groups.at(-1);
    if (part.type === 'text' && last?.type === 'text') {
      groups[groups.length - 1] = { ...last, text: last.text + part.text };
    } else {
      groups.push(part);
    }
  }
  return groups;
}

function PartBox({ part, isUser, done }: { part: Part; isUser: boolean; done: boolean }) {
  const { trans } = useDrawing();
  switch (part.type) {
    case 'text':
      return isUser ? (
        <div className="jp-llmhub-plain">{part.text}</div>
      ) : (
        <Markdown text={part.text} done={done} />
      );
    case 'reasoning':
      return part.text ? (
        <details className="jp-llmhub-cell-fold">
          <summary>{done ? trans.__('Thoughts') : trans.__('Thinking…')}</summary>
          <Markdown text={part.text} done={done} />
        </details>
      ) : null;
    case 'quote':
      return <blockquote className="jp-llmhub-plain">{part.text}</blockquote>;
    case 'tool_call':
      return (
        <details className="jp-llmhub-cell-fold">
          <summary>{trans.__('Used %1', part.title ?? part.name)}</summary>
          <pre>{part.arguments}</pre>
        </details>
      );
    case 'image':
      return <p className="jp-llmhub-cell-wait">{trans.__('Image')}</p>;
    case 'file':
      return <p className="jp-llmhub-cell-wait">{part.name}</p>;
    default:
      // Results, outputs and sources are seen in the panel.
      return null;
  }
}

function Trouble({ error, isAlert = false }: { error: ErrorInfo; isAlert?: boolean }) {
  const { hint } = error;
  return (
    <div className="jp-llmhub-error" role={isAlert ? 'alert' : undefined} data-testid="llmhub-cell-error">
      <div className="jp-llmhub-error-words">
        <p>{error.message}</p>
        {hint && <p className="jp-llmhub-hint">{hint}</p>}
      </div>
    </div>
  );
}

function Composer({ talk }: { talk: Talk }) {
  const { trans } = useDrawing();
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    talk.ask();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    // The notebook's own keys stay out of what is written here: Shift Enter would run the cell.
    event.stopPropagation();
    if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault();
      talk.ask();
    }
  };
  const canSend = talk.draft.trim() !== '' && !talk.sending && !talk.isRunning;
  return (
    <form className="jp-llmhub-composer" onSubmit={submit} data-lm-suppress-shortcuts="true">
      <textarea
        className="jp-llmhub-input"
        aria-label={trans.__('Message')}
        placeholder={trans.__('Ask anything')}
        rows={1}
        value={talk.draft}
        data-testid="llmhub-cell-input"
        onKeyDown={onKeyDown}
        onChange={event => {
          talk.write(event.target.value);
        }}
      />
      <div className="jp-llmhub-composer-bar">
        {talk.models.length > 0 ? <Asked talk={talk} /> : <ModelChoice talk={talk} />}
        <span role="status" className="jp-llmhub-cell-wait">
          {talk.sending?.isLate &&
            trans.__(
              'The kernel is busy, or was restarted. This is asked when it answers; else run the cell again.'
            )}
        </span>
        <span className="jp-llmhub-composer-end">
          {talk.isRunning ? (
            <IconButton
              icon={stopSquareIcon}
              className="jp-llmhub-stop"
              label={trans.__('Stop')}
              testId="llmhub-cell-stop"
              onClick={event => {
                event.preventDefault();
                talk.stop();
              }}
            />
          ) : (
            <IconButton
              icon={sendIcon}
              className="jp-llmhub-send"
              label={trans.__('Send')}
              testId="llmhub-cell-send"
              disabled={!canSend}
              onClick={() => {
                talk.ask();
              }}
            />
          )}
        </span>
      </div>
    </form>
  );
}

/** Who answers, where that is not to be chosen. */
function Asked({ talk }: { talk: Talk }) {
  const { trans } = useDrawing();
  const names = talk.models.map(model => talk.label(model)).join(', ');
  return (
    <span className="jp-llmhub-cell-asked" title={names}>
      {trans.__('Asks %1', names)}
    </span>
  );
}

function ModelChoice({ talk }: { talk: Talk }) {
  const { trans } = useDrawing();
  const id = useId();
  const { model, choices } = talk;
  const isKnown = choices.some(one => one.id === model);
  return (
    <>
      <label htmlFor={id} className="jp-llmhub-cell-hidden">
        {trans.__('Model')}
      </label>
      <select
        id={id}
        className="jp-llmhub-cell-models"
        value={model ?? ''}
        data-testid="llmhub-cell-model"
        onChange={event => {
          talk.choose(event.target.value);
        }}
      >
        {!isKnown && <option value={model ?? ''}>{model ?? trans.__('Default model')}</option>}
        {choices.map(one => (
          <option key={one.id} value={one.id}>
            {one.label || one.id}
          </option>
        ))}
      </select>
    </>
  );
}
