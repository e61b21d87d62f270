import type { TranslationBundle } from '@jupyterlab/translation';
import { closeIcon } from '@jupyterlab/ui-components';
import { type ClipboardEvent, type KeyboardEvent, useCallback, useEffect, useRef, useState } from 'react';

import type { ModelInfo } from '../../api/schema';
import { attachIcon, commandIcon, sendIcon, slidersIcon, stopSquareIcon } from '../../icons';
import { IconButton } from '../controls';
import { useServices } from '../context';
import { GrowingTextarea } from '../GrowingTextarea';
import { useModel } from '../hooks';
import { isComposing, isSendKey, isSeveralKey } from '../keys';
import { given } from '../../model/parameters';
import { parameterLabel, valueWords } from '../parameters';
import { Late } from '../Late';
import { AttachMenu } from './AttachMenu';
import { CeilingCard } from './CeilingCard';
import { Chips } from './Chips';
import { ContextRing } from './ContextRing';
import { DropZone } from './DropZone';
import { Help } from './Help';
import { Menu } from './Menu';
import { ModelPicker } from './ModelPicker';
import { NoteBar } from './NoteBar';
import { Parameters } from './Parameters';
import { PasteView } from './PasteView';
import { Several } from './Several';
import { useRoom } from './room';
import { useMenu } from './useMenu';
import { Waiting } from './Waiting';
import { Icon } from '../Icon';

const loadPreview = () => import('../live/Preview');

/** A paste of more characters becomes a chip. */
const LONG_PASTE = 2500;

/** Where a message is written. The draft lives in the model; this only draws it. */
export function Composer() {
  const { hub, trans, session } = useServices();
  useModel(session);
  useModel(hub.drafts);
  useModel(hub.catalogue);
  useModel(hub.presets);
  useModel(session.chat);
  const { sendOnEnter } = useModel(hub.preferences).values;
  const { uploads } = useModel(session.writing.attachments);
  const root = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const attacher = useRef<HTMLButtonElement>(null);
  const [opened, setOpened] = useState<number | null>(null);
  const [isAttaching, setAttaching] = useState(false);
  const closeAttaching = useCallback(() => {
    setAttaching(false);
  }, []);
  useRoom(root);

  useEffect(
    () =>
      session.onFocusComposer(() => {
        // After what shows the composer again has been drawn.
        requestAnimationFrame(() => {
          // Somebody may have gone on meanwhile to where the cursor is needed.
          if (!session.titling.isOpen && !session.screen.isChoosingModel) {
            field.current?.focus();
          }
        });
      }),
    [session]
  );

  const { canSend, lacksModel } = session.writing;
  const isAnswering = session.outbox.isBusy;
  const draft = hub.drafts.get(session.writing.key);
  const model = hub.catalogue.get(draft.model ?? session.model);
  const hasImages = draft.files.some(part => part.type === 'image');
  const canAttach = hub.catalogue.has('attachments');
  const isBlind = hasImages && model !== undefined && !model.capabilities.includes('vision');
  const blindness = isBlind && blindWords(model, trans);
  const openedPart = opened === null ? undefined : draft.files[opened];
  const isEmpty = draft.text === '' && draft.files.length === 0;

  const control = useMenu(draft.text, field);
  const { menu, active } = control;

  const send = (): void => {
    setOpened(null);
    if (control.runTyped()) {
      return;
    }
    if (session.writing.lacksModel) {
      session.screen.chooseModel();
    } else {
      session.writing.send();
    }
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (control.onKeyDown(event)) {
      return;
    }
    if (isSeveralKey(event, sendOnEnter)) {
      event.preventDefault();
      if (hub.catalogue.has('compare')) {
        session.writing.openSeveral();
      } else {
        session.desk.say(trans.__('Asking several models at once is switched off on this server.'), true);
      }
    } else if (isSendKey(event, sendOnEnter)) {
      event.preventDefault();
      send();
    } else if (event.key === 'ArrowUp' && isEmpty && !isComposing(event)) {
      if (session.latest.edit()) {
        event.preventDefault();
      }
    }
  };
  const onPaste = (event: ClipboardEvent): void => {
    const files = [...event.clipboardData.files];
    const text = event.clipboardData.getData('text/plain');
    // A spreadsheet gives its cells as text and as a picture: the text is meant.
    if (files.length > 0 && !text) {
      event.preventDefault();
      void session.writing.attach(files);
    } else if (text.length > LONG_PASTE && canAttach) {
      event.preventDefault();
      void pasteLong(text);
    }
  };
  const pasteLong = async (text: string): Promise<void> => {
    const file = new File([text], trans.__('pasted text') + '.txt', { type: 'text/plain' });
    if (!(await session.writing.attach([file], { isPaste: true }))) {
      // Nothing is lost: it stands in the text instead, as it would without chips.
      hub.drafts.append(session.writing.key, { text, files: [] });
    }
  };

  return (
    <>
      <Waiting />
      <NoteBar />
      <CeilingCard />
      <DropZone anchor={root} />
      <div className="jp-llmhub-composer" ref={root}>
        {openedPart && (
          <PasteView
            part={openedPart}
            onClose={() => {
              setOpened(null);
            }}
          />
        )}
        {isAttaching && canAttach && (
          <AttachMenu button={attacher} onClose={closeAttaching} onComputer={() => picker.current?.click()} />
        )}
        {menu && <Menu id={control.id} menu={menu} active={active} onPick={control.pick} />}
        {session.desk.card === 'help' && <Help />}
        {session.desk.card === 'instructions' && <Parameters focus="system" />}
        {session.desk.card === 'parameters' && <Parameters />}
        {session.desk.card === 'several' && <Several />}
        {session.desk.card === 'live' && <Late load={loadPreview} />}
        <Tags />
        <Chips
          files={draft.files}
          uploads={uploads}
          onOpen={setOpened}
          onRemove={index => {
            setOpened(null);
            hub.drafts.set(session.writing.key, { files: draft.files.filter((_file, at) => at !== index) });
            session.focusComposer();
          }}
          onDismiss={key => {
            session.writing.attachments.dismiss(key);
          }}
        />
        {blindness && <div className="jp-llmhub-note">{blindness}</div>}
        <GrowingTextarea
          ref={field}
          className="jp-llmhub-input"
          data-testid="llmhub-composer"
          aria-label={trans.__('Message')}
          placeholder={trans.__('Ask anything')}
          value={draft.text}
          onChange={text => {
            control.onCaret();
            hub.drafts.set(session.writing.key, { text });
          }}
          onSelect={control.onCaret}
          {...control.aria}
          onKeyDown={onKeyDown}
          onPaste={onPaste}
        />
        <div className="jp-llmhub-composer-bar">
          {canAttach && (
            <>
              <IconButton
                icon={attachIcon}
                label={trans.__('Attach')}
                testId="llmhub-attach"
                aria-haspopup="listbox"
                aria-expanded={isAttaching}
                buttonRef={attacher}
                onClick={() => {
                  setAttaching(!isAttaching);
                }}
              />
              <input
                ref={picker}
                type="file"
                hidden
                multiple
                data-testid="llmhub-attach-input"
                onChange={event => {
                  void session.writing.attach([...(event.target.files ?? [])]);
                  event.target.value = '';
                  session.focusComposer();
                }}
              />
            </>
          )}
          <ModelPicker />
          <ParametersButton />
          <span className="jp-llmhub-composer-end">
            <ContextRing />
            {isAnswering && (
              <IconButton
                icon={stopSquareIcon}
                className={isEmpty ? 'jp-llmhub-send' : 'jp-llmhub-stop'}
                label={trans.__('Stop')}
                testId="llmhub-stop"
                onClick={() => {
                  void session.chat.stop();
                }}
              />
            )}
            {!(isAnswering && isEmpty) && (
              <IconButton
                icon={sendIcon}
                className="jp-llmhub-send"
                label={
                  lacksModel
                    ? trans.__('Choose a model')
                    : isAnswering
                      ? trans.__('Send when the answer is complete')
                      : trans.__('Send')
                }
                testId="llmhub-send"
                disabled={!canSend && !lacksModel}
                onClick={send}
              />
            )}
          </span>
        </div>
      </div>
    </>
  );
}

/** What is said of a model that is not known to see images: that it does not, if somebody knows. */
function blindWords(model: ModelInfo, trans: TranslationBundle): string {
  return model.sure
    ? trans.__('%1 does not see images.', model.label)
    : trans.__('%1 may not see images: nobody says whether it does.', model.label);
}

/** Opens the parameters; it says what is set. */
function ParametersButton() {
  const { trans, session } = useServices();
  const set = Object.entries(given(session.writing.params)).filter(([name]) => name !== 'system');
  const words = set.map(([name, value]) => `${parameterLabel(name, trans)}: ${valueWords(value, trans)}`);
  const isOpen = session.desk.card === 'parameters';
  return (
    <IconButton
      icon={slidersIcon}
      className={set.length > 0 ? 'jp-mod-set' : ''}
      label={
        words.length > 0
          ? trans.__('Parameters (%1)', words.join(', ').slice(0, 300))
          : trans.__('Parameters')
      }
      testId="llmhub-parameters-button"
      aria-haspopup="dialog"
      aria-expanded={isOpen}
      onClick={() => {
        if (isOpen) {
          session.desk.close();
        } else {
          session.desk.open('parameters');
        }
      }}
    />
  );
}

/** What differs for this message or this conversation: who answers, and by which instructions. */
function Tags() {
  const { hub, trans, session } = useServices();
  const { model } = hub.drafts.get(session.writing.key);
  const { instructions } = session.writing;
  if (model === null && instructions === '') {
    return null;
  }
  return (
    <div className="jp-llmhub-tags">
      {model !== null && (
        <span className="jp-llmhub-tag" data-testid="llmhub-answerer">
          {trans.__('%1 answers this', hub.catalogue.label(model))}
          <IconButton
            icon={closeIcon}
            label={trans.__('Let the usual model answer')}
            onClick={() => {
              hub.drafts.set(session.writing.key, { model: null });
              session.focusComposer();
            }}
          />
        </span>
      )}
      {instructions !== '' && (
        <button
          type="button"
          className="jp-llmhub-tag"
          data-testid="llmhub-instructed"
          title={instructions}
          aria-label={trans.__('Change the instructions')}
          onClick={() => {
            session.desk.open('instructions');
          }}
        >
          <Icon of={commandIcon} tag="span" />
          <span className="jp-llmhub-chip-name">{instructions}</span>
        </button>
      )}
    </div>
  );
}
