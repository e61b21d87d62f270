import { closeIcon } from '@jupyterlab/ui-components';
import type { ReactNode } from 'react';

import type { Refusal } from '../model/conversations';
import { useServices } from './context';
import { IconButton } from './controls';
import { useModel } from './hooks';
import { money } from '../model/money';
import { errorWords } from './message/errorWords';
import { noticeWords } from './settings/words';

/** Quiet lines about what a person should know and may wave away: none of them stops anything. */
export function Notes() {
  const { hub, openUsage, trans, session } = useServices();
  const { near } = useModel(hub.spending);
  const { gone } = useModel(session);
  const { update } = useModel(hub.serverVersion);
  const { isFailing, isDismissed } = useModel(hub.storage);
  const { refusal } = useModel(hub.conversations);
  return (
    <>
      {update !== null && (
        <Note
          testId="llmhub-update"
          onDismiss={() => {
            hub.serverVersion.dismiss();
          }}
        >
          {trans.__('llmhub was updated to %1.', update)}{' '}
          <button
            type="button"
            className="jp-llmhub-link"
            onClick={() => {
              window.location.reload();
            }}
          >
            {trans.__('Reload the page')}
          </button>
        </Note>
      )}
      {isFailing && !isDismissed && (
        <Note
          testId="llmhub-storage"
          onDismiss={() => {
            hub.storage.dismiss();
          }}
        >
          {trans.__('This browser stores nothing more. What you are writing will not survive a reload.')}
        </Note>
      )}
      <ConfigNotes />
      {near && (
        <Note
          testId="llmhub-near-ceiling"
          onDismiss={() => {
            void hub.spending.dismiss();
          }}
        >
          {near.period === 'day'
            ? trans.__('%1 of %2 for today are spent.', money(near.spent_usd), money(near.ceiling_usd))
            : trans.__(
                '%1 of %2 for this month are spent.',
                money(near.spent_usd),
                money(near.ceiling_usd)
              )}{' '}
          {openUsage && (
            <button type="button" className="jp-llmhub-link" onClick={openUsage}>
              {trans.__('Usage and costs')}
            </button>
          )}
        </Note>
      )}
      {refusal && (
        <Note
          testId="llmhub-refusal"
          onDismiss={() => {
            hub.conversations.dismissRefusal();
          }}
        >
          <Refused refusal={refusal} />
        </Note>
      )}
      {gone && (
        <Note
          testId="llmhub-gone"
          onDismiss={() => {
            session.dismissGone();
          }}
        >
          {gone.title === null
            ? trans.__('This conversation was deleted elsewhere.')
            : trans.__('“%1” was deleted elsewhere.', gone.title)}
        </Note>
      )}
    </>
  );
}

/** What is wrong with the configuration, as long as it is; what one has waved away comes back when it is another. */
function ConfigNotes() {
  const { hub, trans, openSettings } = useServices();
  const notices = useModel(hub.catalogue).config?.notices ?? [];
  const { dismissed } = useModel(hub.settings);
  return (
    <>
      {notices
        .filter(notice => notice.code !== 'warning' && !dismissed.has(notice.message))
        .map(notice => (
          <Note
            key={notice.message}
            testId="llmhub-config-note"
            onDismiss={() => {
              hub.settings.dismiss(notice.message);
            }}
          >
            {noticeWords(notice, trans).title}{' '}
            {openSettings && (
              <button type="button" className="jp-llmhub-link" onClick={openSettings}>
                {trans.__('Settings')}
              </button>
            )}
          </Note>
        ))}
    </>
  );
}

function Refused({ refusal: { what, title, error } }: { refusal: Refusal }) {
  const { trans } = useServices();
  const name = title ?? trans.__('New chat');
  const words = errorWords(error, null, trans);
  const why = words.title || error.message.replace(/\.$/, '');
  return (
    <>
      {what === 'rename'
        ? trans.__('“%1” could not be renamed: %2. %3', name, why, words.hint)
        : trans.__('“%1” could not be deleted: %2. %3', name, why, words.hint)}
    </>
  );
}

function Note({
  testId,
  children,
  onDismiss
}: {
  testId: string;
  children: ReactNode;
  onDismiss: () => void;
}) {
  const { trans } = useServices();
  return (
    <div className="jp-llmhub-line" role="status" data-testid={testId}>
      <span className="jp-llmhub-line-words">{children}</span>
      <IconButton icon={closeIcon} label={trans.__('Dismiss')} onClick={onDismiss} />
    </div>
  );
}
