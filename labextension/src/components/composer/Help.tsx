import { useEffect, useRef } from 'react';

import { Button } from '../controls';
import { useServices } from '../context';
import { useModel } from '../hooks';

/** What can be typed in the composer: commands and keys. */
export function Help() {
  const { hub, slash, trans, session } = useServices();
  const { sendOnEnter } = useModel(hub.preferences).values;
  const catalogue = useModel(hub.catalogue);
  const list = useRef<HTMLDListElement>(null);
  useEffect(() => {
    // The keys that scroll are for it.
    list.current?.focus();
  }, []);
  const accel = navigator.userAgent.includes('Mac') ? '⌘' : trans.__('Ctrl');
  const keys: [string, string][] = [
    [sendOnEnter ? trans.__('Enter') : `${accel}+${trans.__('Enter')}`, trans.__('Send')],
    [sendOnEnter ? trans.__('Shift+Enter') : trans.__('Enter'), trans.__('New line')],
    ...(catalogue.has('compare')
      ? ([
          [
            `${accel}+${sendOnEnter ? '' : `${trans.__('Shift')}+`}${trans.__('Enter')}`,
            trans.__('Send to several models')
          ]
        ] satisfies [string, string][])
      : []),
    ['↑', trans.__('Change the last message, in an empty field')],
    ['/', trans.__('Commands')],
    [
      '@',
      catalogue.has('attachments')
        ? trans.__('Another model for this message, or a file')
        : trans.__('Another model for this message')
    ],
    [trans.__('Escape'), trans.__('Close a menu or leave an edit')]
  ];
  const close = (): void => {
    session.desk.close();
    session.focusComposer();
  };
  return (
    <div
      className="jp-llmhub-paste jp-llmhub-help"
      role="dialog"
      aria-label={trans.__('What can be typed here')}
      data-testid="llmhub-help"
      onKeyDown={event => {
        if (event.key === 'Escape') {
          event.preventDefault();
          event.stopPropagation();
          close();
        }
      }}
    >
      <dl ref={list} tabIndex={0}>
        {slash.all.map(command => (
          <div key={command.name}>
            <dt>
              <code>
                /{command.name} {command.argument}
              </code>
            </dt>
            <dd>{command.label}</dd>
          </div>
        ))}
        {keys.map(([key, words]) => (
          <div key={words}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{words}</dd>
          </div>
        ))}
      </dl>
      <div className="jp-llmhub-paste-buttons">
        <Button accent onClick={close}>
          {trans.__('Close')}
        </Button>
      </div>
    </div>
  );
}
