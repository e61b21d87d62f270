import { type KeyboardEvent, type RefObject, useEffect, useId, useState } from 'react';

import { errorInfo } from '../../api/errors';
import { type SlashCommand, typedIn } from '../../registries/slash';
import { useServices } from '../context';
import { isComposing } from '../keys';
import { attachChoice } from './attaching';
import { menuFor, type MenuState, type Option } from './options';
import { optionId } from './Menu';
import { useSources } from './useSources';

/** The menu over the composer's field: when it is there, what is chosen in it, and what its keys do. */
export interface MenuControl {
  readonly id: string;
  readonly menu: MenuState | null;
  readonly active: Option | undefined;
  readonly pick: (option: Option) => void;
  /** True: the key was for the menu. */
  readonly onKeyDown: (event: KeyboardEvent) => boolean;
  /** True: what is written is a command, and was done instead of being sent. */
  readonly runTyped: () => boolean;
  readonly onCaret: () => void;
  /** What a screen reader needs to follow along. */
  readonly aria: Record<string, string | undefined>;
}

export function useMenu(text: string, field: RefObject<HTMLTextAreaElement>): MenuControl {
  const services = useServices();
  const { hub, session, slash, files, nearby, trans } = services;
  const id = useId();
  const [caret, setCaret] = useState(0);
  const [chosen, setChosen] = useState({ text: '', index: 0 });
  const [dismissed, setDismissed] = useState<string | null>(null);

  const found = menuFor(text, Math.min(caret, text.length), { session, slash, files, nearby });
  // What was dismissed stays so until the word it was about is gone.
  const word = found && text.slice(0, found.from + 1);
  const menu = found && word !== dismissed ? found : null;
  useEffect(() => {
    if (!found) {
      setDismissed(null);
    }
  }, [found]);

  const isMention = menu?.kind === 'mention' && hub.catalogue.has('attachments');
  useSources(isMention, isMention ? text.slice(menu.from + 1, menu.to) : '');

  const options = menu?.options ?? [];
  // Each letter begins at the top again; what arrives later goes below and moves nothing.
  const index = chosen.text === text ? Math.min(chosen.index, options.length - 1) : 0;
  const active = options[index];

  const write = (changed: string, at = changed.length): void => {
    hub.drafts.set(session.writing.key, { text: changed });
    requestAnimationFrame(() => {
      field.current?.focus();
      field.current?.setSelectionRange(at, at);
      setCaret(at);
    });
  };
  const run = async (command: SlashCommand, argument: string): Promise<void> => {
    const whyNot = command.whyNot?.(session);
    if (whyNot) {
      session.desk.say(whyNot, true);
      return;
    }
    const draftKey = session.writing.key;
    const before = hub.drafts.get(draftKey).text;
    hub.drafts.set(draftKey, { text: '' });
    session.desk.say(null);
    try {
      const said = await command.run(argument, session);
      if (said) {
        session.desk.say(said);
      }
    } catch (thrown) {
      session.desk.say(errorInfo(thrown).message, true);
      if (!hub.drafts.get(draftKey).text) {
        hub.drafts.set(draftKey, { text: before });
      }
    }
  };
  const pick = ({ choice }: Option): void => {
    if (!menu) {
      return;
    }
    const rest = text.slice(menu.to);
    switch (choice.do) {
      case 'complete':
        write(choice.text);
        break;
      case 'run':
        void run(choice.command, choice.argument);
        break;
      case 'model':
        hub.drafts.set(session.writing.key, { model: choice.id });
        write(text.slice(0, menu.from) + rest.replace(/^ /, ''), menu.from);
        break;
      case 'file': {
        const name = choice.path.slice(choice.path.lastIndexOf('/') + 1);
        const written = `${text.slice(0, menu.from)}${name}`;
        write(`${written}${rest || ' '}`, written.length + 1);
        void attachChoice(choice, services);
        break;
      }
      case 'nearby':
        write(text.slice(0, menu.from) + rest.replace(/^ /, ''), menu.from);
        void attachChoice(choice, services);
        break;
      case 'variable': {
        const written = `${text.slice(0, menu.from)}${choice.name}`;
        write(`${written}${rest || ' '}`, written.length + 1);
        void attachChoice(choice, services);
        break;
      }
    }
  };
  const onKeyDown = (event: KeyboardEvent): boolean => {
    if (!menu || isComposing(event) || event.ctrlKey || event.metaKey || event.altKey) {
      return false;
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && options.length > 0) {
      setChosen({ text, index: (index + step + options.length) % options.length });
    } else if ((event.key === 'Enter' && !event.shiftKey) || (event.key === 'Tab' && !event.shiftKey)) {
      if (!active) {
        return false;
      }
      pick(active);
    } else if (event.key === 'Escape') {
      setDismissed(word);
    } else {
      return false;
    }
    event.preventDefault();
    event.stopPropagation();
    return true;
  };
  const runTyped = (): boolean => {
    if (menu?.kind === 'command' && active) {
      pick(active);
      return true;
    }
    const typed = typedIn(text);
    const command = typed && menu?.kind === 'command' ? slash.get(typed.name) : null;
    if (!typed || !command || (command.argument === undefined && typed.argument !== '')) {
      return false;
    }
    if (command.choices && typed.argument) {
      session.desk.say(trans.__('Nothing is called “%1”.', typed.argument), true);
      return true;
    }
    void run(command, typed.argument);
    return true;
  };
  return {
    id,
    menu,
    active,
    pick,
    onKeyDown,
    runTyped,
    onCaret: () => {
      setCaret(field.current?.selectionStart ?? 0);
    },
    aria: {
      'aria-haspopup': 'listbox',
      'aria-autocomplete': 'list',
      'aria-controls': menu ? id : undefined,
      'aria-activedescendant': menu && active ? optionId(id, active) : undefined
    }
  };
}
