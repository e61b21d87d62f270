import type { Contents } from '@jupyterlab/services';

import type { ExportQuery } from '../api/types';

export type ExportFormat = ExportQuery['format'];

/** What a person wants of an export: what it holds, and where it goes. */
export interface ExportWish {
  readonly query: ExportQuery;
  readonly to: 'files' | 'download';
}

export const FORMATS: readonly ExportFormat[] = ['ipynb', 'md', 'html', 'json'];

export const MEDIA_TYPES: Readonly<Record<ExportFormat, string>> = {
  ipynb: 'application/x-ipynb+json',
  md: 'text/markdown',
  html: 'text/html',
  json: 'application/json'
};

/** The arguments of a command as a query; null where they name no format. */
export function queryOf(args: Readonly<Record<string, unknown>>): ExportQuery | null {
  const format = FORMATS.find(one => one === args['format']);
  return format === undefined
    ? null
    : {
        format,
        ...(args['branches'] === 'all' ? { branches: 'all' } : {}),
        ...(args['only'] === 'code' ? { only: 'code' } : {}),
        ...(args['prompts'] === 'hidden' ? { prompts: 'hidden' } : {}),
        ...(args['answers'] === 'magics' ? { answers: 'magics' } : {})
      };
}

/** What a file with this title may be called on any system. */
export function fileName(title: string): string {
  const kept = title
    .replace(/[\\/:*?"<>|\p{Cc}]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .replace(/^[. ]+/, '')
    .slice(0, 80)
    .replace(/[. ]+$/, '');
  return kept || 'chat';
}

/** Write a text into a folder of JupyterLab's files, never over what is there; gives its path. */
export async function saveIn(
  contents: Pick<Contents.IManager, 'get' | 'save'>,
  folder: string,
  stem: string,
  format: ExportFormat,
  text: string
): Promise<string> {
  const listed = await contents.get(folder, { content: true });
  const taken = new Set((listed.content as Contents.IModel[]).map(({ name }) => name.toLowerCase()));
  let name = `${stem}.${format}`;
  for (let number = 2; taken.has(name.toLowerCase()); number++) {
    name = `${stem} (${number}).${format}`;
  }
  const path = folder === '' || folder.endsWith(':') ? `${folder}${name}` : `${folder}/${name}`;
  const saved = await contents.save(
    path,
    format === 'ipynb'
      ? { type: 'notebook', format: 'json', content: JSON.parse(text) as unknown }
      : { type: 'file', format: 'text', content: text }
  );
  return saved.path;
}

/** The conversation that a file of ours says it holds. */
export function conversationIn(text: string): string | null {
  try {
    const file = JSON.parse(text) as {
      conversation?: { id?: unknown };
      metadata?: { llmhub?: { document?: { conversation?: { id?: unknown } } } };
    };
    const id = file.metadata?.llmhub?.document?.conversation?.id ?? file.conversation?.id;
    return typeof id === 'string' ? id : null;
  } catch {
    return null;
  }
}
