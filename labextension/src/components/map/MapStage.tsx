import {
  type KeyboardEvent,
  type MouseEvent,
  useCallback,
  useEffect,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
  useState
} from 'react';

import {
  between,
  type Camera,
  CARDS,
  fitting,
  kept,
  laneOf,
  meant,
  moved,
  nearest,
  opening,
  type Room,
  rowOf,
  showing,
  toPlace,
  zoomed
} from '../../model/map/camera';
import type { Item } from '../../model/map/lanes';
import type { ConversationMap } from '../../model/map/map';
import type { Step } from '../../model/map/walk';
import { useServices } from '../context';
import { useModel } from '../hooks';
import { coloursOf, HUES, useTheme } from './colours';
import type { Flight } from './flight';
import { handle } from './gestures';
import { MapCard } from './MapCard';
import { type Look, paint } from './paint';

interface Props {
  map: ConversationMap;
  flight: Flight;
  /** Show this message in the thread. */
  onGo: (id: string) => void;
  /** What can be done with it; `anchor` stands where it is drawn. */
  onMenu: (item: Item, anchor: HTMLElement) => void;
  /** The pointer rests there. */
  onHover: (item: Item | null) => void;
}

/** What is free between cards. Pixels. */
const GAP = { x: 16, y: 18 };
/** With one press of a key or a button. */
const STEP = 1.35;
/** So far from a dot it is meant. Pixels. */
const NEAR = 12;
/** Around the message that the keys are at, so many to each side are told to screen readers where there are no cards. */
const TOLD = 4;

/** The map itself: lines and dots on a canvas, cards above it where they can be read. */
export function MapStage({ map, flight, onGo, onMenu, onHover }: Props) {
  const { trans, hub } = useServices();
  useModel(map);
  useModel(hub.catalogue);
  const { camera } = useModel(flight);
  const view = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const room = useRoom(view);
  const isReady = useFirstLook(map, flight, room);
  const name = useId();
  const theme = useTheme();
  const { layout, current } = map;

  const hues = useMemo(() => new Map(map.models.map((model, at) => [model, at % HUES])), [map.models]);
  const hueOf = useCallback(
    (item: Item): number => {
      const node = map.node(item.id);
      return node?.role === 'user' || item.ids.length > 1 ? -1 : (hues.get(node?.model ?? '') ?? 0);
    },
    [map, hues]
  );

  useLayoutEffect(() => {
    if (!canvas.current || !view.current || !room || !isReady) {
      return;
    }
    const look: Look = {
      isOnPath: item => map.isOnPath(item.id),
      isFound: item => map.isFound(item),
      isFailed: item => map.statusOf(item.id) === 'failed',
      isHead: item => item.ids.includes(map.head ?? ''),
      hueOf
    };
    paint(canvas.current, layout, camera, room, look, coloursFor(view.current, theme));
  });

  // What a pointer does is wired once; what it is about may be another by then.
  const hands = useRef({ camera, room, layout, press: onGo, map });
  useLayoutEffect(() => {
    hands.current = { camera, room, layout, press: onGo, map };
  });
  const hover = useRef(onHover);
  useLayoutEffect(() => {
    hover.current = onHover;
  });
  useEffect(() => {
    const element = view.current;
    const itemAt = (point: { x: number; y: number }): Item | null => {
      const { room: size, layout: all } = hands.current;
      if (!size) {
        return null;
      }
      const { zoom } = flight.camera;
      const place = toPlace(flight.camera, size, point);
      const reach =
        zoom >= CARDS
          ? { lanes: 0.71, rows: 0.71 }
          : { lanes: NEAR / laneOf(zoom), rows: NEAR / rowOf(zoom) };
      return nearest(all, place, reach);
    };
    const to = (next: Camera): void => {
      flight.go(kept(next, hands.current.layout));
    };
    return element
      ? handle(element, {
          move: (dx, dy) => {
            to(moved(flight.goal, dx, dy));
          },
          zoom: (factor, point) => {
            if (hands.current.room) {
              to(zoomed(flight.goal, hands.current.room, factor, point));
            }
          },
          press: (point, event) => {
            const item = itemAt(point);
            if (!item) {
              return;
            }
            if (item.ids.length > 1) {
              hands.current.map.unfold(item);
            } else if (event.shiftKey || event.ctrlKey || event.metaKey) {
              hands.current.map.pick(item.id);
            } else {
              hands.current.press(item.id);
            }
          },
          hover: point => {
            hover.current(point && itemAt(point));
          }
        })
      : undefined;
  }, [flight]);

  // The message that the keys are at is in view, also when the panel has become narrower.
  const at = map.at;
  useEffect(() => {
    const { current: item } = map;
    if (item && room && isReady) {
      flight.go(kept(showing(flight.goal, room, item), map.layout), at !== null);
    }
  }, [at, room, isReady, flight, map]);

  const onKeyDown = (event: KeyboardEvent): void => {
    if (!room || event.altKey || event.ctrlKey || event.metaKey || !act(event.key)) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
  const act = (key: string): boolean => {
    if (!room) {
      return false;
    }
    const step = STEPS[key];
    const factor = { '+': STEP, '=': STEP, '-': 1 / STEP, _: 1 / STEP }[key];
    if (step) {
      map.walk(step);
    } else if (factor) {
      const point = current ? middleOf(current, flight.goal, room) : undefined;
      flight.go(kept(zoomed(flight.goal, room, factor, point), layout), true);
    } else if (key === '0') {
      flight.go(fitting(layout, room), true);
    } else if (key === '1') {
      flight.go(meant(flight.goal, room, map), true);
    } else if (key === 'Home' && layout.items[0]) {
      map.pointAt(layout.items[0].id);
    } else if (key === 'End' && map.head !== null) {
      map.pointAt(map.head);
    } else if (key === 'Enter' && current) {
      if (current.ids.length > 1) {
        map.unfold(current);
      } else {
        onGo(current.id);
      }
    } else if (key === ' ' && current?.ids.length === 1) {
      map.pick(current.id);
    } else if (key === 'ContextMenu' && current) {
      menuOf(current);
    } else {
      return false;
    }
    return true;
  };
  const menuOf = (item: Item): void => {
    const anchor = document.getElementById(domId(name, item)) ?? view.current;
    if (anchor && item.ids.length === 1) {
      onMenu(item, anchor);
    }
  };
  const onContextMenu = (event: MouseEvent<HTMLElement>): void => {
    event.preventDefault();
    event.stopPropagation();
    if (!room) {
      return;
    }
    const box = event.currentTarget.getBoundingClientRect();
    const place = toPlace(camera, room, { x: event.clientX - box.left, y: event.clientY - box.top });
    const isFar = camera.zoom < CARDS;
    const reach = isFar
      ? { lanes: NEAR / laneOf(camera.zoom), rows: NEAR / rowOf(camera.zoom) }
      : { lanes: 0.6, rows: 0.6 };
    const item = nearest(layout, place, reach);
    if (item) {
      map.pointAt(item.id);
      requestAnimationFrame(() => {
        menuOf(item);
      });
    }
  };

  const isCards = camera.zoom >= CARDS;
  const pitch = { x: laneOf(camera.zoom), y: rowOf(camera.zoom) };
  const seen = room && isReady ? inView(map, camera, room, current) : [];
  const offset = room
    ? { x: room.width / 2 - camera.lane * pitch.x, y: room.height / 2 - camera.row * pitch.y }
    : { x: 0, y: 0 };
  return (
    <div
      ref={view}
      className="jp-llmhub-map-view"
      tabIndex={0}
      data-testid="llmhub-map-view"
      data-cards={isCards || undefined}
      data-zoom={camera.zoom.toFixed(3)}
      data-lm-suppress-shortcuts="true"
      aria-label={trans.__('Map of the conversation')}
      aria-describedby={`${name}-help`}
      {...(seen.length > 0
        ? {
            role: 'tree',
            'aria-activedescendant': current ? domId(name, current) : undefined,
            'aria-multiselectable': false
          }
        : { role: 'group', 'aria-busy': true })}
      onKeyDown={onKeyDown}
      onContextMenu={onContextMenu}
    >
      <canvas ref={canvas} aria-hidden="true" />
      <div
        className="jp-llmhub-map-cards"
        role="presentation"
        style={{ transform: `translate(${offset.x}px, ${offset.y}px)` }}
      >
        {seen.map(item => {
          const node = map.node(item.id);
          const beside = item.above?.below ?? [];
          return (
            <MapCard
              key={item.id}
              domId={domId(name, item)}
              messageId={item.id}
              count={item.ids.length}
              x={item.lane * pitch.x}
              y={item.row * pitch.y}
              width={isCards ? pitch.x - GAP.x : Math.max(10, Math.min(pitch.x, pitch.y) + 4)}
              height={isCards ? pitch.y - GAP.y : Math.max(10, Math.min(pitch.x, pitch.y) + 4)}
              isCard={isCards}
              who={node?.role === 'user' ? trans.__('You') : hub.catalogue.label(node?.model ?? '')}
              hue={hueOf(item)}
              at={node?.created_at ?? ''}
              words={map.words(item.id)}
              marks={item.ids.length > 1 ? '' : map.marksOf(item.id).join(' ')}
              isOnPath={map.isOnPath(item.id)}
              isHead={item.ids.includes(map.head ?? '')}
              isCurrent={item === current}
              isPicked={map.picked.includes(item.id)}
              isDim={!map.isFound(item)}
              level={item.row + 1}
              position={Math.max(1, beside.indexOf(item) + 1)}
              beside={Math.max(1, beside.length)}
              branches={item.below.length}
              trans={trans}
            />
          );
        })}
      </div>
      <span id={`${name}-help`} hidden>
        {trans.__(
          'Arrow keys go to the message before, after or beside; Enter shows it in the conversation; Space takes it for comparing; plus and minus zoom; 0 shows all, 1 zooms to 100%; Home goes to the first message, End to where you are.'
        )}
      </span>
    </div>
  );
}

const STEPS: Readonly<Record<string, Step>> = {
  ArrowUp: 'up',
  ArrowDown: 'down',
  ArrowLeft: 'left',
  ArrowRight: 'right'
};

function domId(name: string, item: Item): string {
  return `${name}-${item.id}`;
}

function middleOf({ lane, row }: Item, camera: Camera, room: Room): { x: number; y: number } {
  return {
    x: room.width / 2 + (lane - camera.lane) * laneOf(camera.zoom),
    y: room.height / 2 + (row - camera.row) * rowOf(camera.zoom)
  };
}

/** The cards in view; where there are none, what is around the message that the keys are at: enough to know where one is. */
function inView(map: ConversationMap, camera: Camera, room: Room, current: Item | undefined): Item[] {
  const { rows } = map.layout;
  if (camera.zoom < CARDS) {
    return current ? around(current) : [];
  }
  const from = toPlace(camera, room, { x: 0, y: 0 });
  const to = toPlace(camera, room, { x: room.width, y: room.height });
  const first = Math.max(0, Math.ceil(from.row - 0.6));
  const seen = rows
    .slice(first, Math.max(first, Math.floor(to.row + 0.6) + 1))
    .flatMap(row => between(row, from.lane - 0.6, to.lane + 0.6));
  // What the keys are at is there, wherever one looks meanwhile.
  return !current || seen.includes(current) ? seen : [...seen, current];
}

function around(item: Item): Item[] {
  const beside = item.above?.below ?? [item];
  const at = beside.indexOf(item);
  return [
    ...(item.above ? [item.above] : []),
    ...beside.slice(Math.max(0, at - TOLD), at + TOLD + 1),
    ...item.below.slice(0, TOLD)
  ];
}

/** How large the view is; null until it is known. */
function useRoom(view: { readonly current: HTMLElement | null }): Room | null {
  const [room, setRoom] = useState<Room | null>(null);
  useLayoutEffect(() => {
    const element = view.current;
    if (!element) {
      return;
    }
    const measure = (): void => {
      const { clientWidth: width, clientHeight: height } = element;
      if (width > 0 && height > 0) {
        setRoom(before => (before?.width === width && before.height === height ? before : { width, height }));
      }
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => {
      observer.disconnect();
    };
  }, [view]);
  return room;
}

/** Look at where one is, once there is something to look at. True from then on. */
function useFirstLook(map: ConversationMap, flight: Flight, room: Room | null): boolean {
  const [isReady, setReady] = useState(false);
  const canLook = room !== null && map.layout.items.length > 0;
  useLayoutEffect(() => {
    if (canLook && !isReady) {
      flight.jump(opening(map.layout, room, map.current));
      setReady(true);
    }
  }, [canLook, isReady, room, map, flight]);
  return isReady;
}

/** It knows no element: a map that was closed is not kept for it. */
let known: { key: string; colours: ReturnType<typeof coloursOf> } | null = null;

/** Colours as they are now; looked up once for each theme. */
function coloursFor(element: HTMLElement, key: string): ReturnType<typeof coloursOf> {
  if (known?.key !== key) {
    known = { key, colours: coloursOf(element) };
  }
  return known.colours;
}
