import { type KeyboardEvent, type RefObject, useEffect, useId, useRef, useState } from 'react';

import { useServices } from '../context';
import { useModel } from '../hooks';
import { attachChoice } from './attaching';
import { MenuList, optionId } from './Menu';
import { attachMenu, type Option } from './options';
import { useSources } from './useSources';

interface Props {
  /** What it was opened with: it gives the focus back to it. */
  button: RefObject<HTMLButtonElement>;
  /** Files of this computer, chosen in the browser's own window. */
  onComputer: () => void;
  onClose: () => void;
}

/** What can go along with a message, found by typing: what `@` offers, and files of this computer. */
export function AttachMenu({ button, onComputer, onClose }: Props) {
  const services = useServices();
  const { session, trans } = services;
  useModel(session.hub.catalogue);
  const [query, setQuery] = useState('');
  const [chosen, setChosen] = useState<number | null>(null);
  const root = useRef<HTMLDivElement>(null);
  const id = useId();
  useSources(true, query);

  const menu = attachMenu(query, services);
  const { options } = menu;
  const first = options.findIndex(option => option.whyNot === null);
  const index = Math.min(chosen ?? Math.max(0, first), options.length - 1);
  const active = options[index];

  useEffect(() => {
    const onPointerDown = ({ target }: Event): void => {
      const isOurs =
        target instanceof Node && [root, button].some(one => one.current?.contains(target) === true);
      if (!isOurs) {
        onClose();
      }
    };
    document.addEventListener('pointerdown', onPointerDown, true);
    return () => {
      document.removeEventListener('pointerdown', onPointerDown, true);
    };
  }, [button, onClose]);

  const pick = ({ choice, whyNot }: Option): void => {
    if (whyNot !== null) {
      return;
    }
    onClose();
    if (choice.do === 'computer') {
      button.current?.focus();
      onComputer();
    } else {
      session.focusComposer();
      void attachChoice(choice, services);
    }
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    // What is written here is not for the message.
    event.stopPropagation();
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && options.length > 0) {
      event.preventDefault();
      setChosen((index + step + options.length) % options.length);
    } else if (event.key === 'Enter' && !event.nativeEvent.isComposing) {
      event.preventDefault();
      if (active) {
        pick(active);
      }
    } else if (event.key === 'Escape' && !event.nativeEvent.isComposing) {
      event.preventDefault();
      onClose();
      button.current?.focus();
    } else if (event.key === 'Tab') {
      onClose();
    }
  };
  return (
    <div
      className="jp-llmhub-menu jp-llmhub-attach-menu"
      data-testid="llmhub-attach-menu"
      ref={root}
      onKeyDown={onKeyDown}
    >
      <input
        // It was opened to choose something.
        autoFocus
        className="jp-llmhub-field"
        type="text"
        role="combobox"
        aria-expanded="true"
        aria-autocomplete="list"
        aria-controls={id}
        aria-activedescendant={active && optionId(id, active)}
        aria-label={trans.__('Find what to attach')}
        placeholder={trans.__('Find what to attach')}
        data-testid="llmhub-attach-search"
        value={query}
        onChange={event => {
          setQuery(event.target.value);
          setChosen(null);
        }}
      />
      <MenuList id={id} menu={menu} active={active} onPick={pick} />
    </div>
  );
}
