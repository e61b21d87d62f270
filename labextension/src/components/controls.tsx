import type { LabIcon } from '@jupyterlab/ui-components';
import type { ButtonHTMLAttributes, MouseEventHandler, ReactNode, Ref } from 'react';
import { Icon } from './Icon';

type NativeProps = Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'title' | 'type'>;

interface IconButtonProps extends NativeProps {
  icon: LabIcon;
  /** Said by screen readers and shown on hover. */
  label: string;
  testId?: string;
  onClick?: MouseEventHandler<HTMLButtonElement>;
  buttonRef?: Ref<HTMLButtonElement>;
}

/** A small square button with an icon. */
export function IconButton({ icon, label, testId, className = '', buttonRef, ...rest }: IconButtonProps) {
  return (
    <button
      ref={buttonRef}
      type="button"
      className={`jp-llmhub-icon-button ${className}`}
      title={label}
      aria-label={label}
      data-testid={testId}
      {...rest}
    >
      <Icon of={icon} />
    </button>
  );
}

interface ButtonProps extends NativeProps {
  children: ReactNode;
  icon?: LabIcon;
  accent?: boolean;
  /** More about it, shown on hover. */
  hint?: string;
  testId?: string;
}

/** A button with words. `accent` marks the one that most people want. */
export function Button({ children, icon, accent, hint, testId, className = '', ...rest }: ButtonProps) {
  const kind = accent ? 'jp-llmhub-button jp-mod-accept' : 'jp-llmhub-button';
  return (
    <button type="button" className={`${kind} ${className}`} title={hint} data-testid={testId} {...rest}>
      {icon && <Icon of={icon} />}
      {children}
    </button>
  );
}
