import { useEffect, useRef, useState } from 'react';

import type { Message } from '../../api/schema';
import type { ChatModel } from '../../model/chat';
import { useServices } from '../context';
import { useModel } from '../hooks';
import { Popover } from '../Popover';
import { Details } from './Details';
import { figuresOf } from './figures';
import { instructionLabel } from './instructions';

/** Between the pointer's coming and the details; and between its going and their end. Milliseconds. */
const LINGER = 350;

interface Props {
  chat: ChatModel;
  message: Message;
  /** Its model is named above it: it tells of its time and its length instead. */
  isCompared: boolean;
  /** Asked for from elsewhere. */
  isOpen: boolean;
  onClose: () => void;
}

/** Which model answered, and how it was asked to. Under the pointer, or pressed, it tells all that is known of the answer. */
export function ModelNote({ chat, message, isCompared, isOpen, onClose }: Props) {
  const { hub, trans } = useServices();
  const catalogue = useModel(hub.catalogue);
  const button = useRef<HTMLButtonElement>(null);
  const [isPinned, setPinned] = useState(false);
  const [isHovered, setHovered] = useHover();
  const name = catalogue.label(message.model);
  const label = (isCompared && figuresOf(message, trans)) || name;
  const words = message.instruction ? instructionLabel(message.instruction, trans) : '';
  const shown = isOpen || isPinned;
  const close = (): void => {
    setPinned(false);
    setHovered(false, true);
    onClose();
  };
  if (!label && !words) {
    return null;
  }
  return (
    <>
      <button
        type="button"
        ref={button}
        className="jp-llmhub-model-note"
        data-testid="llmhub-model-note"
        data-told={words ? true : undefined}
        aria-haspopup="dialog"
        aria-expanded={shown}
        aria-label={
          words
            ? trans.__('Details of this answer: %1, %2', label, words)
            : trans.__('Details of this answer: %1', label)
        }
        onClick={() => {
          setPinned(!shown);
        }}
        onPointerEnter={() => {
          setHovered(true);
        }}
        onPointerLeave={() => {
          setHovered(false);
        }}
        onFocus={({ currentTarget, relatedTarget }) => {
          // Not when the details give the focus back.
          const isByKeyboard = currentTarget.matches(':focus-visible');
          if (isByKeyboard && relatedTarget !== null && !isDetails(relatedTarget)) {
            setHovered(true);
          }
        }}
        onBlur={() => {
          setHovered(false);
        }}
      >
        {words && (
          <span className="jp-llmhub-told" data-testid="llmhub-instruction">
            {words}
          </span>
        )}
        <span className="jp-llmhub-model-note-label">{label}</span>
      </button>
      {button.current && (shown || isHovered) && (
        <Popover
          // Pressed after it was hovered, it takes the focus.
          key={shown ? 'pinned' : 'hovered'}
          anchor={button.current}
          label={trans.__('Details of this answer')}
          testId="llmhub-details"
          takesFocus={shown}
          onClose={close}
          onPointerEnter={() => {
            setHovered(true);
          }}
          onPointerLeave={() => {
            setHovered(false);
          }}
        >
          <Details chat={chat} message={message} onLeave={close} />
        </Popover>
      )}
    </>
  );
}

function isDetails(element: Element): boolean {
  return element.closest('.jp-llmhub-popover') !== null;
}

/** Whether the pointer has rested on something, or has not yet been away for long. */
function useHover(): [boolean, (isOver: boolean, atOnce?: boolean) => void] {
  const [isOn, setOn] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>();
  useEffect(
    () => () => {
      clearTimeout(timer.current);
    },
    []
  );
  return [
    isOn,
    (isOver, atOnce = false) => {
      clearTimeout(timer.current);
      if (atOnce) {
        setOn(isOver);
      } else {
        timer.current = setTimeout(() => {
          setOn(isOver);
        }, LINGER);
      }
    }
  ];
}
