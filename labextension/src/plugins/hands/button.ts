import type { LabIcon } from '@jupyterlab/ui-components';

interface Made {
  readonly icon: LabIcon;
  readonly label: string;
  readonly caption: string;
  readonly testId: string;
  /** The label stands beside the icon. */
  readonly hasWords?: boolean;
}

/** A button in a notebook, where no component of ours draws. */
export function button({ icon, label, caption, testId, hasWords = false }: Made): HTMLButtonElement {
  const made = document.createElement('button');
  made.type = 'button';
  made.className = hasWords ? 'jp-llmhub-button' : 'jp-llmhub-icon-button';
  made.title = caption;
  made.dataset['testid'] = testId;
  made.append(icon.element({ tag: 'span' }));
  if (hasWords) {
    made.append(label);
  } else {
    made.setAttribute('aria-label', label);
  }
  // A press is for the button alone: the cell below would become the active one, and scroll.
  made.addEventListener('mousedown', event => {
    event.stopPropagation();
  });
  return made;
}
