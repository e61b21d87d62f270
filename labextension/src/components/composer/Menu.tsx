import { useEffect, useRef } from 'react';

import type { Silence } from '../../model/live/variables';
import { useServices } from '../context';
import type { MenuState, Option, Saying } from './options';
import { Icon } from '../Icon';

interface Props {
  id: string;
  menu: MenuState;
  active: Option | undefined;
  onPick: (option: Option) => void;
}

/** The id of an option in the page. */
export function optionId(menuId: string, option: Option): string {
  return `${menuId}-${option.id}`;
}

/** The menu over the field: commands, their arguments, models, what can be attached. The field keeps the focus. */
export function Menu(props: Props) {
  return (
    <div className="jp-llmhub-menu" data-testid="llmhub-menu">
      <MenuList {...props} />
    </div>
  );
}

/** What can be chosen, in groups. Whatever has the focus keeps it. */
export function MenuList({ id, menu, active, onPick }: Props) {
  const { nearby, trans } = useServices();
  const list = useRef<HTMLDivElement>(null);

  useEffect(() => {
    list.current?.querySelector('[data-active]')?.scrollIntoView({ block: 'nearest' });
  }, [active?.id]);

  const groups = [...new Set(menu.options.map(option => option.group))];
  const words = {
    commands: trans.__('Commands'),
    choices: trans.__('Choices'),
    notebook: trans.__('Attach from here'),
    variables: nearby?.variables.areNames
      ? trans.__('Names that the kernel knows')
      : trans.__('Variables of the kernel'),
    models: trans.__('Answer with'),
    files: trans.__('Attach a file')
  };
  return (
    <div
      className="jp-llmhub-menu-list"
      ref={list}
      // The field keeps its cursor.
      onMouseDown={event => {
        event.preventDefault();
      }}
    >
      {menu.saying && (
        <div className="jp-llmhub-menu-saying" role="status" data-testid="llmhub-menu-saying">
          {sayingWords(menu.saying, trans)}
        </div>
      )}
      <div
        id={id}
        className="jp-llmhub-menu-options"
        role="listbox"
        // It scrolls: a browser stops there with Tab anyway.
        tabIndex={0}
        aria-label={trans.__('Suggestions')}
      >
        {groups.map(group => (
          <div key={group} role="group" aria-label={words[group]}>
            {groups.length > 1 && <div className="jp-llmhub-model-group">{words[group]}</div>}
            {menu.options
              .filter(option => option.group === group)
              .map(option => (
                <MenuOption
                  key={option.id}
                  id={optionId(id, option)}
                  option={option}
                  isActive={option === active}
                  onPick={onPick}
                />
              ))}
          </div>
        ))}
      </div>
    </div>
  );
}

function MenuOption({
  id,
  option,
  isActive,
  onPick
}: {
  id: string;
  option: Option;
  isActive: boolean;
  onPick: (option: Option) => void;
}) {
  const { icon, label, at, detail, whyNot } = option;
  return (
    <div
      id={id}
      className="jp-llmhub-option"
      role="option"
      aria-selected={isActive}
      aria-disabled={whyNot !== null}
      data-active={isActive || undefined}
      data-testid="llmhub-menu-option"
      onClick={() => {
        onPick(option);
      }}
    >
      <Icon of={icon} tag="span" className="jp-llmhub-option-icon" />
      <span className="jp-llmhub-option-label">
        {Array.from(label, (letter, index) => (at.includes(index) ? <b key={index}>{letter}</b> : letter))}
      </span>
      <span className="jp-llmhub-option-detail">{whyNot ?? detail}</span>
    </div>
  );
}

function sayingWords(saying: Saying, trans: ReturnType<typeof useServices>['trans']): string {
  switch (saying.kind) {
    case 'no-command':
      return trans.__('There is no command /%1. Enter sends this as it stands.', saying.name);
    case 'no-choice':
      return trans.__('Nothing is called “%1”.', saying.query);
    case 'nothing-found':
      return saying.isLooking
        ? trans.__('Looking for “%1”…', saying.query)
        : trans.__('Nothing is called “%1”. Enter sends this as it stands.', saying.query);
    case 'not-found':
      return trans.__('Nothing to attach is called “%1”.', saying.query);
    case 'silence':
      return silenceWords(saying.silence, trans);
    case 'argument':
      return saying.command.argument === undefined
        ? trans.__('/%1 takes nothing more. Enter sends this as it stands.', saying.command.name)
        : `/${saying.command.name} ${saying.command.argument} · ${saying.command.label}`;
  }
}

function silenceWords(silence: Silence, trans: ReturnType<typeof useServices>['trans']): string {
  switch (silence) {
    case 'no-kernel':
      return trans.__('Variables can be attached while a kernel is running.');
    case 'busy':
      return trans.__('The kernel is working: its variables can be seen when it is idle.');
    case 'failed':
      return trans.__('The kernel does not say which variables it has.');
  }
}
