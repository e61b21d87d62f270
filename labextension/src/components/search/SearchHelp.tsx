import { infoIcon } from '@jupyterlab/ui-components';
import { useRef, useState } from 'react';

import { useServices } from '../context';
import { IconButton } from '../controls';
import { Popover } from '../Popover';

/** A button beside the search field that says what can be typed there. `onPick` gets what was pressed. */
export function SearchHelp({ onPick }: { onPick: (typed: string) => void }) {
  const { trans } = useServices();
  const [isOpen, setOpen] = useState(false);
  const button = useRef<HTMLSpanElement>(null);
  const anchor = button.current?.querySelector('button');
  const rows: readonly (readonly [string, string])[] = [
    ['tide tables', trans.__('Both words, in any form; names in code by their parts too')],
    ['"high tide"', trans.__('Exactly these words')],
    ['-draft', trans.__('Not this word')],
    ['ebb OR flow', trans.__('One of them')],
    ['role:user', trans.__('Who said it: user, assistant, system or tool')],
    ['model:', trans.__('Which model answered; part of its name is enough')],
    ['in:', trans.__('In this folder, and what is below it')],
    ['tag:', trans.__('In conversations with this tag')],
    ['has:code', trans.__('With an image, code, file or tool')],
    ['is:pinned', trans.__('In conversations that are pinned, archived or unread')],
    ['after:2026-10', trans.__('From then on: a year, month or day, yesterday, monday, 7d')],
    ['before:yesterday', trans.__('Earlier than that')]
  ];
  return (
    <span ref={button}>
      <IconButton
        icon={infoIcon}
        label={trans.__('What can be searched for')}
        testId="llmhub-search-help"
        aria-expanded={isOpen}
        aria-haspopup="dialog"
        onClick={() => {
          setOpen(!isOpen);
        }}
      />
      {isOpen && anchor && (
        <Popover
          anchor={anchor}
          label={trans.__('What can be searched for')}
          className="jp-llmhub-search-help"
          testId="llmhub-search-help-card"
          onClose={() => {
            setOpen(false);
          }}
        >
          <ul>
            {rows.map(([typed, meaning]) => (
              <li key={typed}>
                <button
                  type="button"
                  onClick={() => {
                    setOpen(false);
                    onPick(typed);
                  }}
                >
                  <code>{typed}</code>
                  <span>{meaning}</span>
                </button>
              </li>
            ))}
          </ul>
        </Popover>
      )}
    </span>
  );
}
