import { Dialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { ReactElement } from 'react';

import type { Client } from '../../api/client';
import { errorInfo } from '../../api/errors';
import { type ImportEnd, ImportModel, type ImportRun } from '../../model/imports';
import { ImportView, Reasons } from './ImportView';

/** Choose files (or begin with some), see what would come in, and begin; null: nothing was begun. `leave` is told what is left. */
export async function chooseImport(
  client: Client,
  trans: TranslationBundle,
  files: readonly File[],
  leave: (later: readonly File[]) => void
): Promise<ImportRun | null> {
  const model = new ImportModel(client);
  const dialog = dialogOf(trans.__('Import conversations'), <ImportView model={model} trans={trans} />, [
    Dialog.cancelButton({ label: trans.__('Cancel') }),
    Dialog.okButton({ label: trans.__('Import') })
  ]);
  const accept = dialog.node.querySelector<HTMLButtonElement>('.jp-Dialog-footer .jp-mod-accept');
  const show = (): void => {
    if (accept) {
      accept.disabled = !model.isWorth;
      accept.hidden = model.stage.at === 'choosing';
    }
  };
  const unsubscribe = model.subscribe(show);
  show();
  if (files.length > 0) {
    void model.look(files);
  }
  try {
    const { button } = await launch(dialog);
    return button.accept && model.isWorth ? await model.start() : null;
  } catch (thrown) {
    const { message, hint } = errorInfo(thrown);
    throw new Error(`${message} ${hint}`.trim(), { cause: thrown });
  } finally {
    leave(model.later);
    unsubscribe();
    model.dispose();
  }
}

/** What came of an import, with all that did not come in. */
export async function showImportEnd(trans: TranslationBundle, words: string, end: ImportEnd): Promise<void> {
  const { failed, notes } = end.result;
  const body = (
    <div className="jp-llmhub-import" data-testid="llmhub-import-end">
      <p>{words}</p>
      {end.reason && <p className="jp-llmhub-import-refused">{end.reason}</p>}
      <Reasons
        isOpen
        label={trans.__('Did not come in')}
        items={failed}
        total={failed.length}
        trans={trans}
      />
      <Reasons
        isOpen={failed.length === 0}
        label={trans.__('Not with everything')}
        items={notes}
        total={notes.length}
        trans={trans}
      />
    </div>
  );
  await launch(dialogOf(trans.__('Imported'), body, [Dialog.okButton({ label: trans.__('Close') })]));
}

function dialogOf(title: string, content: ReactElement, buttons: Dialog.IButton[]): Dialog<unknown> {
  const body = ReactWidget.create(content);
  body.addClass('jp-llmhub-import-body');
  const dialog = new Dialog({ title, body, buttons, hasClose: true });
  dialog.addClass('jp-llmhub-import-dialog');
  return dialog;
}

/** JupyterLab's dialogs take every Enter for their button; what is inside has buttons of its own. */
async function launch(dialog: Dialog<unknown>): Promise<Dialog.IResult<unknown>> {
  const keepEnter = (event: KeyboardEvent): void => {
    const content = dialog.node.querySelector('.jp-llmhub-import-body');
    if (event.key === 'Enter' && event.target instanceof Node && content?.contains(event.target)) {
      event.stopPropagation();
    }
  };
  document.addEventListener('keydown', keepEnter, true);
  try {
    return await dialog.launch();
  } finally {
    document.removeEventListener('keydown', keepEnter, true);
  }
}
