import type { IEditorServices } from '@jupyterlab/codeeditor';
import type { TranslationBundle } from '@jupyterlab/translation';
import { createContext, type Provider, useContext } from 'react';

import type { Languages } from '../languages';
import type { Diagrams } from '../markdown/diagrams';
import type { RemoteImages } from '../markdown/images';
import type { MarkdownRenderer } from '../markdown/render';
import type { FileFinder } from '../model/finder';
import type { Hub } from '../model/hub';
import type { Nearby } from '../model/nearby';
import type { OpenNotebooks } from '../model/proposal/notebook';
import type { Trials } from '../model/proposal/trials';
import type { Session } from '../model/session';
import type { Surroundings } from '../model/surroundings';
import type { Workspace } from '../model/workspace';
import type { PartRegistry } from '../registries/parts';
import type { SlashCommands } from '../registries/slash';
import type { Workbench } from '../workbench';

/** What words and code need from around them to be drawn, in the panel and in a cell's output (cell/). */
export interface Drawing {
  readonly markdown: MarkdownRenderer;
  readonly images: RemoteImages;
  /** Null where nothing draws Mermaid. */
  readonly diagrams: Diagrams | null;
  /** Null where there are no notebooks and files. */
  readonly workbench: Workbench | null;
  /** Null where code has no colours. */
  readonly languages: Languages | null;
  readonly trans: TranslationBundle;
  /** Which conversation it is of. */
  readonly session: { readonly chat: { readonly id: string | null; readonly key: string } };
}

/** What all panels of a page need from around them. */
export interface PageServices extends Omit<Drawing, 'session'> {
  readonly hub: Hub;
  readonly parts: PartRegistry;
  /** Makes JupyterLab's code editors; null where there are none. */
  readonly editors: IEditorServices | null;
  readonly workspace: Workspace;
  readonly files: FileFinder;
  readonly slash: SlashCommands;
  readonly surroundings: Surroundings;
  /** Null where there are no notebooks. */
  readonly nearby: Nearby | null;
  /** Those that are open, to be changed; null where there are none. */
  readonly notebooks: OpenNotebooks | null;
  /** What was run of what models have changed in them; null where there are none. */
  readonly trials: Trials | null;
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

const Context = createContext<Drawing | null>(null);

/** Around what only draws words and code. */
export const DrawingProvider = Context.Provider;
/** Around a panel. */
export const ServicesProvider = Context.Provider as Provider<Services | null>;

export function useDrawing(): Drawing {
  const drawing = useContext(Context);
  if (!drawing) {
    throw new Error('This component stands outside of llmhub.');
  }
  return drawing;
}

/** Only below a `ServicesProvider`. */
export function useServices(): Services {
  return useDrawing() as Services;
}
