"""Summaries of older turns, and the messages that a person pinned so that none swallows them.

A summary belongs to a path: it stands for everything up to one message, so that a branch which does not hold that message knows
nothing of it. What it stands for stays as it is. The surprise: undoing deletes none,
it is only not active then; one goes with the message that it reaches to.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from ..errors import NotFound
from ..messages import Message
from . import library, trees
from .tables import messages, parts, summaries
from .values import Summary

_OF = select(summaries).where(summaries.c.conversation_id == bindparam("conversation")).order_by(summaries.c.id)
_THERE = _OF.join(messages, messages.c.id == summaries.c.message_id).where(messages.c.deleted_with.is_(None))
_PINNED = trees.PATH.where(messages.c.pinned)
_PARTS = select(parts.c.message_id, parts.c.body).order_by(parts.c.message_id, parts.c.idx)


def add(c: Connection, owner: str, summary: Summary, client_request_id: str | None) -> None:
    """Write one down. Raises `NotFound` if its conversation or the message that it reaches to is gone."""
    library.require(c, owner, summary.conversation_id, lock=True)
    there = select(messages.c.id).where(messages.c.id == summary.message_id, messages.c.deleted_with.is_(None))
    if c.execute(there).first() is None:
        raise trees.no_message(summary.message_id)
    usage = None if summary.usage is None else summary.usage.model_dump(mode="json", exclude_none=True)
    c.execute(insert(summaries), {**summary.model_dump(), "usage": usage, "client_request_id": client_request_id})


def of(c: Connection, owner: str, conversation_id: str) -> list[Summary]:
    """All of a conversation, oldest first, those that were undone too; none whose message was deleted."""
    library.require(c, owner, conversation_id)
    return of_conversation(c, conversation_id)


def of_conversation(c: Connection, conversation_id: str) -> list[Summary]:
    """The same of a conversation that is known to be the owner's."""
    return [_to_summary(row) for row in c.execute(_THERE, {"conversation": conversation_id})]


def requested(c: Connection, conversation_id: str, client_request_id: str) -> Summary | None:
    """The one that the same request made before."""
    row = c.execute(_OF.where(summaries.c.client_request_id == client_request_id), {"conversation": conversation_id}).first()
    return None if row is None else _to_summary(row)


def change(c: Connection, owner: str, conversation_id: str, summary_id: str, changes: dict[str, Any]) -> Summary:
    """Put other words into it, undo it, or take that back."""
    library.require(c, owner, conversation_id, lock=True)
    where = (summaries.c.id == summary_id, summaries.c.conversation_id == conversation_id)
    if changes:
        c.execute(update(summaries).where(*where).values(**changes))
    row = c.execute(select(summaries).where(*where)).one_or_none()
    if row is None:
        raise no_summary(summary_id)
    return _to_summary(row)


def pinned(c: Connection, owner: str, conversation_id: str, leaf: str) -> list[Message]:
    """The pinned messages of the path to `leaf`, in order, without their siblings."""
    library.require(c, owner, conversation_id)
    where = {"leaf": leaf, "conversation": conversation_id, "limit": trees.NO_LIMIT}
    rows = c.execute(_PINNED, where).all()
    bodies: dict[str, list[Any]] = defaultdict(list)
    for message_id, body in c.execute(_PARTS.where(parts.c.message_id.in_([row.id for row in rows]))) if rows else ():
        bodies[message_id].append(body)
    return [trees.to_message(row, bodies[row.id], ()) for row in rows]


def no_summary(summary_id: str) -> NotFound:
    """The answer to an id that is no summary here, or somebody else's."""
    return NotFound("There is no such summary.", hint="Reload the conversation.", details={"summary_id": summary_id})


def _to_summary(row: Any) -> Summary:
    values: dict[str, Any] = dict(row._mapping)
    del values["client_request_id"]
    return Summary(**values)
