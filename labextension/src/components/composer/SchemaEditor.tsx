import { CodeEditor, type IEditorServices } from '@jupyterlab/codeeditor';
import { type KeyboardEvent, useEffect, useRef } from 'react';

interface Props {
  editors: IEditorServices;
  id: string;
  label: string;
  describedBy: string;
  text: string;
  isWrong: boolean;
  onChange: (text: string) => void;
  /** Keys that close or save what the editor stands in; it does not get to see them. */
  onKeyDown: (event: KeyboardEvent) => void;
}

/** JupyterLab's own code editor, for JSON. Tab leaves it, as it leaves every other field of a form: lines are indented by Enter. */
export function SchemaEditor({ editors, id, label, describedBy, text, isWrong, onChange, onKeyDown }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const made = useRef<CodeEditor.IEditor | null>(null);
  const changed = useRef(onChange);
  changed.current = onChange;

  useEffect(() => {
    if (host.current === null) {
      return;
    }
    const model = new CodeEditor.Model({ mimeType: 'application/json' });
    model.sharedModel.setSource(text);
    const { factoryService } = editors;
    const config = { lineNumbers: true, lineWrap: true, tabFocusable: true, indentUnit: '2' };
    const editor = factoryService.newInlineEditor({ host: host.current, model, config, inline: true });
    made.current = editor;
    const tell = (): void => {
      changed.current(model.sharedModel.getSource());
    };
    model.sharedModel.changed.connect(tell);
    return () => {
      made.current = null;
      model.sharedModel.changed.disconnect(tell);
      editor.dispose();
      model.dispose();
    };
    // The text at first; later ones are put into the editor below.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [editors]);

  useEffect(() => {
    const source = made.current?.model.sharedModel;
    if (source && source.getSource() !== text) {
      source.setSource(text);
    }
  }, [text]);

  useEffect(() => {
    const field = host.current?.querySelector('[role="textbox"]');
    field?.setAttribute('id', id);
    field?.setAttribute('aria-label', label);
    field?.setAttribute('aria-describedby', describedBy);
    field?.setAttribute('aria-invalid', String(isWrong));
  }, [editors, id, label, describedBy, isWrong]);

  return (
    <div
      className="jp-llmhub-schema-editor"
      data-testid="llmhub-parameter-json_schema"
      data-invalid={isWrong || undefined}
      ref={host}
      onKeyDownCapture={event => {
        if (event.key === 'Tab') {
          event.stopPropagation(); // the browser goes to the next field
        } else if (event.key === 'Escape' || (event.key === 'Enter' && (event.ctrlKey || event.metaKey))) {
          onKeyDown(event);
        }
      }}
    />
  );
}
