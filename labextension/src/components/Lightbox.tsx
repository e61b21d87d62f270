import { closeIcon } from '@jupyterlab/ui-components';
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { createPortal } from 'react-dom';

import { useServices } from './context';
import { IconButton } from './controls';

interface Props {
  source: string;
  /** What is seen, as far as that is known. */
  name: string;
  className?: string;
  children: ReactNode;
}

/** A button that shows its image as large as the window allows. */
export function Enlarge({ source, name, className = '', children }: Props) {
  const { trans } = useServices();
  const [isOpen, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  return (
    <>
      <button
        type="button"
        ref={button}
        className={`jp-llmhub-enlarge ${className}`}
        aria-label={trans.__('Enlarge %1', name)}
        aria-haspopup="dialog"
        data-testid="llmhub-enlarge"
        onClick={() => {
          setOpen(true);
        }}
      >
        {children}
      </button>
      {isOpen && (
        <Lightbox
          source={source}
          name={name}
          onClose={() => {
            setOpen(false);
            button.current?.focus({ preventScroll: true });
          }}
        />
      )}
    </>
  );
}

/** An image over the whole window. Escape, and a click anywhere, close it. */
function Lightbox({ source, name, onClose }: { source: string; name: string; onClose: () => void }) {
  const { trans } = useServices();
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    box.current?.querySelector('button')?.focus();
  }, []);
  const onKeyDown = (event: KeyboardEvent): void => {
    event.stopPropagation();
    if (event.key === 'Escape') {
      event.preventDefault();
      onClose();
    } else if (event.key === 'Tab') {
      // There is one stop only.
      event.preventDefault();
    }
  };
  return createPortal(
    <div
      ref={box}
      className="jp-llmhub-lightbox jp-ThemedContainer"
      role="dialog"
      aria-modal="true"
      aria-label={name}
      data-testid="llmhub-lightbox"
      data-lm-suppress-shortcuts="true"
      onKeyDown={onKeyDown}
      onClick={onClose}
    >
      <img src={source} alt={name} />
      <IconButton icon={closeIcon} label={trans.__('Close')} onClick={onClose} />
    </div>,
    document.body
  );
}
