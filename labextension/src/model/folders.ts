import type { Client } from '../api/client';
import { errorInfo } from '../api/errors';
import type { ErrorInfo, Folder, FolderChanges } from '../api/schema';
import { laterInPage, UNDO_MS } from './conversations';
import { newId } from './ids';
import { Observable } from './observable';
import type { Storage } from './storage';

export type FoldersClient = Pick<Client, 'folders' | 'createFolder' | 'updateFolder' | 'deleteFolder'>;

/** A line of the tree. */
export interface FolderRow {
  readonly folder: Folder;
  /** From 1. */
  readonly level: number;
  readonly isOpen: boolean;
  readonly hasChildren: boolean;
  /** Of a closed one, with all that is below it. */
  readonly unread: number;
  readonly running: number;
}

interface Removal {
  readonly folder: Folder;
  readonly contents: 'move' | 'delete';
  readonly cancel: () => void;
}

const OPEN = 'llmhub:folders';

/** The folders of conversations: which is in which, which are open, and what is in them. */
export class Folders extends Observable {
  items: readonly Folder[] = [];
  error: ErrorInfo | null = null;
  private removals: readonly Removal[] = [];
  private readonly open: Set<string>;
  private loading: Promise<void> | null = null;
  private again = false;

  constructor(
    private readonly client: FoldersClient,
    private readonly storage: Storage,
    /** What was in a folder is somewhere else. */
    private readonly onMoved: () => void = () => undefined,
    private readonly later: typeof laterInPage = laterInPage
  ) {
    super();
    this.open = new Set(readList(storage.getItem(OPEN)));
  }

  /** Look again; calls that come meanwhile share one more look. */
  load(): Promise<void> {
    if (this.loading) {
      this.again = true;
      return this.loading;
    }
    this.loading = this.fetch().finally(() => {
      this.loading = null;
      if (this.again) {
        this.again = false;
        void this.load();
      }
    });
    return this.loading;
  }

  get(id: string | null | undefined): Folder | undefined {
    return this.shown.find(folder => folder.id === id);
  }

  /** What is right in a folder, or at the top (null), in order. */
  children(id: string | null): Folder[] {
    return this.shown
      .filter(folder => (folder.parent_id ?? null) === id)
      .sort((a, b) => a.position - b.position);
  }

  /** The folders from the top down to this one. */
  path(id: string | null | undefined): Folder[] {
    const path: Folder[] = [];
    let at = this.get(id);
    while (at && !path.includes(at)) {
      path.unshift(at);
      at = this.get(at.parent_id);
    }
    return path;
  }

  /** As a person reads it: "Physics / Tides". */
  pathName(id: string | null | undefined): string {
    return this.path(id)
      .map(folder => folder.name)
      .join(' / ');
  }

  /** A folder and all that is in it. */
  below(id: string): Set<string> {
    const found = new Set([id]);
    for (const one of found) {
      this.children(one).forEach(child => found.add(child.id));
    }
    return found;
  }

  /** The model that a new conversation in it begins with. */
  modelOf(id: string | null | undefined): string | null {
    return (
      this.path(id)
        .reverse()
        .find(folder => folder.model)?.model ?? null
    );
  }

  /** What its conversations are told, the outermost folder first. */
  instructionsOf(id: string | null | undefined): string {
    return this.path(id)
      .flatMap(folder => folder.instructions ?? [])
      .join('\n\n');
  }

  /** The lines of the tree that are seen. */
  get rows(): FolderRow[] {
    const rows: FolderRow[] = [];
    const walk = (parent: string | null, level: number): void => {
      for (const folder of this.children(parent)) {
        const hasChildren = this.children(folder.id).length > 0;
        const isOpen = hasChildren && this.open.has(folder.id);
        const counted = isOpen ? [folder] : [...this.below(folder.id)].flatMap(id => this.get(id) ?? []);
        const sum = (of: 'unread' | 'running'): number => counted.reduce((total, one) => total + one[of], 0);
        rows.push({ folder, level, hasChildren, isOpen, unread: sum('unread'), running: sum('running') });
        if (isOpen) {
          walk(folder.id, level + 1);
        }
      }
    };
    walk(null, 1);
    return rows;
  }

  setOpen(id: string, isOpen: boolean): void {
    if (isOpen) {
      this.open.add(id);
    } else {
      this.open.delete(id);
    }
    this.storage.setItem(OPEN, JSON.stringify([...this.open]));
    this.changed();
  }

  /** Make it seen. */
  reveal(id: string): void {
    this.path(id)
      .slice(0, -1)
      .forEach(folder => {
        this.setOpen(folder.id, true);
      });
  }

  /** A new folder; null when the server did not want it, and `error` says why. */
  async add(name: string, parent: string | null): Promise<Folder | null> {
    const made = await this.attempt(() =>
      this.client.createFolder({ client_request_id: newId(), name, parent_id: parent })
    );
    if (made && parent) {
      this.setOpen(parent, true);
    }
    return made;
  }

  /** True: it is done. Else `error` says why not. */
  async change(id: string, changes: FolderChanges): Promise<boolean> {
    const before = this.items;
    this.items = before.map(folder => (folder.id === id ? { ...folder, ...changes } : folder));
    this.changed();
    const done = await this.attempt(() => this.client.updateFolder(id, changes));
    if (!done) {
      this.items = before;
      this.changed();
    }
    return done !== null;
  }

  dismissError(): void {
    this.error = null;
    this.changed();
  }

  /** Take a folder away; the server hears of it when it can no longer be taken back. */
  remove(id: string, contents: 'move' | 'delete'): void {
    const folder = this.get(id);
    if (folder) {
      const cancel = this.later(() => {
        void this.settle(removal);
      }, UNDO_MS);
      const removal: Removal = { folder, contents, cancel };
      this.removals = [...this.removals, removal];
      this.changed();
    }
  }

  /** The folder that was deleted last, as long as that can be undone. */
  get removal(): Folder | null {
    return this.removals.at(-1)?.folder ?? null;
  }

  undoRemoval(): void {
    this.removals.at(-1)?.cancel();
    this.removals = this.removals.slice(0, -1);
    this.changed();
  }

  /** Delete for good what waits to be: the page goes away. */
  settleRemovals(): void {
    this.removals.forEach(removal => {
      removal.cancel();
      void this.settle(removal);
    });
  }

  // ---- how

  /** Without what was deleted: what was in it stands in the folder above, or is gone with it. */
  private get shown(): readonly Folder[] {
    return this.removals.reduce<readonly Folder[]>((items, { folder, contents }) => {
      const gone = new Set([folder.id]);
      if (contents === 'delete') {
        for (const id of gone) {
          items.filter(one => one.parent_id === id).forEach(one => gone.add(one.id));
        }
      }
      return items
        .filter(one => !gone.has(one.id))
        .map(one => (one.parent_id === folder.id ? { ...one, parent_id: folder.parent_id ?? null } : one));
    }, this.items);
  }

  private async settle(removal: Removal): Promise<void> {
    try {
      await this.client.deleteFolder(removal.folder.id, removal.contents);
      this.items = this.items.filter(folder => folder.id !== removal.folder.id);
    } catch (thrown) {
      this.error = errorInfo(thrown);
    }
    this.removals = this.removals.filter(other => other !== removal);
    await this.load();
    this.onMoved();
  }

  private async attempt(work: () => Promise<Folder>): Promise<Folder | null> {
    try {
      const folder = await work();
      this.items = [...this.items.filter(one => one.id !== folder.id), folder];
      this.error = null;
      this.changed();
      void this.load();
      return folder;
    } catch (thrown) {
      this.error = errorInfo(thrown);
      this.changed();
      return null;
    }
  }

  private async fetch(): Promise<void> {
    try {
      this.items = (await this.client.folders()).items;
      this.changed();
    } catch {
      // The list says that the server cannot be reached; what was known stays.
    }
  }
}

function readList(text: string | null): string[] {
  try {
    const list: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(list) ? list.filter(one => typeof one === 'string') : [];
  } catch {
    return [];
  }
}
