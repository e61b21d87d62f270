import type { KernelLanguages } from '../colours';
import type { Piece } from '../line';

/** In a cell's output, in place of markdown/highlight: code that the kernel colours once it is whole. */
export class Highlighter {
  private languages: KernelLanguages | null = null;
  private language = '';

  constructor(private readonly host: HTMLElement) {}

  speak(languages: KernelLanguages, { name }: { readonly name: string }): null {
    this.languages = languages;
    this.language = name;
    return null;
  }

  show(code: string): void {
    if (this.host.textContent !== code) {
      this.host.textContent = code;
    }
  }

  settle(): void {
    const code = this.host.textContent;
    if (code) {
      this.languages?.colour(code, this.language, pieces => {
        // It may have grown once more meanwhile.
        if (this.host.textContent === code) {
          this.host.replaceChildren(...pieces.map(draw));
        }
      });
    }
  }
}

function draw([text, colour]: Piece): Node {
  if (!colour) {
    return document.createTextNode(text);
  }
  const span = document.createElement('span');
  span.className = `jp-llmhub-token-${colour}`;
  span.textContent = text;
  return span;
}
