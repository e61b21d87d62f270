import { useCallback, useEffect, useSyncExternalStore } from 'react';

import type { Nearby } from '../../model/nearby';
import { useServices } from '../context';
import { useModel } from '../hooks';

/** Looks around for files and variables while `isOpen`, and draws again with what is found. */
export function useSources(isOpen: boolean, query: string): void {
  const { files, nearby } = useServices();
  useModel(files);
  useVariables(nearby);
  useEffect(() => {
    if (isOpen) {
      files.start();
      return () => {
        files.stop();
      };
    }
    return undefined;
  }, [isOpen, files]);
  useEffect(() => {
    if (isOpen) {
      nearby?.variables.forget();
    }
  }, [isOpen, nearby]);
  useEffect(() => (isOpen ? nearby?.variables.watch(query) : undefined), [isOpen, nearby, query]);
}

/** Draws again when the kernel has said which variables there are. */
function useVariables(nearby: Nearby | null): void {
  const variables = nearby?.variables ?? null;
  const subscribe = useCallback(
    (listener: () => void) => variables?.subscribe(listener) ?? (() => undefined),
    [variables]
  );
  useSyncExternalStore(subscribe, () => variables?.version() ?? 0);
}
