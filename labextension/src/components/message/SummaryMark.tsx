import { caretDownIcon, caretRightIcon } from '@jupyterlab/ui-components';
import { useId, useState } from 'react';

import type { Summary } from '../../api/schema';
import type { ChatModel } from '../../model/chat';
import { Button } from '../controls';
import { useServices } from '../context';
import { GrowingTextarea } from '../GrowingTextarea';
import { useModel } from '../hooks';
import { Markdown } from '../markdown/Markdown';
import { dollars, number } from './figures';
import { Icon } from '../Icon';
import { counted } from '../../counts';

/** The place up to which a summary stands for the messages. It opens, and can be edited, undone and used again. */
export function SummaryMark({ chat, id }: { chat: ChatModel; id: string }) {
  const { trans } = useServices();
  const summaries = useModel(chat.summaries);
  const summary = summaries.at(id);
  const [isOpen, setOpen] = useState(false);
  const body = useId();
  if (!summary) {
    return null;
  }
  const { active, messages, tokens_before, tokens_after } = summary;
  const words = active
    ? trans._n('One earlier message is summarised', '%1 earlier messages are summarised', counted(messages))
    : trans.__('A summary that is not used');
  const Caret = isOpen ? caretDownIcon : caretRightIcon;
  return (
    <section
      className="jp-llmhub-summary"
      aria-label={trans.__('Summary')}
      data-testid="llmhub-summary"
      data-active={active}
      data-current={summaries.current?.id === summary.id}
    >
      <div className="jp-llmhub-summary-line">
        <button
          type="button"
          className="jp-llmhub-summary-head"
          aria-expanded={isOpen}
          aria-controls={body}
          data-testid="llmhub-summary-toggle"
          onClick={() => {
            setOpen(!isOpen);
          }}
        >
          <Icon of={Caret} />
          <span className="jp-llmhub-summary-words">
            <span>{words}</span>
            <span className="jp-llmhub-summary-figures">
              {trans.__('%1 → %2 tokens', number(tokens_before), number(tokens_after))}
            </span>
          </span>
        </button>
      </div>
      {isOpen && (
        <div className="jp-llmhub-summary-body" id={body}>
          <Opened chat={chat} summary={summary} />
        </div>
      )}
    </section>
  );
}

function Opened({ chat, summary }: { chat: ChatModel; summary: Summary }) {
  const { trans, hub } = useServices();
  const { id, text, active, edited, automatic, model, instructions, usage, left_out } = summary;
  const [draft, setDraft] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const change = async (changes: { text?: string; active?: boolean }): Promise<void> => {
    setBusy(true);
    if (await chat.summaries.change(id, changes)) {
      setDraft(null);
    }
    setBusy(false);
  };
  const facts = [
    trans.__('by %1', hub.catalogue.label(model)),
    automatic ? trans.__('because the window was nearly full') : trans.__('made by hand'),
    edited && trans.__('edited'),
    typeof usage?.cost_usd === 'number' && usage.cost_usd > 0 && dollars(usage.cost_usd)
  ].filter(Boolean);
  if (draft !== null) {
    return (
      <>
        <GrowingTextarea
          className="jp-llmhub-input jp-llmhub-summary-edit"
          aria-label={trans.__('Summary')}
          data-testid="llmhub-summary-edit"
          autoFocus
          value={draft}
          onChange={setDraft}
          onKeyDown={event => {
            if (event.key === 'Escape') {
              event.stopPropagation();
              setDraft(null);
            }
          }}
        />
        <div className="jp-llmhub-summary-actions">
          <Button
            accent
            testId="llmhub-summary-save"
            disabled={isBusy || !draft.trim() || draft === text}
            onClick={() => void change({ text: draft })}
          >
            {trans.__('Save')}
          </Button>
          <Button
            onClick={() => {
              setDraft(null);
            }}
          >
            {trans.__('Cancel')}
          </Button>
        </div>
      </>
    );
  }
  return (
    <>
      <Markdown text={text} done />
      {left_out > 0 && (
        <p className="jp-llmhub-hint">
          {trans._n(
            'The oldest message had no room in it.',
            'The oldest %1 messages had no room in it.',
            left_out
          )}
        </p>
      )}
      {instructions && <p className="jp-llmhub-hint">{trans.__('As you wished: %1', instructions)}</p>}
      <p className="jp-llmhub-hint">{facts.join(' · ')}</p>
      <div className="jp-llmhub-summary-actions">
        {active && (
          <Button
            testId="llmhub-summary-begin-edit"
            onClick={() => {
              setDraft(text);
            }}
          >
            {trans.__('Edit')}
          </Button>
        )}
        <Button
          testId={active ? 'llmhub-summary-undo' : 'llmhub-summary-redo'}
          hint={
            active
              ? trans.__('The model reads the messages themselves again')
              : trans.__('It stands for the messages above it again')
          }
          disabled={isBusy}
          onClick={() => void change({ active: !active })}
        >
          {active ? trans.__('Undo') : trans.__('Use it again')}
        </Button>
      </div>
    </>
  );
}

/** While a summary is made by hand: what is done, and a way to stop it. */
export function SummaryBar({ chat }: { chat: ChatModel }) {
  const { trans } = useServices();
  const { isMaking } = useModel(chat.summaries);
  if (!isMaking) {
    return null;
  }
  return (
    <div className="jp-llmhub-making" role="status" data-testid="llmhub-summary-making">
      <span>
        {trans.__('Summarising the earlier messages')}
        <span className="jp-llmhub-dots" aria-hidden="true">
          <i />
          <i />
          <i />
        </span>
      </span>
      <Button testId="llmhub-summary-stop" onClick={() => void chat.summaries.stop()}>
        {trans.__('Stop')}
      </Button>
    </div>
  );
}
