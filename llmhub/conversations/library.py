"""Conversations as rows: made, listed, changed, deleted. Never a message's body."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, delete, insert, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from ..errors import NotFound
from . import cursors, folders, trees
from .changes import Changes
from .filters import Filter, among, running
from .tables import conversations, tags
from .titles import titled
from .values import Conversation, Page

Sort = Literal["used", "created", "title"]
_SORTED_BY: Final[dict[Sort, ColumnElement[Any]]] = {
    "used": conversations.c.updated_at,
    "created": conversations.c.created_at,
    "title": conversations.c.title_order,
}

_SHOWN = select(conversations, running.label("running"))
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
    """A conversation without messages; gives its id, or that of the one that the same request made before.

    In a folder it begins with the folder's model, unless another one was given.
    """
    given = changes.columns()
    folders.require(c, owner, folder_id := given.get("folder_id"))
    if folder_id is not None and given.get("model") is None:
        given["model"] = folders.model_of(c, folder_id)
    row: dict[str, Any] = {"params": {}, "pinned": False, "archived": False, **given}
    place: dict[str, Any] = {"id": conversation_id, "owner": owner, "client_request_id": client_request_id}
    made = c.execute(_CREATE[c.dialect.name], {**place, "created_at": now, "updated_at": now, **row})
    if made.rowcount == 1:
        return conversation_id
    return c.execute(_REQUESTED, {"whose": owner, "request": client_request_id}).scalar_one()


def requested(c: Connection, owner: str, client_request_id: str) -> str | None:
    """The conversation that the same request made before."""
    return c.execute(_REQUESTED, {"whose": owner, "request": client_request_id}).scalar_one_or_none()


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


def ids(c: Connection, owner: str) -> list[str]:
    """All the owner's conversations, oldest first."""
    return list(c.execute(select(conversations.c.id).where(conversations.c.owner == owner).order_by(conversations.c.id)).scalars())


def page(
    c: Connection,
    owner: str,
    which: Filter,
    *,
    sort: Sort = "used",
    pinned_first: bool = False,
    limit: int,
    cursor: str | None,
) -> Page[Conversation]:
    """The owner's conversations: those with the newest turn first, or the newest, or by title, those without one last.

    `pinned_first`: the pinned ones stand before all others, each part in its order.
    """
    if not pinned_first or which.pinned is not None:
        return _page(c, owner, which, sort, limit, cursor)
    part, _, inner = (cursor or "pinned.").partition(".")
    if part not in ("pinned", "rest"):
        raise cursors.broken()
    above: list[Conversation] = []
    if part == "pinned":
        pinned = _page(c, owner, replace(which, pinned=True), sort, limit, inner or None)
        if pinned.next is not None:
            return Page(pinned.items, f"pinned.{pinned.next}")
        above, inner = pinned.items, ""
        if len(above) == cursors.size(limit):
            return Page(above, "rest.")
    rest = _page(c, owner, replace(which, pinned=False), sort, cursors.size(limit) - len(above), inner or None)
    return Page([*above, *rest.items], rest.next and f"rest.{rest.next}")


def _page(c: Connection, owner: str, which: Filter, sort: Sort, limit: int, cursor: str | None) -> Page[Conversation]:
    limit = cursors.size(limit)
    where = which.conditions(c, owner)
    key = _SORTED_BY[sort]
    place = tuple_(key, conversations.c.id)
    if cursor is not None:
        where.append(_behind(place, sort, cursor))
    order = (key, conversations.c.id) if sort == "title" else (key.desc(), conversations.c.id.desc())
    rows = c.execute(_SHOWN.add_columns(key.label("sort_key")).where(*where).order_by(*order).limit(limit + 1)).all()
    shown = rows[:limit]
    tagged = tags_of(c, [row.id for row in shown])
    more = None
    if len(rows) > limit:
        last = (shown[-1].sort_key, shown[-1].id)
        more = cursors.encode(*last) if sort == "used" else cursors.encode(sort, *last)
    return Page([_to_conversation(row, tagged[row.id], temporary=False) for row in shown], more)


def _behind(place: Any, sort: Sort, cursor: str) -> ColumnElement[bool]:
    if sort == "used":
        at, last = cursors.decode(cursor, 2)
        return place < (cursors.decode_time(at), last)
    sorted_by, at, last = cursors.decode(cursor, 3)
    if sorted_by != sort:
        raise cursors.broken()
    return place > (at, last) if sort == "title" else place < (cursors.decode_time(at), last)


def change(c: Connection, owner: str, conversation_id: str, changes: Changes) -> None:
    """Apply a PATCH. A head that is no leaf becomes the newest leaf below it."""
    columns = changes.columns()
    folders.require(c, owner, columns.get("folder_id"))  # folders are locked before conversations, here and elsewhere
    require(c, owner, conversation_id, lock=True)
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


def retitle(c: Connection, owner: str, conversation_id: str, before: str | None, title: str) -> bool:
    """Give another title to a conversation that is still called `before`; False: it is not, or not any more."""
    named = conversations.c.title.is_not_distinct_from(before)
    mine = (conversations.c.id == conversation_id, conversations.c.owner == owner)
    done = c.execute(update(conversations).where(*mine, named).values(titled(title)))
    return done.rowcount == 1


def instructions(c: Connection, owner: str, conversation_id: str) -> tuple[str, ...]:
    """What the conversation's folders say to its models, the outermost first."""
    asked = select(conversations.c.folder_id).where(conversations.c.id == conversation_id, conversations.c.owner == owner)
    return folders.instructions_of(c, c.execute(asked).scalar_one_or_none())


def no_conversation(conversation_id: str) -> NotFound:
    """The answer to an id that is no conversation, or somebody else's."""
    return NotFound(
        "There is no such conversation.",
        hint="It may have been deleted. Reload the list.",
        details={"conversation_id": conversation_id},
    )


def tags_of(c: Connection, ids: Iterable[str]) -> Mapping[str, list[str]]:
    """The tags of several conversations."""
    found: dict[str, list[str]] = defaultdict(list)
    asked = select(tags.c.conversation_id, tags.c.tag).where(among(c, tags.c.conversation_id, list(ids)))
    for conversation_id, tag in c.execute(asked.order_by(tags.c.tag)).all():
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
