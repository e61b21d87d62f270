/** In a cell's output, in place of @jupyterlab/ui-components: its icons, as the panel's components draw them. */
import caretDown from '@jupyterlab/ui-components/style/icons/arrow/caret-down.svg?raw';
import error from '@jupyterlab/ui-components/style/icons/error.svg?raw';
import file from '@jupyterlab/ui-components/style/icons/filetype/file.svg?raw';
import notebook from '@jupyterlab/ui-components/style/icons/filetype/notebook.svg?raw';
import spreadsheet from '@jupyterlab/ui-components/style/icons/filetype/spreadsheet.svg?raw';
import check from '@jupyterlab/ui-components/style/icons/toolbar/check.svg?raw';
import code from '@jupyterlab/ui-components/style/icons/toolbar/code.svg?raw';
import copy from '@jupyterlab/ui-components/style/icons/toolbar/copy.svg?raw';
import download from '@jupyterlab/ui-components/style/icons/toolbar/download.svg?raw';

interface IconProps {
  tag?: 'span' | null;
  className?: string;
}

export class LabIcon {
  readonly name: string;
  private readonly svgstr: string;

  constructor({ name, svgstr }: { name: string; svgstr: string }) {
    this.name = name;
    this.svgstr = svgstr;
  }

  readonly react = ({ className = '' }: IconProps) => (
    <span
      className={`jp-llmhub-cell-icon ${className}`}
      aria-hidden
      // Drawings of JupyterLab's and our own, never of a message.
      dangerouslySetInnerHTML={{ __html: this.svgstr }}
    />
  );
}

const icon = (name: string, svgstr: string): LabIcon => new LabIcon({ name: `cell:${name}`, svgstr });

export const caretDownIcon = icon('caret-down', caretDown);
export const checkIcon = icon('check', check);
export const codeIcon = icon('code', code);
export const copyIcon = icon('copy', copy);
export const downloadIcon = icon('download', download);
export const errorIcon = icon('error', error);
export const fileIcon = icon('file', file);
export const notebookIcon = icon('notebook', notebook);
export const spreadsheetIcon = icon('spreadsheet', spreadsheet);
