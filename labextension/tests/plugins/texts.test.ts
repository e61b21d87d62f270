import { YFile } from '@jupyter/ydoc';
import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { IDocumentManager } from '@jupyterlab/docmanager';
import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { beforeEach, expect, it, vi } from 'vitest';

import { DEFAULTS } from '../../src/model/preferences';
import type { OpenNotebook } from '../../src/model/proposal/notebook';
import { cellsOfText, TEXT } from '../../src/model/proposal/text';
import type { Trial } from '../../src/model/proposal/trial';
import { Trials } from '../../src/model/proposal/trials';
import { Proposal } from '../../src/model/proposal/units';
import { LabTexts } from '../../src/plugins/texts';

const PATH = 'towns.csv';
let disk: string;
let shown: object[];
let texts: LabTexts;
let trial: Trial;
/** Whether real-time collaboration is installed. */
let isShared: boolean;
/** What somebody else has typed in the file, and is not stored yet. */
let typed: string;

beforeEach(() => {
  disk = 'old\nlast\n';
  shown = [];
  isShared = false;
  typed = '';
  const contents = {
    getSharedModelFactory: (_path: string, { contentProviderId }: { contentProviderId?: string }) =>
      isShared && contentProviderId === 'rtc' ? { collaborative: true } : null,
    get: () => Promise.resolve({ content: disk, writable: true }),
    save: (_path: string, { content }: { content: string }) => {
      disk = content;
      return Promise.resolve({});
    }
  };
  const shell = { widgets: () => shown.values(), activateById: () => undefined };
  const app = { shell, serviceManager: { contents } } as unknown as JupyterFrontEnd;
  // It finds an editor only where that is the usual way to see such a file.
  const documents = {
    findWidget: () => undefined,
    registry: { getWidgetFactory: (name: string) => ({ contentProviderId: name === 'Editor' ? 'rtc' : '' }) },
    openOrReveal: () => {
      const editor = open();
      editor.updateSource(disk.length, disk.length, typed);
      editor.clearUndoHistory();
      return { context: { ready: Promise.resolve() } };
    }
  } as unknown as IDocumentManager;
  texts = new LabTexts(app, documents, nullTranslator.load('llmhub'), () => undefined);
  const notebooks = {
    find: () => texts.find(PATH),
    open: () => Promise.resolve(),
    subscribe: () => () => undefined,
    version: () => 0
  };
  trial = new Trials(notebooks, localStorage, { values: DEFAULTS }).of('first');
});

/** Open it in an editor, as it is stored; what is edited there is not stored. */
function open(): YFile {
  const sharedModel = new YFile();
  sharedModel.setSource(disk);
  sharedModel.clearUndoHistory();
  const model = { sharedModel, readOnly: false, contentChanged: new Signal({}) };
  const context = { path: PATH, isReady: true, isDisposed: false, model, disposed: new Signal({}) };
  shown = [{ context, isVisible: true }];
  return sharedModel;
}

function sourceShown(): string {
  const [{ context }] = shown as [{ context: { model: { sharedModel: YFile } } }];
  return context.model.sharedModel.getSource();
}

async function found(): Promise<OpenNotebook> {
  return await vi.waitFor(() => {
    const text = texts.find(PATH);
    expect(text).not.toBeNull();
    return text!;
  });
}

async function apply(): Promise<void> {
  const text = await found();
  const proposal = new Proposal(cellsOfText(disk), [{ op: 'replace', cell: TEXT, source: 'new\nlast\n' }]);
  await trial.apply(text, proposal, new Set(proposal.units(text.cells()).map(unit => unit.key)));
}

it('a file that is open is changed there and not behind its editor’s back, whatever else shows such files', async () => {
  const editor = open();
  editor.updateSource(disk.length, disk.length, 'mine\n');
  await apply();
  expect([editor.getSource(), disk]).toEqual(['new\nlast\nmine\n', 'old\nlast\n']);
  await trial.undo(await found());
  expect(editor.getSource()).toBe('old\nlast\nmine\n');
});

it('a file that is not open is stored, and taken back in the editor that has it since then', async () => {
  await apply();
  expect(disk).toBe('new\nlast\n');
  const editor = open();
  await trial.undo(await found());
  expect([editor.getSource(), trial.canUndo(await found())]).toEqual(['old\nlast\n', false]);
});

it('where others may have it open it is opened and changed with them, so that what they just typed is kept', async () => {
  isShared = true;
  typed = 'theirs\n';
  await expect(apply()).rejects.toThrow('The file was changed meanwhile');
  expect([sourceShown(), disk]).toEqual(['old\nlast\ntheirs\n', 'old\nlast\n']);
  await apply();
  expect([sourceShown(), disk]).toEqual(['new\nlast\ntheirs\n', 'old\nlast\n']);
  await trial.undo(await found());
  expect(sourceShown()).toBe('old\nlast\ntheirs\n');
});

it('takes its change back although somebody else went on typing, and keeps what they typed', async () => {
  const editor = open();
  await apply();
  editor.ydoc.transact(() => {
    editor.ysource.insert(editor.source.length, 'theirs\n');
  }, 'somebody else');
  expect(trial.canUndo(await found())).toBe(true);
  await trial.undo(await found());
  expect(editor.getSource()).toBe('old\nlast\ntheirs\n');
});

it('what was changed in an editor is taken back where it is stored, when that was saved and closed', async () => {
  const editor = open();
  await apply();
  disk = editor.getSource();
  shown = [];
  await trial.undo(await found());
  expect(disk).toBe('old\nlast\n');
});

it('lines end as they ended before', async () => {
  disk = 'old\r\nlast\r\n';
  const text = await found();
  expect(text.cells()).toEqual(cellsOfText('old\nlast\n'));
  await text.make(cellsOfText('new\nlast\n'));
  expect(disk).toBe('new\r\nlast\r\n');
});
