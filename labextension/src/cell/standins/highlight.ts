/** In a cell's output, in place of markdown/highlight: code without colours, for the languages are JupyterLab's. */
export class Highlighter {
  constructor(private readonly host: HTMLElement) {}

  speak(): null {
    return null;
  }

  show(code: string): void {
    if (this.host.textContent !== code) {
      this.host.textContent = code;
    }
  }
}
