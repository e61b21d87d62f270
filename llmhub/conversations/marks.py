"""What a person thinks of messages: stars, with which they are found again, and ratings of answers, which can be taken out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, null, select, tuple_, update

from ..errors import Invalid
from ..messages import Rating
from . import cursors, excerpts, library, trees
from .tables import conversations, messages, parts
from .values import Page, RatedAnswer, StarredMessage

_ONE = update(messages).where(
    messages.c.id == bindparam("message"),
    messages.c.conversation_id == bindparam("conversation"),
    messages.c.deleted_with.is_(None),
)
_ROLE = select(messages.c.role).where(messages.c.id == bindparam("message"), messages.c.deleted_with.is_(None))
_ALL = (
    select(messages, conversations.c.title)
    .join(conversations, conversations.c.id == messages.c.conversation_id)
    .where(conversations.c.owner == bindparam("owner"), messages.c.deleted_with.is_(None))
)
_STARRED = _ALL.where(messages.c.starred_at.is_not(None)).order_by(messages.c.starred_at.desc(), messages.c.id.desc())
_RATED = _ALL.where(messages.c.rating.is_not(null())).order_by(messages.c.id)
_TEXTS = (
    select(parts.c.message_id, parts.c.body)
    .where(parts.c.message_id.in_(bindparam("ids", expanding=True)), parts.c.type == "text")
    .order_by(parts.c.message_id, parts.c.idx)
)


def mark(c: Connection, owner: str, conversation_id: str, message_id: str, changes: dict[str, Any], now: datetime) -> None:
    """Change `pinned`, `starred` (true keeps the time of the first star) and `rating` (null takes it away)."""
    library.require(c, owner, conversation_id)
    where = {"message": message_id, "conversation": conversation_id}
    values: dict[str, Any] = {"pinned": changes["pinned"]} if "pinned" in changes else {}
    if "starred" in changes:
        values["starred_at"] = now if changes["starred"] else None
    if "rating" in changes:
        if changes["rating"] is not None and c.execute(_ROLE, where).scalar() not in ("assistant", None):
            raise Invalid(
                "Only answers are rated.",
                hint="Star a question instead.",
                details={"errors": {"rating": "is of an answer only"}},
            )
        rating = changes["rating"] and Rating(**changes["rating"], rated_at=now)
        values["rating"] = null() if rating is None else rating.model_dump(mode="json", exclude_none=True)
    if c.execute(_ONE.values(values or {"pinned": messages.c.pinned}), where).rowcount == 0:
        raise trees.no_message(message_id)


def starred(c: Connection, owner: str, limit: int, cursor: str | None) -> Page[StarredMessage]:
    """The owner's starred messages, those starred last first."""
    limit, query = cursors.size(limit), _STARRED
    if cursor is not None:
        at, last = cursors.decode(cursor, 2)
        query = query.where(tuple_(messages.c.starred_at, messages.c.id) < (cursors.decode_time(at), last))
    rows = c.execute(query.limit(limit + 1), {"owner": owner}).all()
    said = _said(c, [row.id for row in rows[:limit]])
    more = cursors.encode(rows[limit - 1].starred_at, rows[limit - 1].id) if len(rows) > limit else None
    items = [
        StarredMessage(
            message_id=row.id,
            conversation_id=row.conversation_id,
            title=row.title,
            role=row.role,
            model=row.model,
            excerpt=excerpts.line(said[row.id]),
            created_at=row.created_at,
            starred_at=row.starred_at,
        )
        for row in rows[:limit]
    ]
    return Page(items, more)


def rated(c: Connection, owner: str, limit: int, cursor: str | None) -> Page[RatedAnswer]:
    """The owner's ratings in the order of the answers, each with the question and the answer as texts."""
    limit, query = cursors.size(limit), _RATED
    if cursor is not None:
        [last] = cursors.decode(cursor, 1)
        query = query.where(messages.c.id > last)
    rows = c.execute(query.limit(limit + 1), {"owner": owner}).all()
    shown = rows[:limit]
    said = _said(c, [id for row in shown for id in (row.id, row.parent_id) if id])
    items = [
        RatedAnswer(
            message_id=row.id,
            conversation_id=row.conversation_id,
            title=row.title,
            model=row.model,
            value=row.rating["value"],
            reason=row.rating.get("reason"),
            text=row.rating.get("text"),
            rated_at=row.rating["rated_at"],
            created_at=row.created_at,
            question=said[row.parent_id],
            answer=said[row.id],
        )
        for row in shown
    ]
    return Page(items, cursors.encode(shown[-1].id) if len(rows) > limit else None)


def _said(c: Connection, ids: Iterable[str]) -> dict[str | None, str]:
    said: dict[str | None, str] = defaultdict(str)
    if ids := list(ids):
        for row in c.execute(_TEXTS, {"ids": ids}):
            said[row.message_id] += row.body.get("text", "")
    return said
