import { addIcon, closeIcon, deleteIcon, filterListIcon, searchIcon } from '@jupyterlab/ui-components';
import { type KeyboardEvent, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';

import { arrowDownIcon, compareIcon, fitIcon, foldIcon, minusIcon } from '../../icons';
import type { ChatModel } from '../../model/chat';
import { fitting, kept, meant, zoomed } from '../../model/map/camera';
import { FEW, type Item } from '../../model/map/lanes';
import { ConversationMap } from '../../model/map/map';
import { isRunning } from '../../model/node';
import { useServices } from '../context';
import { Button, IconButton } from '../controls';
import { useModel } from '../hooks';
import { type MenuItem, openMenu } from '../menu';
import { DeletedBar } from '../message/DeletedBar';
import { errorWords } from '../message/errorWords';
import { Flight } from './flight';
import { MapPreview } from './MapPreview';
import { MapStage } from './MapStage';
import { Icon } from '../Icon';
import { counted } from '../../counts';

/** All of a conversation, with every branch: to see where one is, to go elsewhere, to find, to compare. */
export function View() {
  const { session } = useServices();
  useModel(session);
  return <MapOf key={session.chat.key} chat={session.chat} />;
}

function MapOf({ chat }: { chat: ChatModel }) {
  const { trans, hub, session } = useServices();
  const [map] = useState(() => new ConversationMap({ client: hub.client, chat }));
  const [flight] = useState(() => new Flight());
  const [hovered, setHovered] = useState<Item | null>(null);
  const box = useRef<HTMLDivElement>(null);
  useModel(map);
  const { conversation } = useModel(chat);
  const hasConversation = conversation !== null;

  useEffect(() => {
    void map.load();
    return () => {
      map.dispose();
      flight.dispose();
    };
  }, [map, flight]);

  const isEmpty = map.size === 0;
  const takeKeys = (): void => {
    box.current?.querySelector<HTMLElement>('.jp-llmhub-map-view')?.focus({ preventScroll: true });
  };
  useLayoutEffect(takeKeys, [isEmpty]);

  const go = useCallback(
    (id: string): void => {
      session.screen.show('thread');
      void chat.reveal(id);
    },
    [chat, session]
  );
  const openItemMenu = (item: Item, anchor: HTMLElement): void => {
    const { id } = item;
    const { head } = map;
    const known = chat.node(id)?.message;
    const isWriting = known ? isRunning(known) : map.statusOf(id) === 'running';
    const items: MenuItem[] = [
      {
        label: trans.__('Show in the conversation'),
        testId: 'llmhub-map-go',
        onSelect: () => {
          go(id);
        }
      },
      {
        label: trans.__('Compare with what is shown'),
        icon: compareIcon,
        obstacle: map.isOnPath(id) || head === null ? trans.__('This is what is shown.') : null,
        testId: 'llmhub-map-compare-shown',
        onSelect: () => {
          session.screen.compare([head ?? id, id]);
        }
      },
      {
        label: map.picked.includes(id) ? trans.__('Do not compare') : trans.__('Take for comparing'),
        testId: 'llmhub-map-pick',
        onSelect: () => {
          map.pick(id);
        }
      },
      {
        label: item.below.length > 0 ? trans.__('Delete with all that follows') : trans.__('Delete'),
        icon: deleteIcon,
        isApart: true,
        obstacle: isWriting ? trans.__('It is still being written.') : null,
        testId: 'llmhub-map-delete',
        onSelect: () => {
          void chat.remove(id);
        }
      }
    ];
    // The keys are in the map again when the menu has closed: a card takes no focus.
    const home = anchor.closest<HTMLElement>('.jp-llmhub-map-view') ?? anchor;
    openMenu(anchor, trans.__('What to do with this message'), items, home);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') {
      event.stopPropagation();
      if (map.picked.length > 0) {
        map.unpick();
      } else {
        session.screen.show('thread');
        session.focusComposer();
      }
    }
  };

  const words = map.error && errorWords(map.error, null, trans);
  // Its place is always taken: a map that gave way when the pointer came would slide away from below it.
  const pointed = hovered ?? map.current ?? null;
  return (
    <div
      ref={box}
      className="jp-llmhub-map"
      data-testid="llmhub-map"
      aria-busy={map.isLoading}
      onKeyDown={onKeyDown}
    >
      <MapTools map={map} />
      {words && map.error && (
        <p className="jp-llmhub-error" role="alert">
          {[words.title, map.error.message, words.hint].filter(Boolean).join(' ')}{' '}
          <Button
            onClick={() => {
              void map.load();
            }}
          >
            {trans.__('Try again')}
          </Button>
        </p>
      )}
      {isEmpty ? (
        <div className="jp-llmhub-empty">
          {map.isLoading && hasConversation
            ? trans.__('Loading…')
            : trans.__('Nothing was said here yet. What is asked and answered grows into a map.')}
        </div>
      ) : (
        <div className="jp-llmhub-map-room">
          <MapStage map={map} flight={flight} onGo={go} onMenu={openItemMenu} onHover={setHovered} />
          <Zoom map={map} flight={flight} />
        </div>
      )}
      <DeletedBar chat={chat} onUndo={takeKeys} />
      {map.picked.length > 0 && <Picked map={map} />}
      {pointed && <MapPreview map={map} item={pointed} />}
    </div>
  );
}

/** What is looked for, and what is folded. */
function MapTools({ map }: { map: ConversationMap }) {
  const { trans, hub, session } = useServices();
  const [query, setQuery] = useState('');
  const [models, setModels] = useState<ReadonlySet<string>>(new Set());
  const { found } = map;
  const find = (text: string, wanted: ReadonlySet<string>): void => {
    setQuery(text);
    setModels(wanted);
    map.find(text, wanted);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' || event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      map.nextFound(event.key === 'ArrowUp' || event.shiftKey ? -1 : 1);
    } else if (event.key === 'Escape' && query) {
      event.stopPropagation();
      find('', models);
    }
  };
  return (
    <div className="jp-llmhub-map-tools">
      <span className="jp-llmhub-map-search">
        <Icon of={searchIcon} />
        <input
          type="search"
          className="jp-llmhub-field"
          value={query}
          placeholder={trans.__('Find on the map')}
          aria-label={trans.__('Find on the map')}
          data-testid="llmhub-map-search"
          data-lm-suppress-shortcuts="true"
          onChange={event => {
            find(event.target.value, models);
          }}
          onKeyDown={onKeyDown}
        />
      </span>
      <span
        className="jp-llmhub-map-found"
        role="status"
        data-testid="llmhub-map-found"
        data-finding={found !== null || undefined}
      >
        {found === null
          ? trans._n('%1 message', '%1 messages', counted(map.size))
          : trans.__('%1 of %2', found.toLocaleString(), map.size.toLocaleString())}
        {map.findError && <span title={map.findError.message}> · {trans.__('only first words')}</span>}
      </span>
      {map.models.length > 1 && (
        <IconButton
          icon={filterListIcon}
          label={trans.__('Only some models')}
          testId="llmhub-map-models"
          aria-haspopup="menu"
          aria-pressed={models.size > 0}
          onClick={({ currentTarget }) => {
            openMenu(currentTarget, trans.__('Only some models'), [
              {
                label: trans.__('All models'),
                isToggled: models.size === 0,
                testId: 'llmhub-map-all-models',
                onSelect: () => {
                  find(query, new Set());
                }
              },
              ...map.models.map((model, at) => ({
                label: hub.catalogue.label(model) || model,
                isToggled: models.has(model),
                isApart: at === 0,
                testId: 'llmhub-map-model',
                onSelect: () => {
                  const wanted = new Set(models);
                  if (!wanted.delete(model)) {
                    wanted.add(model);
                  }
                  find(query, wanted);
                }
              }))
            ]);
          }}
        />
      )}
      {map.size > FEW && (
        <IconButton
          icon={foldIcon}
          label={trans.__('Fold long stretches without branches')}
          testId="llmhub-map-fold"
          aria-pressed={map.isFolded}
          onClick={() => {
            map.setFolded(!map.isFolded);
          }}
        />
      )}
      <IconButton
        icon={closeIcon}
        label={trans.__('Back to the conversation')}
        testId="llmhub-map-close"
        onClick={() => {
          session.screen.show('thread');
        }}
      />
    </div>
  );
}

/** With one press. */
const STEP = 1.35;

/** Larger, smaller, all of it, as large as it is meant. */
function Zoom({ map, flight }: { map: ConversationMap; flight: Flight }) {
  const { trans } = useServices();
  const room = (button: HTMLElement): { width: number; height: number } => {
    const view = button.closest('.jp-llmhub-map-room');
    return { width: view?.clientWidth ?? 0, height: view?.clientHeight ?? 0 };
  };
  const zoom = (factor: number) => (event: { currentTarget: HTMLElement }) => {
    flight.go(kept(zoomed(flight.goal, room(event.currentTarget), factor), map.layout), true);
  };
  return (
    <div className="jp-llmhub-map-zoom" role="group" aria-label={trans.__('Zoom')}>
      <IconButton icon={addIcon} label={trans.__('Larger')} testId="llmhub-map-larger" onClick={zoom(STEP)} />
      <IconButton
        icon={minusIcon}
        label={trans.__('Smaller')}
        testId="llmhub-map-smaller"
        onClick={zoom(1 / STEP)}
      />
      <button
        type="button"
        className="jp-llmhub-icon-button jp-llmhub-map-whole"
        title={trans.__('Zoom to 100%')}
        aria-label={trans.__('Zoom to 100%')}
        data-testid="llmhub-map-actual"
        onClick={({ currentTarget }) => {
          flight.go(meant(flight.goal, room(currentTarget), map), true);
        }}
      >
        100%
      </button>
      <IconButton
        icon={fitIcon}
        label={trans.__('Show all')}
        testId="llmhub-map-fit"
        onClick={({ currentTarget }) => {
          flight.go(fitting(map.layout, room(currentTarget)), true);
        }}
      />
      <IconButton
        icon={arrowDownIcon}
        label={trans.__('Show where you are')}
        testId="llmhub-map-here"
        onClick={() => {
          if (map.head !== null) {
            map.pointAt(map.head);
          }
        }}
      />
    </div>
  );
}

/** What was taken for comparing. */
function Picked({ map }: { map: ConversationMap }) {
  const { trans, session } = useServices();
  const [first, second] = map.picked;
  return (
    <div className="jp-llmhub-line" data-testid="llmhub-map-picked">
      <span className="jp-llmhub-line-words">
        {second === undefined
          ? trans.__('One message taken; take another one to compare their branches.')
          : trans.__('Two messages taken.')}
      </span>
      <Button
        icon={compareIcon}
        accent
        testId="llmhub-map-compare"
        disabled={second === undefined}
        onClick={() => {
          if (first !== undefined && second !== undefined) {
            session.screen.compare([first, second]);
          }
        }}
      >
        {trans.__('Compare')}
      </Button>
      <IconButton
        icon={closeIcon}
        label={trans.__('Put back')}
        onClick={() => {
          map.unpick();
        }}
      />
    </div>
  );
}
