import { Token } from '@lumino/coreutils';

import type { LatePageServices } from './components/context';
import type { Hub } from './model/hub';
import type { PartRegistry } from './registries/parts';
import type { SlashCommands } from './registries/slash';
import type { Workbench } from './workbench';

/** The state of the page: which conversation is shown, the models, the providers. */
export type ILLMHub = Hub;

export const ILLMHub = new Token<ILLMHub>(
  '@llmhub/lab:ILLMHub',
  'Conversations, models and providers of llmhub on this page.'
);

/** Draws the parts of messages; other extensions register renderers for parts of their own. */
export type IPartRegistry = PartRegistry;

export const IPartRegistry = new Token<IPartRegistry>(
  '@llmhub/lab:IPartRegistry',
  'Renderers for the parts of a message: text, reasoning, images, tool calls, and what others add.'
);

/** Commands that are typed into the message field; other extensions register commands of their own. */
export type ISlashCommands = SlashCommands;

export const ISlashCommands = new Token<ISlashCommands>(
  '@llmhub/lab:ISlashCommands',
  'Commands of the message field: /new, /model, and what others add.'
);

/** What can be done with code outside of the chat. */
export type IWorkbench = Workbench;

export const IWorkbench = new Token<IWorkbench>(
  '@llmhub/lab:IWorkbench',
  'Notebooks and files around the chat: insert code as a cell, open it as a file.'
);

/** What every chat panel of the page is made with. */
export type IPageServices = LatePageServices;

export const IPageServices = new Token<IPageServices>(
  '@llmhub/lab:IPageServices',
  'What chat panels need from JupyterLab.'
);

/** Ids of our commands. */
export const CommandIDs = {
  openPanel: 'llmhub:open-panel',
  newChat: 'llmhub:new-chat',
  openTab: 'llmhub:open-tab',
  focusComposer: 'llmhub:focus-composer',
  providers: 'llmhub:providers',
  openSettings: 'llmhub:open-settings',
  toggleList: 'llmhub:toggle-list',
  search: 'llmhub:search',
  openConversation: 'llmhub:open-conversation',
  moveToTab: 'llmhub:move-to-tab',
  openListedInTab: 'llmhub:open-listed-in-tab',
  rename: 'llmhub:rename',
  deleteConversation: 'llmhub:delete-conversation',
  send: 'llmhub:send',
  stop: 'llmhub:stop',
  regenerate: 'llmhub:regenerate',
  continue: 'llmhub:continue',
  copyAnswer: 'llmhub:copy-answer',
  editLast: 'llmhub:edit-last',
  previousBranch: 'llmhub:previous-branch',
  nextBranch: 'llmhub:next-branch',
  deleteLast: 'llmhub:delete-last',
  quoteSelection: 'llmhub:quote-selection',
  showMap: 'llmhub:show-map',
  findInConversation: 'llmhub:find-in-conversation',
  duplicate: 'llmhub:duplicate',
  fork: 'llmhub:fork',
  star: 'llmhub:star',
  rate: 'llmhub:rate',
  starred: 'llmhub:starred',
  exportRatings: 'llmhub:export-ratings',
  jumpToLatest: 'llmhub:jump-to-latest',
  previousQuestion: 'llmhub:previous-question',
  nextQuestion: 'llmhub:next-question',
  chooseModel: 'llmhub:choose-model',
  setModel: 'llmhub:set-model',
  parameters: 'llmhub:parameters',
  applyPreset: 'llmhub:apply-preset',
  attachFile: 'llmhub:attach-file',
  attachOutput: 'llmhub:attach-output',
  attachSelection: 'llmhub:attach-selection',
  attachNearby: 'llmhub:attach-nearby',
  attachVariable: 'llmhub:attach-variable',
  explain: 'llmhub:explain',
  fix: 'llmhub:fix',
  improve: 'llmhub:improve',
  askAbout: 'llmhub:ask-about',
  change: 'llmhub:change-notebook',
  cellMenu: 'llmhub:cell-menu',
  toggleCompletion: 'llmhub:toggle-completion',
  copyConversation: 'llmhub:copy-conversation',
  exportConversation: 'llmhub:export-conversation',
  shareAsNotebook: 'llmhub:share-as-notebook',
  exportAll: 'llmhub:export-all',
  openAsConversation: 'llmhub:open-as-conversation',
  help: 'llmhub:help',
  openUsage: 'llmhub:open-usage',
  showRunning: 'llmhub:show-running',
  import: 'llmhub:import',
  newTemporary: 'llmhub:new-temporary',
  newInFolder: 'llmhub:new-in-folder',
  moveTo: 'llmhub:move-to-folder',
  tag: 'llmhub:tag',
  allTags: 'llmhub:all-tags',
  pin: 'llmhub:pin',
  archive: 'llmhub:archive',
  newFolder: 'llmhub:new-folder',
  renameFolder: 'llmhub:rename-folder',
  folderSettings: 'llmhub:folder-settings',
  moveFolder: 'llmhub:move-folder',
  deleteFolder: 'llmhub:delete-folder',
  deleteFolderWhole: 'llmhub:delete-folder-whole'
} as const;

export const PANEL_ID = 'llmhub-panel';
