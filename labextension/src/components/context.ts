import type { IEditorServices } from '@jupyterlab/codeeditor';
import type { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import type { TranslationBundle } from '@jupyterlab/translation';
import { createContext, useContext } from 'react';

import type { Diagrams } from '../markdown/diagrams';
import type { RemoteImages } from '../markdown/images';
import type { MarkdownRenderer } from '../markdown/render';
import type { FileFinder } from '../model/finder';
import type { Hub } from '../model/hub';
import type { Session } from '../model/session';
import type { Surroundings } from '../model/surroundings';
import type { Workspace } from '../model/workspace';
import type { PartRegistry } from '../registries/parts';
import type { SlashCommands } from '../registries/slash';
import type { Workbench } from '../workbench';

/** What all panels of a page need from around them. */
export interface PageServices {
  readonly hub: Hub;
  readonly parts: PartRegistry;
  readonly markdown: MarkdownRenderer;
  readonly images: RemoteImages;
  /** Null where nothing draws Mermaid. */
  readonly diagrams: Diagrams | null;
  /** Null where there are no notebooks and files. */
  readonly workbench: Workbench | null;
  readonly languages: IEditorLanguageRegistry | null;
  /** Makes JupyterLab's code editors; null where there are none. */
  readonly editors: IEditorServices | null;
  readonly workspace: Workspace;
  readonly files: FileFinder;
  readonly slash: SlashCommands;
  readonly surroundings: Surroundings;
  readonly trans: TranslationBundle;
  /** Show a conversation in a tab of the main area; null where there are no tabs. */
  readonly openTab: ((conversation: string) => void) | null;
  /** Show the settings in a tab of the main area; null where there are no tabs. */
  readonly openSettings: (() => void) | null;
  /** Show what was used and what it cost. */
  readonly openUsage: (() => void) | null;
}

/** What is known before the first panel is shown: enough to make one. The rest is fetched when it is shown. */
export interface LatePageServices {
  readonly hub: Hub;
  readonly trans: TranslationBundle;
  /** Fetch what draws panels; once, unless it failed. */
  readonly load: () => Promise<PageServices>;
}

/** What components need from around them: the page, and the panel in which they stand. */
export interface Services extends PageServices {
  readonly session: Session;
}

const Context = createContext<Services | null>(null);

export const ServicesProvider = Context.Provider;

export function useServices(): Services {
  const services = useContext(Context);
  if (!services) {
    throw new Error('This component stands outside of the llmhub panel.');
  }
  return services;
}
