import type { IEditorLanguage } from '@jupyterlab/codemirror';

import type { Line, Piece } from './line';

/**
 * Colours code as the kernel reads it: JupyterLab's lexers are not to be had in an output. Until the kernel answers, and where it knows
 * no such language, code is plain. What it said is kept: a block that is drawn once more has its colours at once.
 */
export class KernelLanguages {
  private readonly read = new Map<string, readonly Piece[]>();
  private readonly waiting = new Map<string, ((pieces: readonly Piece[]) => void)[]>();
  /** The same each time: a new one would have its block drawn anew. */
  private readonly named = new Map<string, IEditorLanguage>();
  private readonly hangUp: () => void;

  constructor(private readonly line: Line) {
    this.hangUp = line.listen(told => {
      if (told.type === 'code') {
        // What they are pieces of is told by themselves: no answer can put in something else.
        const key = keyOf(told.pieces.map(([text]) => text).join(''), told.language);
        const asked = this.waiting.get(key) ?? [];
        this.waiting.delete(key);
        if (asked.length > 0) {
          this.read.set(key, told.pieces);
        }
        asked.forEach(take => {
          take(told.pieces);
        });
      }
    });
  }

  /** Hand over the pieces of that code: at once, if they were asked for before. */
  colour(code: string, language: string, take: (pieces: readonly Piece[]) => void): void {
    const key = keyOf(code, language);
    const known = this.read.get(key);
    const asked = this.waiting.get(key);
    if (known) {
      take(known);
    } else if (asked) {
      asked.push(take);
    } else {
      this.waiting.set(key, [take]);
      this.line.send({ type: 'code', code, language });
    }
  }

  /** Any: which the kernel knows, it says of each block. */
  findBest(language: string): IEditorLanguage {
    let known = this.named.get(language);
    if (!known) {
      known = { name: language, mime: [] };
      this.named.set(language, known);
    }
    return known;
  }

  findByExtension(): null {
    return null;
  }

  getLanguage(): Promise<null> {
    return Promise.resolve(null);
  }

  dispose(): void {
    this.hangUp();
  }
}

function keyOf(code: string, language: string): string {
  return `${language}\n${code}`;
}
