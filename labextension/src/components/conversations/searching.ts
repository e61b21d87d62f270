import { useEffect, useMemo } from 'react';

import { Finding } from '../../model/finding';
import { FIXED, type Known } from '../../model/operators';
import { ConversationSearch } from '../../model/search';
import { useServices } from '../context';
import { useModel } from '../hooks';

/** The messages that this list's search finds. */
export function useFinding(): Finding {
  const { hub } = useServices();
  const finding = useMemo(() => new Finding(hub.client), [hub]);
  useEffect(
    () => () => {
      finding.dispose();
    },
    [finding]
  );
  return useModel(finding);
}

/** What can stand behind operators here. Nothing is looked up before somebody types, and all tags are asked for when one is wanted. */
export function useKnown(text: string): Known {
  const isAsked = text !== '';
  const isTagWanted = /\btag:/i.test(text);
  const { hub } = useServices();
  const { models } = hub.catalogue;
  const { items } = hub.conversations;
  const folders = useModel(hub.folders).items;
  const { tags } = useModel(hub.filing);
  useEffect(() => {
    if (isTagWanted) {
      void hub.filing.loadTags();
    }
  }, [hub, isTagWanted]);
  return useMemo(
    () =>
      isAsked
        ? {
            ...FIXED,
            model: models.map(model => model.id),
            in: [...new Set(folders.map(folder => folder.name))].sort(),
            tag: [...new Set([...tags.map(({ tag }) => tag), ...items.flatMap(item => item.tags)])].sort()
          }
        : FIXED,
    [models, items, folders, tags, isAsked]
  );
}

/** A search of this list's own. */
export function useSearch(): ConversationSearch {
  const { hub } = useServices();
  const search = useMemo(() => new ConversationSearch(hub.client, hub.conversations), [hub]);
  useEffect(
    () => () => {
      search.dispose();
    },
    [search]
  );
  return search;
}
