import { Dialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import { type ExportFormat, FORMATS, type ExportWish } from '../../model/exporting';

interface Given {
  readonly format: ExportFormat;
  readonly title: string;
  /** The folder that it would be saved in; null: it can only be downloaded. */
  readonly folder: string | null;
  /** All conversations, as a zip. */
  readonly all?: boolean;
}

/** Ask what an export is to be; null: nothing, it was cancelled. */
export async function askForExport(trans: TranslationBundle, given: Given): Promise<ExportWish | null> {
  const dialog = new Dialog({
    title: given.title,
    body: new ExportForm(trans, given),
    buttons: [Dialog.cancelButton(), Dialog.okButton({ label: trans.__('Export') })],
    focusNodeSelector: 'select'
  });
  const { button, value } = await dialog.launch();
  return button.accept ? value : null;
}

/** The fields; what does not belong to the chosen format is not shown. */
class ExportForm extends Widget implements Dialog.IBodyWidget<ExportWish> {
  private readonly format: HTMLSelectElement;
  private readonly branches: HTMLInputElement;
  private readonly code: HTMLInputElement;
  private readonly questions: HTMLInputElement;
  private readonly again: HTMLInputElement;
  private readonly place: HTMLSelectElement | null;

  constructor(trans: TranslationBundle, given: Given) {
    super();
    this.addClass('jp-llmhub-export');
    const words: Record<ExportFormat, string> = {
      ipynb: trans.__('Notebook: its code runs, anybody can read it'),
      md: trans.__('Markdown'),
      html: trans.__('Web page: one file, to read and to print'),
      json: trans.__('JSON: everything, to be imported again')
    };
    this.format = this.select(
      trans.__('Format'),
      FORMATS.map(format => [format, words[format]])
    );
    this.format.value = given.format;
    this.branches = this.check(trans.__('All branches, not only the one that is shown'));
    this.code = this.check(trans.__('Only the code'));
    this.questions = this.check(trans.__('Without the questions'));
    this.again = this.check(trans.__('Cells that ask again (%1) instead of answers', '%%llm'));
    this.place =
      given.folder === null
        ? null
        : this.select(trans.__('Where'), [
            [
              'files',
              given.folder === '' ? trans.__('Save among the files') : trans.__('Save in %1', given.folder)
            ],
            ['download', trans.__('Download')]
          ]);
    for (const control of [this.format, this.again]) {
      control.addEventListener('change', () => {
        this.arrange();
      });
    }
    this.arrange();
  }

  getValue(): ExportWish {
    const format = this.format.value as ExportFormat;
    const wanted = (input: HTMLInputElement): boolean => input.checked && !input.disabled;
    return {
      query: {
        format,
        ...(wanted(this.branches) ? { branches: 'all' } : {}),
        ...(wanted(this.code) ? { only: 'code' } : {}),
        ...(wanted(this.questions) ? { prompts: 'hidden' } : {}),
        ...(wanted(this.again) ? { answers: 'magics' } : {})
      },
      to: this.place?.value === 'files' ? 'files' : 'download'
    };
  }

  private arrange(): void {
    const format = this.format.value;
    const allow = (input: HTMLInputElement, isShown: boolean, isFree = true): void => {
      input.disabled = !isShown || !isFree;
      input.parentElement?.classList.toggle('lm-mod-hidden', !isShown);
    };
    const isNotebook = format === 'ipynb';
    allow(this.branches, format !== 'json');
    allow(this.again, isNotebook);
    allow(this.code, isNotebook, !this.again.checked);
    allow(this.questions, isNotebook, !this.again.checked);
  }

  private select(label: string, options: readonly (readonly [string, string])[]): HTMLSelectElement {
    const select = document.createElement('select');
    for (const [value, words] of options) {
      select.append(new Option(words, value));
    }
    const wrapper = document.createElement('div');
    wrapper.className = 'jp-select-wrapper';
    select.className = 'jp-mod-styled';
    wrapper.append(select);
    const field = document.createElement('label');
    field.className = 'jp-llmhub-export-field';
    field.append(label, wrapper);
    this.node.append(field);
    return select;
  }

  private check(label: string): HTMLInputElement {
    const input = document.createElement('input');
    input.type = 'checkbox';
    const field = document.createElement('label');
    field.className = 'jp-llmhub-export-check';
    field.append(input, label);
    this.node.append(field);
    return input;
  }
}
