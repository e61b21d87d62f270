import { caretDownIcon } from '@jupyterlab/ui-components';
import { useEffect, useRef } from 'react';

import { useServices } from '../context';
import { useModel } from '../hooks';
import { ModelList } from './ModelList';
import { Icon } from '../Icon';

/** Which model answers next: found by typing; favourites and those used last come first, then all by provider. */
export function ModelPicker() {
  const { hub, trans, session } = useServices();
  useModel(session);
  useModel(session.chat);
  const catalogue = useModel(hub.catalogue);
  const isOpen = session.screen.isChoosingModel;
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const current = session.model;

  useEffect(() => {
    if (!isOpen) {
      return;
    }
    void catalogue.load();
    const onPointerDown = (event: PointerEvent): void => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) {
        session.screen.chooseModel(false);
      }
    };
    document.addEventListener('pointerdown', onPointerDown, true);
    return () => {
      document.removeEventListener('pointerdown', onPointerDown, true);
    };
  }, [isOpen, catalogue, session]);

  const close = (): void => {
    session.screen.chooseModel(false);
    button.current?.focus();
  };
  return (
    <div className="jp-llmhub-picker" ref={root}>
      <button
        type="button"
        ref={button}
        className="jp-llmhub-picker-button"
        data-testid="llmhub-model-picker"
        data-model={current ?? undefined}
        aria-haspopup="listbox"
        aria-expanded={isOpen}
        title={current ?? trans.__('Choose a model')}
        onClick={() => {
          session.screen.chooseModel(!isOpen);
        }}
      >
        <span className="jp-llmhub-picker-label">
          {catalogue.label(current) || trans.__('Choose a model')}
        </span>
        <Icon of={caretDownIcon} tag="span" />
      </button>
      {isOpen && (
        <ModelList
          current={current}
          onClose={close}
          onChoose={id => {
            session.setModel(id);
            session.screen.chooseModel(false);
            session.focusComposer();
          }}
          onPreset={preset => {
            session.screen.chooseModel(false);
            session.focusComposer();
            session.writing.apply(preset).catch((thrown: unknown) => {
              session.desk.say(thrown instanceof Error ? thrown.message : String(thrown), true);
            });
          }}
        />
      )}
    </div>
  );
}
