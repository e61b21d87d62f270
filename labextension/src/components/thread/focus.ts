import type { Rows } from './rows';
import type { Elements } from './stage';

/** The keyboard among rows that come into the page and leave it. */
export class RowFocus {
  private wanted: string | null = null;

  constructor(private readonly rows: Rows) {}

  /** Give the keyboard to this row, when it is in the page. */
  want(index: number): void {
    this.wanted = this.rows.keys[index] ?? null;
  }

  /** The rows from `first` on are in the page. */
  give({ rows }: Elements, first: number): void {
    const index = this.rows.indexOf(this.wanted);
    const article = rows.children[index - first]?.querySelector<HTMLElement>('article');
    if (article) {
      this.wanted = null;
      if (!article.contains(document.activeElement)) {
        article.focus({ preventScroll: true });
      }
    }
  }

  /** Only these rows stay in the page: who has the keyboard in another one can go on by keyboard. */
  keep({ rows, view }: Elements, first: number, end: number): void {
    const row = document.activeElement?.closest<HTMLElement>('[data-key]');
    if (row && rows.contains(row)) {
      const index = this.rows.indexOf(row.dataset['key']);
      if (index < first || index >= end) {
        view.focus({ preventScroll: true });
      }
    }
  }
}
