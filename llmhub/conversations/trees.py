"""A conversation's tree in SQL: the path to a leaf, the siblings beside it, the newest leaf below a message.

The same recursive statements run on SQLite and PostgreSQL. Their cost grows with what is shown, not with the conversation. What
was deleted is in none of them: everything beneath a deleted message is deleted too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import CTE, Connection, Row, and_, bindparam, exists, literal, select

from ..errors import NotFound
from ..messages import Message, parts_adapter
from . import cursors
from .tables import conversations, messages, parts
from .values import Page

NO_LIMIT = 2**31 - 1
_in_conversation = and_(messages.c.conversation_id == bindparam("conversation"), messages.c.deleted_with.is_(None))


def _walk_up() -> CTE:
    """From :leaf towards the root, at most :limit messages: (id, parent_id, depth)."""
    leaf = select(messages.c.id, messages.c.parent_id, literal(1).label("depth"))
    walk = leaf.where(messages.c.id == bindparam("leaf"), _in_conversation).cte("walk", recursive=True)
    parent = messages.alias("parent")
    return walk.union_all(
        select(parent.c.id, parent.c.parent_id, walk.c.depth + 1)
        .join(walk, parent.c.id == walk.c.parent_id)
        .where(walk.c.depth < bindparam("limit"))
    )


def _walk_down() -> CTE:
    """All messages at and below :top."""
    below = select(messages.c.id).where(messages.c.id == bindparam("top"), _in_conversation).cte("below", recursive=True)
    child = messages.alias("child")
    return below.union_all(select(child.c.id).join(below, child.c.parent_id == below.c.id).where(child.c.deleted_with.is_(None)))


_up, _down = _walk_up(), _walk_down()
_child, _sibling = messages.alias("child"), messages.alias("sibling")

PATH = select(messages).join(_up, _up.c.id == messages.c.id).order_by(_up.c.depth.desc())
PATH_PARTS = (
    select(parts.c.message_id, parts.c.body).join(_up, _up.c.id == parts.c.message_id).order_by(parts.c.message_id, parts.c.idx)
)
PATH_SAID = (
    select(messages, parts.c.idx, parts.c.body)
    .join(_up, _up.c.id == messages.c.id)
    .outerjoin(parts, parts.c.message_id == messages.c.id)
    .order_by(_up.c.depth.desc(), parts.c.idx)
)
"""Both at once: a row for each part, and one for a message without parts."""
PATH_SIBLINGS = (
    select(_sibling.c.parent_id, _sibling.c.id)
    .join(_up, _sibling.c.parent_id == _up.c.parent_id)
    .where(_sibling.c.conversation_id == bindparam("conversation"), _sibling.c.deleted_with.is_(None))
    .order_by(_sibling.c.created_at, _sibling.c.id)
)
ROOTS = select(messages.c.id).where(_in_conversation, messages.c.parent_id.is_(None)).order_by(messages.c.created_at, messages.c.id)
NEWEST_LEAF = (
    select(messages.c.id)
    .join(_down, _down.c.id == messages.c.id)
    .where(~exists().where(_child.c.parent_id == messages.c.id, _child.c.deleted_with.is_(None)))
    .order_by(messages.c.created_at.desc(), messages.c.id.desc())
    .limit(1)
)
BELOW = select(_down.c.id)
"""The ids of :top and everything below it."""
OWNED = (
    select(messages).join(conversations).where(messages.c.id == bindparam("message"), conversations.c.owner == bindparam("owner"))
)
BODIES = select(parts.c.body).where(parts.c.message_id == bindparam("message")).order_by(parts.c.idx)
SIBLINGS = (
    select(messages.c.id)
    .where(_in_conversation, messages.c.parent_id == bindparam("parent"))
    .order_by(messages.c.created_at, messages.c.id)
)
WHOLE = select(messages).where(_in_conversation).order_by(messages.c.created_at, messages.c.id)
WHOLE_PARTS = (
    select(parts.c.message_id, parts.c.body).join(messages).where(_in_conversation).order_by(parts.c.message_id, parts.c.idx)
)
TREE = (
    select(
        *(messages.c[name] for name in ("id", "parent_id", "role", "status", "model", "created_at", "pinned")),
        messages.c.starred_at.is_not(None).label("starred"),
    )
    .where(_in_conversation)
    .order_by(messages.c.created_at, messages.c.id)
)
"""Every message without its body, oldest first."""


def path(
    c: Connection, conversation_id: str, leaf: str | None, limit: int | None, cursor: str | None, *, siblings: bool = True
) -> Page[Message]:
    """The last `limit` messages of the path from the root to `leaf`, and a cursor for those above them."""
    if cursor is not None:
        [leaf] = cursors.decode(cursor, 1)
    if leaf is None:
        return Page([])
    where = {"leaf": leaf, "conversation": conversation_id, "limit": NO_LIMIT if limit is None else cursors.size(limit)}
    found: dict[str, tuple[Row[Any], list[Any]]] = {}
    for row in c.execute(PATH_SAID, where):
        said = found.setdefault(row.id, (row, []))[1]
        if row.idx is not None:
            said.append(row.body)
    if not found:
        raise cursors.broken() if cursor is not None else no_message(leaf)
    top = next(iter(found.values()))[0].parent_id
    beside: dict[str | None, list[str]] = defaultdict(list)
    if siblings:
        for parent_id, sibling_id in c.execute(PATH_SIBLINGS, where):
            beside[parent_id].append(sibling_id)
        if top is None:
            beside[None] = list(c.execute(ROOTS, where).scalars())
    return Page(
        [to_message(row, bodies, beside[row.parent_id]) for row, bodies in found.values()],
        None if top is None else cursors.encode(top),
    )


def whole(c: Connection, conversation_id: str) -> list[Message]:
    """Every message with its body, parents before their children, else oldest first."""
    bodies: dict[str, list[Any]] = defaultdict(list)
    for message_id, body in c.execute(WHOLE_PARTS, {"conversation": conversation_id}):
        bodies[message_id].append(body)
    rows = c.execute(WHOLE, {"conversation": conversation_id}).all()
    found = {row.id: to_message(row, bodies.pop(row.id, ()), ()) for row in rows}
    placed: dict[str, Message] = {}
    for message in found.values():
        line: list[Message] = []  # a parent may be younger than its child, where clocks were put back
        at: Message | None = message
        while at is not None and at.id not in placed:
            line.append(at)
            at = found.get(at.parent_id or "")
        placed.update((each.id, each) for each in reversed(line))
    return list(placed.values())


def newest_leaf(c: Connection, conversation_id: str, top: str) -> str:
    """The leaf at or below `top` that was written last: what a branch picker shows when `top` is picked."""
    leaf = c.execute(NEWEST_LEAF, {"top": top, "conversation": conversation_id}).scalar_one_or_none()
    if leaf is None:
        raise no_message(top)
    return leaf


def message(c: Connection, owner: str, message_id: str, *, deleted: bool = False) -> Message:
    """One message, if it is the owner's. `deleted`: also one that was taken away."""
    row = c.execute(OWNED, {"message": message_id, "owner": owner}).one_or_none()
    if row is None or (row.deleted_with is not None and not deleted):
        raise no_message(message_id)
    return to_message(row, bodies_of(c, message_id), siblings_of(c, row.conversation_id, row.parent_id))


def bodies_of(c: Connection, message_id: str) -> Sequence[Any]:
    """The parts of one message, as JSON."""
    return c.execute(BODIES, {"message": message_id}).scalars().all()


def siblings_of(c: Connection, conversation_id: str, parent_id: str | None) -> Sequence[str]:
    """The answers to one parent (or the roots), oldest first."""
    if parent_id is None:
        return c.execute(ROOTS, {"conversation": conversation_id}).scalars().all()
    return c.execute(SIBLINGS, {"conversation": conversation_id, "parent": parent_id}).scalars().all()


def to_message(row: Row[Any], bodies: Iterable[Any], siblings: Iterable[str]) -> Message:
    """A row of `messages` with its parts and siblings as a value."""
    return Message(
        id=row.id,
        conversation_id=row.conversation_id,
        parent_id=row.parent_id,
        role=row.role,
        status=row.status,
        model=row.model,
        parts=parts_adapter.validate_python(tuple(bodies)),
        usage=row.usage,
        finish_reason=row.finish_reason,
        error=row.error,
        created_at=row.created_at,
        sibling_ids=tuple(siblings),
        run_id=row.run_id,
        instruction=row.instruction,
        adapted=tuple(row.adapted or ()),
        pinned=row.pinned,
        starred=row.starred_at is not None,
        rating=row.rating,
    )


def no_message(message_id: str) -> NotFound:
    """The answer to an id that is no message here, or somebody else's."""
    return NotFound(
        "There is no such message.", hint="It may have been deleted. Reload the conversation.", details={"message_id": message_id}
    )
