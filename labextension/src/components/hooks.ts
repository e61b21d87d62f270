import {
  type RefObject,
  useCallback,
  useEffect,
  useLayoutEffect,
  useState,
  useSyncExternalStore
} from 'react';

import type { StreamState } from '../api/stream';
import type { ChatModel } from '../model/chat';
import type { Node } from '../model/node';
import type { Observable } from '../model/observable';
import { useServices } from './context';

/** Draw again whenever `model` changes. */
export function useModel<M extends Observable>(model: M): M {
  useSyncExternalStore(model.subscribe, model.version);
  return model;
}

/** Draw again when what `choose` says of `model` has changed, and not for anything else in it. */
export function useChosen<M extends Observable, T extends string | number | boolean | null>(
  model: M,
  choose: (model: M) => T
): T {
  return useSyncExternalStore(model.subscribe, () => choose(model));
}

/** One message; draws again when it changes, at most once per frame. */
export function useNode(chat: ChatModel, id: string): Node | undefined {
  const subscribe = useCallback(
    (listener: () => void) => {
      const leave = [chat.subscribeNode(id, listener), chat.subscribe(listener)];
      return () => {
        leave.forEach(one => {
          one();
        });
      };
    },
    [chat, id]
  );
  return useSyncExternalStore(subscribe, () => chat.node(id));
}

export function useStreamState(): StreamState {
  const { stream } = useServices().hub;
  const subscribe = useCallback((listener: () => void) => stream.onState(listener), [stream]);
  return useSyncExternalStore(subscribe, () => stream.state);
}

/** How long the page lives, every second, while `running`. Milliseconds; nobody can set it, as the time of day. */
export function useTicks(running: boolean): number {
  const [now, setNow] = useState(() => performance.now());
  useEffect(() => {
    if (!running) {
      return;
    }
    setNow(performance.now());
    const timer = setInterval(() => {
      setNow(performance.now());
    }, 1000);
    return () => {
      clearInterval(timer);
    };
  }, [running]);
  return now;
}

/** True for a moment after `flash` was called: "Copied". */
export function useFlash(ms = 1500): [boolean, () => void] {
  const [count, setCount] = useState(0);
  const [isOn, setOn] = useState(false);
  useEffect(() => {
    if (count === 0) {
      return;
    }
    setOn(true);
    const timer = setTimeout(() => {
      setOn(false);
    }, ms);
    return () => {
      clearTimeout(timer);
    };
  }, [count, ms]);
  const flash = useCallback(() => {
    setCount(value => value + 1);
  }, []);
  return [isOn, flash];
}

/** Whether something with this name is open, and how to change that. It stays as the person left it. */
export function useFold(name: string, isOpenAtFirst: boolean): [boolean, () => void] {
  const { folds } = useServices().hub;
  const isOpen = useModel(folds).get(name) ?? isOpenAtFirst;
  return [
    isOpen,
    () => {
      folds.set(name, !isOpen);
    }
  ];
}

/** The day it is here, also after midnight and when the clock was set. Looks every minute, and when the page is shown. */
export function useToday(): { today: string; now: Date } {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const look = (): void => {
      setNow(before => (before.toDateString() === new Date().toDateString() ? before : new Date()));
    };
    const timer = setInterval(look, 60_000);
    document.addEventListener('visibilitychange', look);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', look);
    };
  }, []);
  return { today: now.toDateString(), now };
}

/** Whether `box` is at least so wide. Pixels. */
export function useRoom(box: RefObject<HTMLElement>, width: number): boolean {
  const [isWide, setWide] = useState(false);
  useLayoutEffect(() => {
    const { current } = box;
    if (!current) {
      return;
    }
    const measure = (): void => {
      setWide(current.clientWidth >= width);
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(current);
    return () => {
      observer.disconnect();
    };
  }, [box, width]);
  return isWide;
}
