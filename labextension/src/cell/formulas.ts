import type { Line } from './line';

const MATHML = 'http://www.w3.org/1998/Math/MathML';

/**
 * Draws formulas as MathML, which every browser shows by itself and the kernel makes: JupyterLab's typesetter is not to be had in an
 * output. Until the kernel answers, and where it cannot read one, a formula is its TeX.
 */
export class KernelTypesetter {
  private readonly waiting = new Map<string, ((mathml: string | null) => void)[]>();
  private readonly hangUp: () => void;

  constructor(private readonly line: Line) {
    this.hangUp = line.listen(told => {
      if (told.type === 'formula') {
        const key = keyOf(told.tex, told.block);
        const asked = this.waiting.get(key) ?? [];
        this.waiting.delete(key);
        asked.forEach(take => {
          take(told.mathml);
        });
      }
    });
  }

  /** Draw the formula that is the text of what `bench` holds, between the signs of a formula: as JupyterLab's typesetter. */
  async typeset(bench: HTMLElement): Promise<void> {
    const place = bench.firstElementChild;
    const text = place?.textContent ?? '';
    const mathml = await this.ask(text.slice(2, -2), text.startsWith('\\['));
    const drawn = mathml ? new DOMParser().parseFromString(mathml, 'application/xml').documentElement : null;
    if (drawn?.localName === 'math' && drawn.namespaceURI === MATHML) {
      place?.replaceChildren(document.importNode(drawn, true));
    }
  }

  dispose(): void {
    this.hangUp();
  }

  private ask(tex: string, block: boolean): Promise<string | null> {
    const key = keyOf(tex, block);
    const asked = this.waiting.get(key);
    return new Promise(take => {
      if (asked) {
        asked.push(take);
      } else {
        this.waiting.set(key, [take]);
        this.line.send({ type: 'formula', tex, block });
      }
    });
  }
}

function keyOf(tex: string, block: boolean): string {
  return `${block ? 'D' : 'I'}${tex}`;
}
