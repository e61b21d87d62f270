import type { TranslationBundle } from '@jupyterlab/translation';

import { attachIcon, chatIcon, explainIcon, fixIcon, improveIcon } from '../../icons';
import { CommandIDs } from '../../tokens';
import { button } from './button';

/** The tools of the output that is under the pointer: one row of buttons for the whole page, put where it is needed. */
export class OutputBar {
  private readonly node: HTMLElement;
  private readonly fix: HTMLElement;

  /** `run` runs a command about the output that holds the element. */
  constructor(
    trans: TranslationBundle,
    private readonly run: (command: string, node: Element) => void
  ) {
    this.node = document.createElement('div');
    this.node.className = 'jp-llmhub-output-bar';
    this.node.setAttribute('role', 'toolbar');
    this.node.setAttribute('aria-label', trans.__('Ask the chat about the output'));
    const add = (command: string, icon: typeof chatIcon, label: string): HTMLElement => {
      const made = button({ icon, label, caption: label, testId: `${command.replace(':', '-')}-output` });
      made.addEventListener('click', () => {
        this.run(command, this.node);
      });
      this.node.append(made);
      return made;
    };
    add(CommandIDs.explain, explainIcon, trans.__('Explain the output'));
    this.fix = add(CommandIDs.fix, fixIcon, trans.__('Fix the error'));
    add(CommandIDs.improve, improveIcon, trans.__('Improve the output'));
    add(CommandIDs.askAbout, chatIcon, trans.__('Ask about the output…'));
    add(CommandIDs.attachOutput, attachIcon, trans.__('Attach the output to the chat'));
  }

  show(output: HTMLElement): void {
    const isEmpty = output.querySelector('.jp-OutputArea-output') === null;
    if (isEmpty) {
      this.node.remove();
      return;
    }
    this.fix.hidden = output.querySelector('.jp-llmhub-mend') === null;
    if (this.node.parentElement !== output) {
      output.append(this.node);
    }
  }
}
