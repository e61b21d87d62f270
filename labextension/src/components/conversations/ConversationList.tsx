import {
  type KeyboardEvent,
  useCallback,
  useEffect,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
  useState
} from 'react';
import { Virtualizer, type VirtualizerHandle } from 'virtua';

import { type Suggestion, suggestions } from '../../model/operators';
import type { ConversationSearch } from '../../model/search';
import type { Selection } from '../../model/selection';
import { useServices } from '../context';
import { useModel, useToday } from '../hooks';
import { useImportDrop } from '../imports/drop';
import { Hits, type HitsHandle } from '../search/Hits';
import { SearchHelp } from '../search/SearchHelp';
import { Suggestions } from '../search/Suggestions';
import { BulkBar } from './BulkBar';
import { type Act, ConversationItem } from './ConversationItem';
import { byDay, type Line } from './days';
import { FolderTree } from './FolderTree';
import { ListTools, ScopeChips } from './ListTools';
import { Nothing } from './Nothing';
import { useFinding, useKnown, useSearch } from './searching';
import { onSecondClick } from './secondClick';
import { SortingCards } from './SortingCards';

const LINE_HEIGHT = 34;
/** Fetch what is further down before the end comes into view. Pixels. */
const NEAR_END = 1500;
/** Lines that Page Up and Page Down go. */
const PAGE = 10;

/** Every conversation, newest first, under the days of their last turn. One tab stop: arrow keys go from line to line. */
export function ConversationList() {
  const { hub, trans, session, openTab } = useServices();
  useModel(session);
  useModel(hub.conversations);
  const search = useModel(useSearch());
  const finding = useFinding();
  const hits = useRef<HitsHandle>(null);
  /** The completion that Enter takes; -1: none. */
  const [picked, setPicked] = useState(-1);
  const suggestionsId = useId();
  const { selection } = session;
  useModel(selection);
  const { today, now } = useToday();
  const [text, setText] = useState('');
  const [active, setActive] = useState<string | null>(null);
  /** The line that takes the focus when it is drawn; counted, so that the same one can take it again. */
  const [focused, setFocused] = useState<string | null>(null);
  const root = useRef<HTMLElement>(null);
  /** Enter was pressed: the first one that is found opens, when it is. */
  const isEntered = useRef(false);
  const field = useRef<HTMLInputElement>(null);
  const view = useRef<HTMLDivElement>(null);
  const virtual = useRef<VirtualizerHandle>(null);
  const { items } = search;

  const { sort } = search.scope;
  // eslint-disable-next-line react-hooks/exhaustive-deps -- `today` stands for the part of `now` that matters
  const lines = useMemo(() => byDay(items, now, trans, sort), [items, today, trans, sort]);
  const ids = useMemo(() => items.map(item => item.id), [items]);
  const listed = useMemo(() => new Set(ids), [ids]);
  const around = useCallback((id: string) => selection.around(id), [selection]);
  useEffect(() => {
    if (selection.size > 0) {
      selection.keep(new Set(ids));
    }
  }, [ids, selection]);
  const current = session.chat.id;
  const known = active !== null && ids.includes(active) ? active : null;
  const reachable = known ?? (current !== null && ids.includes(current) ? current : (ids[0] ?? null));
  const mounted = useMemo(() => {
    const at = lines.findIndex(line => line.key === reachable);
    return at >= 0 ? [at] : [];
  }, [lines, reachable]);

  const find = (wanted: string): void => {
    isEntered.current = false;
    setText(wanted);
    setPicked(-1);
    search.find(wanted);
    finding.find(wanted);
  };
  const completions = suggestions(text, useKnown(text));
  const complete = (suggestion: Suggestion): void => {
    find(suggestion.text);
    field.current?.focus();
  };
  const goTo = (index: number): void => {
    const id = ids[Math.max(0, Math.min(index, ids.length - 1))];
    if (id !== undefined) {
      setActive(id);
      setFocused(id);
      virtual.current?.scrollToIndex(
        lines.findIndex(line => line.key === id),
        { align: 'nearest' }
      );
    }
  };
  const state = useRef({ ids, goTo, known });
  state.current = { ids, goTo, known };

  const act = useCallback<Act>(
    (action, id, title) => {
      switch (action) {
        case 'choose':
          setActive(id);
          selection.toggle(id);
          return;
        case 'extend':
          setActive(id);
          selection.extend(id, state.current.ids, state.current.known);
          return;
        case 'open':
          selection.clear();
          if (session.screen.view === 'conversations') {
            // The list goes away under the pointer: a double click is about the title all the same.
            onSecondClick(() => {
              if (session.chat.id === id) {
                session.beginRename();
              }
            });
          }
          void session.open(id);
          session.focusComposer();
          return;
        case 'tab':
          if (openTab) {
            openTab(id);
          } else {
            void session.open(id);
          }
          return;
        case 'focus':
          setActive(id);
          setFocused(null);
          return;
        case 'rename':
          setActive(id);
          session.titling.beginListed(id);
          return;
        case 'renamed':
          session.titling.beginListed(null);
          setFocused(id);
          if (title !== undefined) {
            void hub.conversations.rename(id, title);
          }
          return;
        case 'delete': {
          const { ids: before, goTo: go } = state.current;
          const at = before.indexOf(id);
          const conversation = search.items.find(item => item.id === id);
          if (conversation) {
            go(at + 1 < before.length ? at + 1 : at - 1);
            hub.deleteConversation(id, conversation);
          }
          return;
        }
      }
    },
    [hub, openTab, search, selection, session]
  );
  const openFound = (): void => {
    if (isEntered.current && !search.isBehind && (ids[0] !== undefined || !finding.isBehind)) {
      isEntered.current = false;
      if (ids[0] !== undefined) {
        act('open', ids[0]);
      } else {
        hits.current?.openFirst();
      }
    }
  };
  useEffect(openFound);
  const onKeyInField = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) {
      return;
    }
    if (event.key === 'Escape') {
      event.preventDefault();
      if (text) {
        find('');
      } else {
        session.screen.show('thread');
        session.focusComposer();
      }
    } else if (event.key === 'ArrowDown') {
      event.preventDefault();
      if (picked + 1 < completions.length) {
        setPicked(picked + 1);
      } else if (ids.length > 0 || !hits.current?.focusFirst()) {
        goTo(0);
      }
    } else if (event.key === 'ArrowUp' && picked >= 0) {
      event.preventDefault();
      setPicked(picked - 1);
    } else if (event.key === 'Enter' && completions[picked]) {
      event.preventDefault();
      complete(completions[picked]);
    } else if (event.key === 'Enter' && text) {
      isEntered.current = true;
      openFound();
    }
  };
  const onKeyInList = (event: KeyboardEvent): void => {
    const target = event.target as HTMLElement;
    if (target.matches('input') || known === null) {
      return;
    }
    const at = ids.indexOf(known);
    const isLine = target.matches('.jp-llmhub-item-open');
    const to = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      Home: 0,
      End: ids.length - 1,
      PageDown: at + PAGE,
      PageUp: at - PAGE
    }[event.key];
    if (to !== undefined && !event.altKey) {
      event.preventDefault();
      if (event.shiftKey && isLine) {
        const next = ids[Math.max(0, Math.min(to, ids.length - 1))];
        if (next !== undefined) {
          selection.extend(next, ids, known);
          goTo(Math.max(0, to));
        }
        return;
      }
      if (event.key === 'ArrowUp' && at === 0) {
        field.current?.focus();
      } else if (event.key !== 'ArrowDown' || to < ids.length || !hits.current?.focusFirst()) {
        goTo(Math.max(0, to));
      }
    } else if (event.key === ' ' && isLine) {
      event.preventDefault();
      selection.toggle(known);
    } else if (event.key.toLowerCase() === 'a' && (event.ctrlKey || event.metaKey) && isLine) {
      event.preventDefault();
      void chooseAll(selection, search);
    } else if (event.key === 'F2') {
      event.preventDefault();
      act('rename', known);
    } else if (event.key === 'Delete' && isLine) {
      event.preventDefault();
      if (selection.has(known)) {
        hub.deleteConversations(items.filter(item => selection.has(item.id)));
        selection.clear();
      } else {
        act('delete', known);
      }
    } else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && isLine) {
      event.preventDefault();
      act('tab', known);
    } else if (event.key === 'Escape' && selection.size > 0) {
      event.preventDefault();
      selection.clear();
    } else if (event.key === 'Escape') {
      event.preventDefault();
      session.screen.show('thread');
      session.focusComposer();
    } else if (isText(event) && isLine) {
      // What is typed looks for a title; the field gets the character, because it has the focus by then.
      field.current?.focus();
    }
  };
  const loadNearEnd = useCallback((): void => {
    const box = view.current;
    if (box && search.hasMore && box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END) {
      void search.more();
    }
  }, [search]);
  useEffect(loadNearEnd);
  useEffect(() => {
    // Other programs may have written conversations.
    void hub.conversations.refresh();
  }, [hub]);
  useEffect(
    () =>
      session.screen.onFind(() => {
        field.current?.focus({ preventScroll: true });
        field.current?.select();
      }),
    [session]
  );
  useLayoutEffect(() => {
    const list = root.current;
    return () => {
      if (list?.contains(document.activeElement)) {
        session.focusComposer();
      }
    };
  }, [session]);

  return (
    <nav
      ref={root}
      className="jp-llmhub-list"
      data-beside={session.screen.view !== 'conversations' || undefined}
      data-searching={text.trim() ? true : undefined}
      aria-label={trans.__('Conversations')}
      data-testid="llmhub-conversation-list"
      {...useImportDrop()}
    >
      <div className="jp-llmhub-list-head">
        <div className="jp-llmhub-search-row">
          <input
            ref={field}
            className="jp-llmhub-field"
            type="search"
            role="combobox"
            aria-expanded={completions.length > 0}
            aria-controls={suggestionsId}
            aria-activedescendant={picked >= 0 ? `${suggestionsId}-${picked}` : undefined}
            aria-autocomplete="list"
            value={text}
            placeholder={trans.__('Search')}
            aria-label={trans.__('Search titles and messages')}
            data-testid="llmhub-conversation-search"
            onChange={event => {
              find(event.target.value);
            }}
            onKeyDown={onKeyInField}
          />
          <SearchHelp
            onPick={typed => {
              find(text.trim() ? `${text.trimEnd()} ${typed}` : typed);
              field.current?.focus();
            }}
          />
          <ListTools search={search} />
        </div>
        {completions.length > 0 && (
          <Suggestions id={suggestionsId} items={completions} at={picked} onPick={complete} />
        )}
      </div>
      <ScopeChips search={search} />
      <FolderTree
        shown={search.scope.folder}
        onShow={folder => {
          search.narrow({ folder });
        }}
      />
      <div
        ref={view}
        className="jp-llmhub-list-items"
        role={lines.length > 0 ? 'grid' : undefined}
        aria-multiselectable={lines.length > 0 || undefined}
        aria-label={lines.length > 0 ? trans.__('Conversations') : undefined}
        aria-rowcount={lines.length > 0 ? (search.hasMore ? -1 : lines.length) : undefined}
        onScroll={loadNearEnd}
        onKeyDown={onKeyInList}
      >
        <Virtualizer
          ref={virtual}
          scrollRef={view}
          data={lines}
          itemSize={LINE_HEIGHT}
          keepMounted={mounted}
          bufferSize={400}
        >
          {(line: Line, index) =>
            line.kind === 'heading' ? (
              <div
                key={line.key}
                className="jp-llmhub-day"
                role="row"
                aria-rowindex={index + 1}
                data-testid="llmhub-day"
              >
                <span role="rowheader">{line.label}</span>
              </div>
            ) : (
              <ConversationItem
                key={line.key}
                conversation={line.conversation}
                row={index + 1}
                query={search.query}
                isCurrent={line.key === current}
                isChosen={selection.has(line.key)}
                around={around}
                isActive={line.key === reachable}
                takesFocus={line.key === focused}
                isRenaming={line.key === session.titling.listed}
                today={today}
                act={act}
              />
            )
          }
        </Virtualizer>
      </div>
      {items.length === 0 && !text.trim() && <Nothing search={search} />}
      <BulkBar selection={selection} search={search} />
      {field.current && (
        <SortingCards
          anchor={field.current}
          onDone={() => {
            selection.clear();
          }}
          onTagGone={(tag, name) => {
            if (search.scope.tag === tag) {
              search.narrow({ tag: name });
            }
          }}
        />
      )}
      {text.trim() && (
        <Hits
          finding={finding}
          handle={hits}
          listed={listed}
          onLeave={() => {
            if (ids.length > 0) {
              goTo(ids.length - 1);
            } else {
              field.current?.focus();
            }
          }}
        />
      )}
    </nav>
  );
}

/** Choose what is there, and with it what is not loaded yet, unless somebody chooses otherwise meanwhile. */
async function chooseAll(selection: Selection, search: ConversationSearch): Promise<void> {
  const idsOf = (): string[] => search.items.map(({ id }) => id);
  selection.all(idsOf());
  const version = selection.version();
  if (search.hasMore && (await search.whole()) && selection.version() === version) {
    selection.all(idsOf());
  }
}

/** Whether a key writes something. */
function isText({ key, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean {
  return Array.from(key).length === 1 && key !== ' ' && !ctrlKey && !metaKey && !altKey;
}
