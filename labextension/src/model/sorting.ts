/** What a person is about to do in a panel to put conversations in order: what is asked for just now. */
export class Sorting {
  /** The conversations, or the folder, for which a folder is to be chosen. */
  moving: { readonly ids: readonly string[]; readonly folder: string | null } | null = null;
  /** The conversations that are to get a tag. */
  tagging: readonly string[] | null = null;
  /** All tags are seen, to rename and delete them. */
  isMindingTags = false;
  /** The folder whose settings are open. */
  settings: string | null = null;
  /** The folder whose name is being edited. */
  renaming: string | null = null;
  /** The folder in whose place a new one is being named; null: at the top. */
  adding: { readonly parent: string | null } | null = null;

  constructor(private readonly changed: () => void) {}

  move(ids: readonly string[]): void {
    this.become({ moving: { ids, folder: null } });
  }

  moveFolder(folder: string): void {
    this.become({ moving: { ids: [], folder } });
  }

  tag(ids: readonly string[]): void {
    this.become({ tagging: ids });
  }

  mindTags(): void {
    this.become({ isMindingTags: true });
  }

  set(folder: string): void {
    this.become({ settings: folder });
  }

  rename(folder: string): void {
    this.become({ renaming: folder });
  }

  add(parent: string | null): void {
    this.become({ adding: { parent } });
  }

  close(): void {
    this.become({});
  }

  private become(
    next: Partial<Pick<Sorting, 'moving' | 'tagging' | 'isMindingTags' | 'settings' | 'renaming' | 'adding'>>
  ): void {
    const nothing = { moving: null, tagging: null, settings: null, renaming: null, adding: null };
    Object.assign(this, nothing, { isMindingTags: false }, next);
    this.changed();
  }
}
