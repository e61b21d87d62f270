import { closeIcon } from '@jupyterlab/ui-components';
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';

import type { ChatModel } from '../../model/chat';
import { type Row, TwoBranches } from '../../model/map/branches';
import { useServices } from '../context';
import { Button, IconButton } from '../controls';
import { useModel, useRoom } from '../hooks';
import { errorWords } from '../message/errorWords';
import { BranchHead } from './BranchHead';
import { Compared, type Shown } from './Compared';
import { counted } from '../../counts';

/** With so much room two columns stand side by side; with less there are tabs. Pixels. */
const ROOM = 600;

/** Two branches of a conversation, from where they part: what is different is marked, and one of them is gone on with. */
export function View() {
  const { session } = useServices();
  useModel(session);
  const { compared } = session.screen;
  return compared && <Branches key={compared.join()} chat={session.chat} pair={compared} />;
}

function Branches({ chat, pair }: { chat: ChatModel; pair: readonly [string, string] }) {
  const { trans, hub, session } = useServices();
  const [branches] = useState(() => new TwoBranches({ client: hub.client, chat }));
  useModel(branches);
  const box = useRef<HTMLDivElement>(null);
  const isWide = useRoom(box, ROOM);
  const [isMarked, setMarked] = useState(true);
  const [tab, setTab] = useState<Shown>('both');
  const name = useId();

  useEffect(() => {
    void branches.load(pair);
    box.current?.focus({ preventScroll: true });
    return () => {
      branches.dispose();
    };
  }, [branches, pair]);

  const back = (): void => {
    session.screen.show('thread');
    session.focusComposer();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') {
      event.stopPropagation();
      back();
    }
  };
  const { error, isOne, isLoading, rows, rest } = branches;
  const words = error && errorWords(error, null, trans);
  const isEmpty = rows.length === 0;
  const shown = isWide ? null : tab;
  return (
    <div
      ref={box}
      className="jp-llmhub-branches-view"
      data-testid="llmhub-branches-view"
      data-wide={isWide || undefined}
      role="region"
      aria-label={trans.__('Two branches')}
      aria-busy={isLoading}
      tabIndex={-1}
      onKeyDown={onKeyDown}
    >
      <div className="jp-llmhub-branches-tools">
        <label>
          <input
            type="checkbox"
            checked={isMarked}
            data-testid="llmhub-branches-mark"
            onChange={event => {
              setMarked(event.target.checked);
            }}
          />
          {trans.__('Mark what is different')}
        </label>
        <IconButton
          icon={closeIcon}
          label={trans.__('Back to the conversation')}
          testId="llmhub-branches-close"
          onClick={back}
        />
      </div>
      {words && (
        <p className="jp-llmhub-error" role="alert">
          {[words.title, error.message, words.hint].filter(Boolean).join(' ')}{' '}
          <Button
            onClick={() => {
              void branches.load(pair);
            }}
          >
            {trans.__('Try again')}
          </Button>
        </p>
      )}
      {isOne && (
        <p className="jp-llmhub-empty" data-testid="llmhub-branches-one">
          {trans.__(
            'These two messages are on the same branch: one comes after the other. Take messages of two branches.'
          )}
        </p>
      )}
      {isEmpty && isLoading && <div className="jp-llmhub-empty">{trans.__('Loading…')}</div>}
      {!isEmpty && !isOne && (
        <>
          {shown !== null && <Tabs name={name} shown={shown} onShow={setTab} />}
          <div
            className="jp-llmhub-branches-scroll"
            {...(shown === null
              ? { role: 'group', 'aria-label': trans.__('Two branches') }
              : { role: 'tabpanel', id: name, 'aria-labelledby': `${name}-${shown}` })}
            tabIndex={0}
          >
            <div className="jp-llmhub-branches-heads">
              {SIDES.filter(side => isSeen(side, shown)).map(side => (
                <BranchHead key={side} chat={chat} branches={branches} side={side} />
              ))}
            </div>
            {rows.map((row, at) => (
              <Compared
                key={idOf(row) || at}
                chat={chat}
                row={row}
                shown={shown}
                isMarked={isMarked}
                onBring={(side, id, text) => {
                  void bring(chat, branches.leaves[side === 0 ? 1 : 0]).then(isThere => {
                    if (isThere && chat === session.chat) {
                      session.quote(id, text);
                    } else if (chat === session.chat) {
                      session.screen.show('thread'); // where it is said what went wrong
                    }
                  });
                }}
              />
            ))}
            {rest > 0 && (
              <Button
                testId="llmhub-branches-more"
                disabled={isLoading}
                onClick={() => {
                  void branches.more(pair);
                }}
              >
                {trans._n('Show %1 more message', 'Show %1 more messages', counted(rest))}
              </Button>
            )}
          </div>
        </>
      )}
    </div>
  );
}

const SIDES = [0, 1] as const;

/** Whether a branch has its own head: under tabs only the one that is looked at, or both. */
function isSeen(side: 0 | 1, shown: Shown | null): boolean {
  return shown === null || shown === 'both' || shown === (side === 0 ? 'left' : 'right');
}

function idOf([left, right]: Row): string {
  return `${left?.id ?? ''}${right?.id ?? ''}`;
}

/** Go to the other branch, so that what is quoted is written about there. False: it cannot be shown, which the chat says. */
async function bring(chat: ChatModel, leaf: string): Promise<boolean> {
  if (!chat.tree.path.includes(leaf)) {
    await chat.switchTo(leaf);
  }
  return chat.tree.path.includes(leaf);
}

function Tabs({ name, shown, onShow }: { name: string; shown: Shown; onShow: (shown: Shown) => void }) {
  const { trans } = useServices();
  const list = useRef<HTMLDivElement>(null);
  const tabs: [Shown, string][] = [
    ['both', trans.__('Differences')],
    ['left', trans.__('First branch')],
    ['right', trans.__('Second branch')]
  ];
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step) {
      event.preventDefault();
      const at = tabs.findIndex(([one]) => one === shown);
      const next = tabs[(at + step + tabs.length) % tabs.length]?.[0] ?? shown;
      onShow(next);
      list.current?.querySelector<HTMLElement>(`[data-tab="${next}"]`)?.focus();
    }
  };
  return (
    <div
      ref={list}
      className="jp-llmhub-answer-tabs"
      role="tablist"
      aria-label={trans.__('Two branches')}
      onKeyDown={onKeyDown}
    >
      {tabs.map(([one, label]) => (
        <button
          key={one}
          type="button"
          className="jp-llmhub-answer-tab"
          role="tab"
          id={`${name}-${one}`}
          data-tab={one}
          data-testid={`llmhub-branches-tab-${one}`}
          aria-selected={one === shown}
          aria-controls={one === shown ? name : undefined}
          tabIndex={one === shown ? 0 : -1}
          onClick={() => {
            onShow(one);
          }}
        >
          <span>{label}</span>
        </button>
      ))}
    </div>
  );
}
