import type { LabIcon } from '@jupyterlab/ui-components';
import { render } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import { Icon } from '../../src/components/Icon';

it('is not drawn again with what is round it', () => {
  const react = vi.fn(() => <svg />);
  const icon = { react } as unknown as LabIcon;
  const row = (text: string) => (
    <p>
      <Icon of={icon} tag="span" /> {text}
    </p>
  );
  const { rerender, container } = render(row('one'));
  rerender(row('two'));
  expect(container.textContent).toBe(' two');
  expect(react).toHaveBeenCalledOnce();
});
