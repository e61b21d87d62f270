import type { IEditorLanguageRegistry } from '@jupyterlab/codemirror';
import type { TranslationBundle } from '@jupyterlab/translation';
import { createContext, useContext } from 'react';

import type { MarkdownRenderer } from '../markdown/render';
import type { Hub } from '../model/hub';
import type { PartRegistry } from '../registries/parts';

/** What components need from around them. */
export interface Services {
  readonly hub: Hub;
  readonly parts: PartRegistry;
  readonly markdown: MarkdownRenderer;
  readonly languages: IEditorLanguageRegistry | null;
  readonly trans: TranslationBundle;
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
