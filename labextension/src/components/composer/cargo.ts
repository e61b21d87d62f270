import type { TranslationBundle } from '@jupyterlab/translation';

import { isExport, isZipType } from '../../model/exported';
import type { Hub } from '../../model/hub';
import { type CellLike, cellsAsText, fileOf, imageIn } from '../../model/notebook';
import type { Session } from '../../model/session';
import { DRAGGED_CODE } from '../../workbench';
import { attachPaths } from '../../model/workspace';
import type { Services } from '../context';

/** What is being dragged over the panel. `count` 0: the browser does not say before it is dropped. */
export interface Cargo {
  readonly kind: 'files' | 'exports' | 'cells' | 'image';
  readonly count: number;
}

/** What Lumino's drags carry: the file browser's and the notebook's. */
interface LuminoData {
  hasData(type: string): boolean;
  getData(type: string): unknown;
}

const PATHS = 'application/x-jupyter-icontents';
const CELLS = 'application/vnd.jupyter.cells';
/** The same cells on the screen; not there where a console's are dragged. */
const SHOWN_CELLS = 'internal:cells';
const IMAGE = /<img[^>]*\ssrc="data:(image\/(?:png|jpeg|gif|webp));base64,([^"]+)"/i;

/** What a drag brings, or null: nothing for us. */
export function cargoOf(event: Event): Cargo | null {
  const lumino = luminoData(event);
  if (lumino?.hasData(DRAGGED_CODE)) {
    return null; // on its way out
  }
  if (lumino) {
    if (lumino.hasData(CELLS)) {
      return { kind: 'cells', count: list(lumino.getData(CELLS)).length };
    }
    return lumino.hasData(PATHS) ? { kind: 'files', count: list(lumino.getData(PATHS)).length } : null;
  }
  const transfer = event instanceof DragEvent ? event.dataTransfer : null;
  if (transfer?.types.includes('Files')) {
    const files = [...transfer.items].filter(item => item.kind === 'file');
    const isExport = files.length > 0 && files.every(({ type }) => isZipType(type));
    return { kind: isExport ? 'exports' : 'files', count: files.length };
  }
  // The picture of an output, dragged within the page.
  return transfer?.types.includes('text/html') && transfer.types.includes('text/uri-list')
    ? { kind: 'image', count: 1 }
    : null;
}

/** Attach what was dropped, but offer to import what other products gave out of their conversations. */
export async function take(
  event: Event,
  { hub, session, workspace, nearby, trans }: Services
): Promise<void> {
  const lumino = luminoData(event);
  const files = event instanceof DragEvent && event.dataTransfer ? [...event.dataTransfer.files] : [];
  if (files.length > 0) {
    await takeFiles(files, hub, session);
    return;
  }
  if (lumino?.hasData(CELLS)) {
    const name = nearby?.dragged(list(lumino.getData(SHOWN_CELLS))) ?? trans.__('cells');
    await attachCells(session, list(lumino.getData(CELLS)) as CellLike[], name, trans);
  } else if (lumino) {
    await attachPaths(session, workspace, list(lumino.getData(PATHS)).map(String));
  } else if (event instanceof DragEvent && event.dataTransfer) {
    const [, type, data] = IMAGE.exec(event.dataTransfer.getData('text/html')) ?? [];
    if (type && data) {
      await session.writing.attach([
        fileOf(data, `${trans.__('output')}.${type.slice('image/'.length)}`, type)
      ]);
    }
  }
  session.focusComposer();
}

async function takeFiles(files: readonly File[], hub: Hub, session: Session): Promise<void> {
  const areExports = await Promise.all(files.map(isExport));
  const others = files.filter((_, at) => !areExports[at]);
  if (others.length > 0 && hub.catalogue.has('attachments')) {
    await session.writing.attach(others);
    session.focusComposer();
  }
  if (others.length < files.length) {
    hub.importFiles(files.filter((_, at) => areExports[at]));
  }
}

/** Attach cells of a notebook as text, their pictures as images. */
async function attachCells(
  session: Session,
  cells: readonly CellLike[],
  name: string,
  trans: TranslationBundle
): Promise<void> {
  const text = new File([cellsAsText(cells)], `${name}.py`, { type: 'text/x-python' });
  const images = cells.flatMap((cell, index) => {
    const image = imageIn(cell.outputs);
    const called = `${trans.__('output')}-${index + 1}.${image?.type.slice('image/'.length) ?? ''}`;
    return image ? [fileOf(image.base64, called, image.type)] : [];
  });
  await session.writing.attach([text, ...images]);
}

function luminoData(event: Event): LuminoData | null {
  return 'mimeData' in event ? (event.mimeData as LuminoData) : null;
}

function list(data: unknown): unknown[] {
  return Array.isArray(data) ? data : [];
}
