import { errorInfo } from '../api/errors';
import type { Session } from './session';

/** The files of the person, as JupyterLab knows them: where they work now, what is there, what is in it. */
export interface Workspace {
  /** Paths of what is open now and was opened lately, the current one first. */
  recent(): readonly string[];
  /** The folder that the file browser shows; empty: the top. */
  folder(): string;
  list(folder: string): Promise<readonly Entry[]>;
  /** What is at a path, without its content. */
  stat(path: string): Promise<Entry>;
  /** A file with its content; a notebook as text that a model can read. */
  read(path: string): Promise<File>;
}

export interface Entry {
  readonly path: string;
  readonly name: string;
  readonly isFolder: boolean;
  /** Bytes, where it is known. */
  readonly size: number | null;
}

/** No files: where JupyterLab has none to show. */
export const NO_FILES: Workspace = {
  recent: () => [],
  folder: () => '',
  list: () => Promise.resolve([]),
  stat: path => Promise.reject(new Error(path)),
  read: path => Promise.reject(new Error(path))
};

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

const origins = new WeakMap<File, string>();

/** Where in JupyterLab a file comes from that was attached by its path. */
export function originOf(file: File): string | undefined {
  return origins.get(file);
}

/** Attach files by their paths in JupyterLab. What is too large is not even fetched. */
export async function attachPaths(
  session: Session,
  workspace: Workspace,
  paths: readonly string[]
): Promise<void> {
  const limit = session.hub.catalogue.config?.limits['file_bytes'];
  const files: File[] = [];
  for (const path of paths) {
    const name = nameOf(path);
    try {
      const entry = await workspace.stat(path);
      const isNotebook = name.endsWith('.ipynb');
      if (entry.isFolder) {
        session.writing.attachments.refuse(name, { kind: 'folder' });
      } else if (entry.size !== null && limit !== undefined && entry.size > limit && !isNotebook) {
        session.writing.attachments.refuse(name, { kind: 'too-large', size: entry.size, limit });
      } else {
        const file = await workspace.read(path);
        origins.set(file, path);
        files.push(file);
      }
    } catch (thrown) {
      session.writing.attachments.refuse(name, { kind: 'refused', message: errorInfo(thrown).message });
    }
  }
  await session.writing.attach(files);
}
