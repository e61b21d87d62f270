import type { LabIcon } from '@jupyterlab/ui-components';
import { memo } from 'react';

interface IconProps {
  of: LabIcon;
  /** What it is drawn in; by itself if nothing is said. */
  tag?: 'span';
  className?: string;
}

/** An icon, drawn again only when it is another one: each time that JupyterLab draws one, it asks for one more frame of the screen. */
export const Icon = memo(function Icon({ of, tag, className }: IconProps) {
  return <of.react tag={tag ?? null} className={className} />;
});
