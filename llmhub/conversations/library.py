"""Conversations as rows: made, listed, changed, deleted. Never a message's body."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, delete, exists, insert, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from ..errors import NotFound
from . import cursors, trees
from .changes import TITLE_CHARS, Changes, fold
from .tables import conversations, runs, tags
from .values import Conversation, Page

LONGEST_QUERY = 2 * TITLE_CHARS
"""No title can hold a longer one, and SQLite refuses a LIKE pattern of 50,000 bytes."""

_running = exists().where(runs.c.conversation_id == conversations.c.id, runs.c.finished_at.is_(None)).label("running")
_SHOWN = select(conversations, _running)
# Built once: to build a statement anew takes as long as to execute it.
_mine = and_(conversations.c.id == bindparam("conversation"), conversations.c.owner == bindparam("owner"))
_ONE = _SHOWN.where(_mine)
_HEAD = select(conversations.c.head_id).where(_mine)
_HEAD_LOCKED = _HEAD.with_for_update()
_REQUESTED = select(conversations.c.id).where(
    conversations.c.owner == bindparam("whose"), conversations.c.client_request_id == bindparam("request")
)
_CREATE = {  # preserve_rowcount: else it is -1 for an INSERT
    dialect.__name__.rpartition(".")[2]: dialect.insert(conversations)
    .on_conflict_do_nothing(index_elements=["owner", "client_request_id"])
    .execution_options(preserve_rowcount=True)
    for dialect in (postgresql, sqlite)
}
_TAGS = select(tags.c.tag).where(tags.c.conversation_id == bindparam("conversation")).order_by(tags.c.tag)


def create(
    c: Connection, owner: str, conversation_id: str, changes: Changes, now: datetime, client_request_id: str | None = None
) -> str:
    """A conversation without messages; gives its id, or that of the one that the same request made before."""
    given = changes.columns()
    require_folder(given.get("folder_id"))
    row: dict[str, Any] = {"params": {}, "pinned": False, "archived": False, **given}
    place: dict[str, Any] = {"id": conversation_id, "owner": owner, "client_request_id": client_request_id}
    made = c.execute(_CREATE[c.dialect.name], {**place, "created_at": now, "updated_at": now, **row})
    if made.rowcount == 1:
        return conversation_id
    return c.execute(_REQUESTED, {"whose": owner, "request": client_request_id}).scalar_one()


def get(c: Connection, owner: str, conversation_id: str, *, temporary: bool) -> Conversation:
    """One conversation, if it is the owner's."""
    row = c.execute(_ONE, {"conversation": conversation_id, "owner": owner}).one_or_none()
    if row is None:
        raise no_conversation(conversation_id)
    return _to_conversation(row, c.execute(_TAGS, {"conversation": conversation_id}).scalars(), temporary)


def require(c: Connection, owner: str, conversation_id: str, *, lock: bool = False) -> str | None:
    """The head of the owner's conversation, or `NotFound`. `lock` makes other writers of it wait (on SQLite there are none)."""
    row = c.execute(_HEAD_LOCKED if lock else _HEAD, {"conversation": conversation_id, "owner": owner}).one_or_none()
    if row is None:
        raise no_conversation(conversation_id)
    return row.head_id


def page(
    c: Connection,
    owner: str,
    *,
    query: str | None,
    folder_id: str | None,
    tag: str | None,
    pinned: bool | None,
    archived: bool | None,
    limit: int,
    cursor: str | None,
) -> Page[Conversation]:
    """The owner's conversations, those with the newest turn first."""
    limit = cursors.size(limit)
    where: list[ColumnElement[bool]] = [conversations.c.owner == owner]
    if cursor is not None:
        at, last = cursors.decode(cursor, 2)
        where.append(tuple_(conversations.c.updated_at, conversations.c.id) < (cursors.decode_time(at), last))
    if not all(cursors.is_text(text) for text in (query, folder_id, tag) if text):
        return Page([])
    if query := (query or "").strip():
        if len(query) > LONGEST_QUERY:
            return Page([])
        where.append(conversations.c.title_key.contains(fold(query), autoescape=True))
    if folder_id is not None:
        where.append(conversations.c.folder_id == folder_id)
    if tag is not None:
        where.append(exists().where(tags.c.conversation_id == conversations.c.id, tags.c.tag == tag))
    if pinned is not None:
        where.append(conversations.c.pinned.is_(pinned))
    if archived is not None:
        where.append(conversations.c.archived.is_(archived))
    newest = (conversations.c.updated_at.desc(), conversations.c.id.desc())
    rows = c.execute(_SHOWN.where(*where).order_by(*newest).limit(limit + 1)).all()
    shown = rows[:limit]
    tagged = _tags(c, [row.id for row in shown])
    more = cursors.encode(shown[-1].updated_at, shown[-1].id) if len(rows) > limit else None
    return Page([_to_conversation(row, tagged[row.id], temporary=False) for row in shown], more)


def change(c: Connection, owner: str, conversation_id: str, changes: Changes) -> None:
    """Apply a PATCH. A head that is no leaf becomes the newest leaf below it."""
    require(c, owner, conversation_id, lock=True)
    columns = changes.columns()
    require_folder(columns.get("folder_id"))
    if "head_id" in columns:
        columns["head_id"] = trees.newest_leaf(c, conversation_id, columns["head_id"])
    if columns:
        c.execute(update(conversations).where(conversations.c.id == conversation_id).values(columns))
    if changes.tags is not None:
        c.execute(delete(tags).where(tags.c.conversation_id == conversation_id))
        if changes.tags:
            c.execute(insert(tags), [{"conversation_id": conversation_id, "tag": tag} for tag in changes.tags])


def remove(c: Connection, owner: str, conversation_id: str) -> None:
    """Delete a conversation with its messages and runs."""
    require(c, owner, conversation_id, lock=True)
    c.execute(delete(conversations).where(conversations.c.id == conversation_id))


def require_folder(folder_id: str | None) -> None:
    """Folders cannot be made yet, so there is none that a conversation could be in."""
    if folder_id is not None:
        raise NotFound("There is no such folder.", hint="Leave folder_id out.", details={"folder_id": folder_id})


def no_conversation(conversation_id: str) -> NotFound:
    """The answer to an id that is no conversation, or somebody else's."""
    return NotFound(
        "There is no such conversation.",
        hint="It may have been deleted. Reload the list.",
        details={"conversation_id": conversation_id},
    )


def _tags(c: Connection, ids: Iterable[str]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    asked = select(tags.c.conversation_id, tags.c.tag).where(tags.c.conversation_id.in_(list(ids)))
    for conversation_id, tag in c.execute(asked.order_by(tags.c.tag)):
        found[conversation_id].append(tag)
    return found


def _to_conversation(row: Row[Any], tagged: Iterable[str], temporary: bool) -> Conversation:
    return Conversation(
        id=row.id,
        title=row.title,
        head_id=row.head_id,
        model=row.model,
        params=row.params,
        folder_id=row.folder_id,
        tags=tuple(tagged),
        pinned=row.pinned,
        archived=row.archived,
        temporary=temporary,
        running=bool(row.running),
        unread=row.unread,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
