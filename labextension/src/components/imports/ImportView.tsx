import type { TranslationBundle } from '@jupyterlab/translation';
import { type DragEvent, useRef, useState } from 'react';

import type { ImportFailure, ImportItem, ImportPreview } from '../../api/schema';
import type { ImportModel, ImportStage } from '../../model/imports';
import { Button } from '../controls';
import { useModel } from '../hooks';
import { counted } from '../../counts';

/** What llmhub reads; names of products, which no language translates. */
const PRODUCTS = [
  'llmhub',
  'Jupyter',
  'ChatGPT',
  'Claude',
  'LibreChat',
  'Open WebUI',
  'Chatbot UI',
  'Jupyter AI',
  'Notebook Intelligence',
  'llm'
];
/** Names of conversations that are shown of a preview. */
const SHOWN = 6;

interface Props {
  readonly model: ImportModel;
  readonly trans: TranslationBundle;
}

/** Choosing a file of conversations, and what would come in of it. */
export function ImportView({ model, trans }: Props) {
  const { stage } = useModel(model);
  return (
    <div className="jp-llmhub-import" data-testid="llmhub-import" data-stage={stage.at}>
      <Stage stage={stage} model={model} trans={trans} />
      {model.later.length > 0 && (
        <p className="jp-llmhub-hint">
          {trans._n(
            '“%2” is shown after this.',
            '%1 more archives are shown after this.',
            model.later.length,
            model.later[0]?.name ?? ''
          )}
        </p>
      )}
    </div>
  );
}

function Stage({ stage, model, trans }: Props & { stage: ImportStage }) {
  switch (stage.at) {
    case 'choosing':
      return <Choice model={model} trans={trans} />;
    case 'looking': {
      const isSent = stage.sent >= 1;
      const words = isSent
        ? trans.__('Reading “%1”…', stage.name)
        : trans.__('Sending “%1” to the server…', stage.name);
      return (
        <div className="jp-llmhub-import-wait">
          <progress aria-label={words} {...(isSent ? {} : { value: stage.sent })} />
          <p className="jp-llmhub-import-far">
            <span role="status">{words}</span>
            {!isSent && <span className="jp-llmhub-hint">{`${Math.floor(stage.sent * 100)} %`}</span>}
          </p>
          <p className="jp-llmhub-hint">{trans.__('Nothing comes in before you say so.')}</p>
        </div>
      );
    }
    case 'refused':
      return (
        <>
          <div className="jp-llmhub-import-refused" role="alert">
            <p>{stage.message}</p>
            {stage.hint && <p className="jp-llmhub-hint">{stage.hint}</p>}
          </div>
          <Choice model={model} trans={trans} isAgain />
        </>
      );
    case 'seen':
      return <Preview preview={stage.preview} model={model} trans={trans} />;
  }
}

/** A place to drop files, which is also a button. */
function Choice({ model, trans, isAgain = false }: Props & { isAgain?: boolean }) {
  const [isOver, setOver] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const look = (files: Iterable<File>): void => {
    void model.look([...files]);
  };
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    event.stopPropagation();
    setOver(false);
    look(event.dataTransfer.files);
  };
  return (
    <div
      className="jp-llmhub-import-drop"
      data-over={isOver || undefined}
      onDragOver={event => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => {
        setOver(false);
      }}
      onDrop={drop}
    >
      <input
        ref={field}
        type="file"
        multiple
        hidden
        data-testid="llmhub-import-file"
        onChange={event => {
          look(event.target.files ?? []);
          event.target.value = '';
        }}
      />
      <p>{trans.__('Drop files or a zip here, as the product gave them to you.')}</p>
      <Button
        accent
        testId="llmhub-import-choose"
        onClick={() => {
          field.current?.click();
        }}
      >
        {trans.__('Choose files…')}
      </Button>
      {!isAgain && (
        <p className="jp-llmhub-hint">{trans.__('It reads exports of %1.', PRODUCTS.join(', '))}</p>
      )}
    </div>
  );
}

function Preview({ preview, model, trans }: Props & { preview: ImportPreview }) {
  const { conversations, unchanged, updated, failed } = preview;
  const files = preview.attachments ? trans._n('%1 file', '%1 files', counted(preview.attachments)) : null;
  const messages = trans._n('%1 message', '%1 messages', counted(preview.messages));
  return (
    <>
      <p className="jp-llmhub-import-product">
        <strong>{preview.product}</strong>
        <span className="jp-llmhub-hint">{preview.name}</span>
      </p>
      <dl className="jp-llmhub-import-counts">
        <Count value={preview.new} label={trans.__('new')} isMain />
        {updated > 0 && <Count value={updated} label={trans.__('have grown')} />}
        {unchanged > 0 && <Count value={unchanged} label={trans.__('here already')} />}
        {failed > 0 && <Count value={failed} label={trans.__('cannot be read')} isBad />}
      </dl>
      <p className="jp-llmhub-hint">
        {preview.new + updated > 0
          ? [messages, files].filter(Boolean).join(', ')
          : trans._n(
              'The conversation is here as it is. Importing it again would add nothing.',
              'All %1 conversations are here as they are. Importing them again would add nothing.',
              counted(conversations)
            )}
      </p>
      <Items items={preview.items} total={preview.new + updated} trans={trans} />
      <Reasons label={trans.__('Cannot be read')} items={preview.failures} total={failed} trans={trans} />
      <Reasons
        label={trans.__('Not with everything')}
        items={preview.notes}
        total={preview.notes.length}
        trans={trans}
      />
      {model.isWorth && <FolderChoice model={model} trans={trans} />}
    </>
  );
}

function Count(props: { value: number; label: string; isMain?: boolean; isBad?: boolean }) {
  const kind = props.isMain ? 'main' : props.isBad ? 'bad' : undefined;
  return (
    <div className="jp-llmhub-import-count" data-kind={kind}>
      <dt>{props.label}</dt>
      <dd>{props.value.toLocaleString()}</dd>
    </div>
  );
}

function Items(props: { items: readonly ImportItem[]; total: number; trans: TranslationBundle }) {
  const { trans } = props;
  const coming = props.items.filter(item => item.outcome !== 'unchanged').slice(0, SHOWN);
  const more = props.total - coming.length;
  if (coming.length === 0) {
    return null;
  }
  return (
    <ul className="jp-llmhub-import-items">
      {coming.map((item, at) => (
        <li key={at}>
          <span className="jp-llmhub-import-title">{item.title ?? trans.__('Untitled')}</span>
          <span className="jp-llmhub-hint">
            {item.outcome === 'updated'
              ? trans._n('%1 new message', '%1 new messages', counted(item.fresh))
              : trans._n('%1 message', '%1 messages', counted(item.messages))}
          </span>
        </li>
      ))}
      {more > 0 && (
        <li className="jp-llmhub-hint">{trans._n('and one more', 'and %1 more', counted(more))}</li>
      )}
    </ul>
  );
}

interface ReasonsProps {
  readonly label: string;
  readonly items: readonly ImportFailure[];
  readonly total: number;
  readonly trans: TranslationBundle;
  readonly isOpen?: boolean;
}

/** What does not come in, and why; folded until somebody wants to know. */
export function Reasons({ label, items, total, trans, isOpen = false }: ReasonsProps) {
  if (items.length === 0) {
    return null;
  }
  const more = total - items.length;
  return (
    <details className="jp-llmhub-import-reasons" open={isOpen}>
      <summary>{`${label} (${total.toLocaleString()})`}</summary>
      <ul tabIndex={0} aria-label={label}>
        {items.map(({ name, reason }, at) => (
          <li key={at}>
            <strong>{name}</strong>
            <span>{reason}</span>
          </li>
        ))}
        {more > 0 && <li>{trans._n('and one more', 'and %1 more', counted(more))}</li>}
      </ul>
    </details>
  );
}

/** Where what is new is filed. Not shown where there are no folders. */
function FolderChoice({ model, trans }: Props) {
  if (model.folders.length === 0) {
    return null;
  }
  const names = new Map(model.folders.map(folder => [folder.id, folder]));
  const pathOf = (id: string): string => {
    const folder = names.get(id);
    const above = folder?.parent_id ? `${pathOf(folder.parent_id)} / ` : '';
    return `${above}${folder?.name ?? ''}`;
  };
  const sorted = model.folders
    .map(({ id }) => ({ id, path: pathOf(id) }))
    .sort((one, other) => one.path.localeCompare(other.path));
  return (
    <label className="jp-llmhub-import-folder">
      {trans.__('Into the folder')}
      <select
        className="jp-llmhub-field"
        value={model.folderId ?? ''}
        data-testid="llmhub-import-folder"
        onChange={event => {
          model.file(event.target.value || null);
        }}
      >
        <option value="">{trans.__('None')}</option>
        {sorted.map(({ id, path }) => (
          <option key={id} value={id}>
            {path}
          </option>
        ))}
      </select>
    </label>
  );
}
