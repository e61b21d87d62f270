import type { IRecentsManager } from '@jupyterlab/docmanager';
import type { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import type { Contents } from '@jupyterlab/services';

import { type CellLike, cellsAsText, fileOf } from '../model/notebook';
import type { Entry, Workspace } from '../model/workspace';

/** The files of the person by way of JupyterLab's contents. */
export function workspaceOf(
  contents: Contents.IManager,
  browser: IDefaultFileBrowser | null,
  recents: IRecentsManager | null,
  current: () => string | null
): Workspace {
  return {
    recent: () => {
      const open = current();
      const opened = (recents?.recentlyOpened ?? [])
        .filter(item => item.contentType !== 'directory')
        .map(item => item.path);
      return [...new Set([...(open === null ? [] : [open]), ...opened])];
    },
    folder: () => browser?.model.path ?? '',
    list: async folder => {
      const model = await contents.get(folder, { content: true });
      return (model.content as Contents.IModel[]).map(entryOf);
    },
    stat: async path => entryOf(await contents.get(path, { content: false })),
    read: async path => fileFrom(await contents.get(path, { content: true }))
  };
}

function entryOf({ path, name, type, size }: Contents.IModel): Entry {
  return { path, name, isFolder: type === 'directory', size: size ?? null };
}

function fileFrom(model: Contents.IModel): File {
  const { name, type, format, mimetype } = model;
  const content: unknown = model.content;
  if (type === 'notebook') {
    const { cells } = content as { cells?: CellLike[] };
    return new File([cellsAsText(cells ?? [])], name, { type: 'text/plain' });
  }
  if (format === 'base64') {
    return fileOf(String(content), name, mimetype);
  }
  const text = typeof content === 'string' ? content : JSON.stringify(content, null, 2);
  return new File([text], name, { type: mimetype || 'text/plain' });
}
